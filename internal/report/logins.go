package report

import "context"

// LoginPoint is the number of logins of a period, and of persons who logged in.
type LoginPoint struct {
	Period string `json:"period" column:"period"`
	Logins uint64 `json:"logins"`
	Users  uint64 `json:"users"`
}

var loginSources = []source{
	{"logins", []string{"events"}, eventFields, always, scope.loginParams},
}

// userLogins answers with []LoginPoint, a point a period.
var userLogins = Endpoint{
	Path: "users/logins", Definition: define("logins_by_period"), Fields: eventFields,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.logins(ctx, a.series()) },
}

func (s scope) loginParams() params {
	return s.momentParams().with(params{"login_types": texts(loginTypes)})
}

func (a *asking) logins(ctx context.Context, s scope) ([]LoginPoint, error) {
	points := make([]LoginPoint, len(s.periods)) // a period without rows is there, with zeros
	for i, p := range s.periods {
		points[i].Period = p.label
	}
	err := a.read(ctx, s.plan(loginSources), func(scan func(dest ...any) error) error {
		var period int32
		var at LoginPoint
		if err := scan(&period, &at.Logins, &at.Users); err != nil {
			return err
		}
		points[period].Logins, points[period].Users = at.Logins, at.Users
		return nil
	})
	return points, err
}
