package report

import "context"

// LifecyclePoint is the growth accounting of a period. Active is New, Retained
// and Resurrected; it is also the active persons of the period before, and New,
// and Resurrected, without Churned.
type LifecyclePoint struct {
	Period      string `json:"period" column:"period"`
	Active      uint64 `json:"active"`
	New         uint64 `json:"new"`
	Retained    uint64 `json:"retained"`
	Resurrected uint64 `json:"resurrected"`
	Churned     uint64 `json:"churned"`
}

// lifecycleSources read who was active in which periods, and from there count
// by period and by the gap to the period before in which they were.
var lifecycleSources = []source{
	{"lifecycle_gaps", []string{"gap_day"}, 0, scope.steadyDays, scope.gapParams},
	{"lifecycle_user_month", []string{"persons", "user_month"}, ByRole, scope.wholeMonths, scope.dayNumberParams},
	{"lifecycle_user_day", []string{"persons", "user_day"}, ByRole, scope.wholeDays, scope.dayNumberParams},
	{"lifecycle_raw", []string{"events", "persons"}, eventFields, always, scope.momentParams},
}

// userLifecycle answers with []LifecyclePoint, a point a period. Periods that
// the range cuts are counted whole.
var userLifecycle = Endpoint{
	Path: "users/lifecycle", Definition: define("lifecycle"), Fields: eventFields,
	days:     ofHistory,
	calendar: snapped,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.lifecycle(ctx) },
}

// accounts is what is counted of a period.
type accounts struct{ active, born, retained uint64 }

func (a *asking) lifecycle(ctx context.Context) ([]LifecyclePoint, error) {
	r := a.reaching(snapped, lagged)
	a.noteWhole(r.scope)
	counted, err := a.accounts(ctx, r.scope)
	if err != nil {
		return nil, err
	}
	points := make([]LifecyclePoint, len(r.series))
	for i, p := range r.series {
		now, before := counted[r.at[i]], counted[r.at[i]-1]
		points[i] = LifecyclePoint{
			Period: p.label, Active: now.active, New: now.born, Retained: now.retained,
			Resurrected: now.active - now.born - now.retained,
			Churned:     before.active - now.retained,
		}
	}
	return points, nil
}

// accounts counts each period of a scope. The first one has nothing before it.
func (a *asking) accounts(ctx context.Context, s scope) ([]accounts, error) {
	counted := make([]accounts, len(s.periods))
	err := a.read(ctx, s.plan(lifecycleSources), func(scan func(dest ...any) error) error {
		var period int32
		var at accounts
		if err := scan(&period, &at.active, &at.born, &at.retained); err != nil {
			return err
		}
		counted[period] = at
		return nil
	})
	return counted, err
}

// noteWhole says that an answer is about whole periods where the range cuts
// one.
func (a *asking) noteWhole(s scope) {
	for _, p := range s.periods {
		if p.first.Before(a.question.From) && a.question.From.Before(p.end) || p.first.Before(a.question.To) && a.question.To.Before(p.end) {
			a.note(periodsAreWhole)
		}
	}
}

const periodsAreWhole = "Periods are counted whole, beyond the range where it cuts one."
