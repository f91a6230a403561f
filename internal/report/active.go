package report

import "context"

// ActivePoint is the number of active persons of a period.
type ActivePoint struct {
	Period string `json:"period" column:"period"`
	Users  uint64 `json:"users"`
}

// activeUsers answers with []ActivePoint, a point a period.
var activeUsers = Endpoint{
	Path: "users/active", Definition: define("active_users"), Fields: eventFields,
	days:     ofRange,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.activeSeries(ctx, a.series()) },
}

func (a *asking) activeSeries(ctx context.Context, s scope) ([]ActivePoint, error) {
	users, err := a.active(ctx, s)
	if err != nil {
		return nil, err
	}
	points := make([]ActivePoint, len(users))
	for i, n := range users {
		points[i] = ActivePoint{s.periods[i].label, n}
	}
	return points, nil
}

// activeTotal returns the active persons of a scope that is one period.
func (a *asking) activeTotal(ctx context.Context, s scope) (uint64, error) {
	users, err := a.active(ctx, s)
	return users[0], err
}

// active returns the active persons of each period.
func (a *asking) active(ctx context.Context, s scope) ([]uint64, error) {
	users := make([]uint64, len(s.periods))
	err := a.read(ctx, s.plan(activeSources), func(scan func(dest ...any) error) error {
		var period int32
		var n uint64
		if err := scan(&period, &n); err != nil {
			return err
		}
		users[period] = n
		return nil
	})
	return users, err
}
