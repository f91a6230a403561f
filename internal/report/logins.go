package report

import "context"

// LoginPoint is the logins of a period, and the persons who logged in.
type LoginPoint struct {
	Period string `json:"period"`
	Logins uint64 `json:"logins"`
	Users  uint64 `json:"users"`
}

// logins answers with []LoginPoint, a point a period.
var logins = Endpoint{
	Path: "users/logins", Definition: define("login_series"), Fields: eventFields &^ ByType,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.logins(ctx, a.series()) },
}

func (a *asking) logins(ctx context.Context, s scope) ([]LoginPoint, error) {
	points := make([]LoginPoint, len(s.periods))
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

func (s scope) loginParams() params {
	return s.momentParams().with(params{"login_types": texts(loginTypes)})
}
