package report

import "context"

// UsersOverview is the data of the overview of people.
type UsersOverview struct {
	Totals UsersTotals   `json:"totals"`
	Active []ActivePoint `json:"active"`
	Growth []GrowthPoint `json:"growth"`
	Roles  []RoleCount   `json:"roles" schema:"null"`
}

// UsersTotals are over the range, which they do not exceed.
type UsersTotals struct {
	ActiveUsers uint64 `json:"active_users"`
	NewUsers    uint64 `json:"new_users"`   // of all roles
	TotalUsers  uint64 `json:"total_users"` // of all roles, first seen before the end of the range
	Signups     int64  `json:"signups"`
	Logins      int64  `json:"logins"`
}

// RoleCount is how many persons were active in a role, and what happened in it.
type RoleCount struct {
	Role   string `json:"role"` // empty: events without a role
	Users  uint64 `json:"users"`
	Events int64  `json:"events"`
}

// usersOverview answers with a UsersOverview. The filter by role does not apply to
// growth.
var usersOverview = Endpoint{
	Path: "users", Definition: define("users_overview"), Fields: ByRole,
	days:     ofHistory,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.usersOverview(ctx) },
}

func (a *asking) usersOverview(ctx context.Context) (*UsersOverview, error) {
	var data UsersOverview
	var all people
	var happened series
	total := a.total()
	err := together(ctx,
		into(&data.Totals.ActiveUsers, total, a.activeTotal),
		into(&all, total, a.people),
		into(&happened, total, a.sums),
		into(&data.Active, a.series(), a.activeSeries),
		into(&data.Growth, a.outward(), a.growthSeries),
		unlessBeyond(a, "roles", &data.Roles, total, a.roles),
	)
	data.Totals.NewUsers, data.Totals.TotalUsers = all.born, all.total
	data.Totals.Signups, data.Totals.Logins = happened.total.signups, happened.total.logins
	return &data, err
}

func (a *asking) roles(ctx context.Context, s scope) ([]RoleCount, error) {
	return rowsOf(ctx, a, s.plan(roleSources), func(r *RoleCount) []any {
		return []any{&r.Role, &r.Users, &r.Events}
	})
}
