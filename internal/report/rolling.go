package report

import (
	"context"
	"strconv"

	"ibarura/internal/freshness"
)

// RollingPoint is the number of persons active on a day, and within the 7 days
// and the month that end with it.
type RollingPoint struct {
	Period string `json:"period" column:"period"`
	DAU    uint64 `json:"dau"`
	WAU    uint64 `json:"wau"`
	MAU    uint64 `json:"mau"`
}

// RollingSummary has what follows from rolling users.
type RollingSummary struct {
	Stickiness []RatioPoint `json:"stickiness"`
}

// RatioPoint is the share of the persons of the month who were there on a day,
// 0 to 1; null where there was nobody.
type RatioPoint struct {
	Period string   `json:"period" column:"period"`
	Ratio  *float64 `json:"ratio" column:"share"`
}

const optionMonth = "month_days"

// rollingSources read who was active on which days, and from there the gaps
// between them.
var rollingSources = []source{
	{"rolling_gaps", []string{"gap_day"}, ByRole, scope.wholeDays, scope.rollingGapParams},
	{"rolling_user_day", []string{"user_day"}, ByRole, scope.wholeDays, scope.rollingDayParams},
	{"rolling_raw", []string{"events"}, eventFields, always, scope.rollingParams},
}

// rollingUsers answers with []RollingPoint, a point a day, and a
// RollingSummary.
var rollingUsers = Endpoint{
	Path: "users/rolling", Definition: define("rolling"), Fields: eventFields,
	Options: []Option{{
		Name: optionMonth, Default: "28",
		Help:  "the days of MAU: `28`, so that every window holds the same weekdays, or `30`",
		Check: oneOf("28", "30"),
	}},
	interval: Day,
	days:     ofHistory,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.rolling(ctx) },
}

// month is the number of days of the longest window.
func (s scope) month() int {
	days, _ := strconv.Atoi(s.Options[optionMonth]) // the option has been checked
	return days
}

func (s scope) rollingDayParams() params { return s.dayNumberParams().with(s.windowParams()) }
func (s scope) rollingGapParams() params {
	return s.rollingDayParams().with(s.standing.runParam(freshness.Gaps))
}
func (s scope) rollingParams() params { return s.momentParams().with(s.windowParams()) }
func (s scope) windowParams() params  { return params{"window": strconv.Itoa(s.month())} }

func (a *asking) rolling(ctx context.Context) ([]RollingPoint, error) {
	r := a.reaching(newCalendar, trailing(a.total().month()-1))
	changes, err := a.rollingChanges(ctx, r.scope)
	if err != nil {
		return nil, err
	}
	points := make([]RollingPoint, len(r.series))
	ratios := make([]RatioPoint, len(r.series))
	var now rolled
	next := 0
	for i, p := range r.series {
		for ; next <= r.at[i]; next++ {
			now.add(changes[next])
		}
		points[i] = RollingPoint{p.label, uint64(now.dau), uint64(now.wau), uint64(now.mau)}
		ratios[i] = RatioPoint{p.label, ratio(uint64(now.dau), uint64(now.mau))}
	}
	a.summary = RollingSummary{ratios}
	return points, nil
}

// rolled is what changes from a day to the next.
type rolled struct{ dau, wau, mau int64 }

func (r *rolled) add(change rolled) {
	r.dau += change.dau
	r.wau += change.wau
	r.mau += change.mau
}

// rollingChanges returns the change at each period of a scope of days.
func (a *asking) rollingChanges(ctx context.Context, s scope) ([]rolled, error) {
	changes := make([]rolled, len(s.periods))
	err := a.read(ctx, s.plan(rollingSources), func(scan func(dest ...any) error) error {
		var day int32
		var change rolled
		if err := scan(&day, &change.dau, &change.wau, &change.mau); err != nil {
			return err
		}
		if int(day) < len(changes) { // windows end behind the range, too
			changes[day] = change
		}
		return nil
	})
	return changes, err
}

// ratio returns part over whole; nil without a whole.
func ratio(part, whole uint64) *float64 {
	if whole == 0 {
		return nil
	}
	r := float64(part) / float64(whole)
	return &r
}
