package report

import "context"

// StickinessPoint is how many persons were active on so many days of the
// range.
type StickinessPoint struct {
	Days  uint32 `json:"days"`
	Users uint64 `json:"users"`
}

// stickinessSources read who was active on which days.
var stickinessSources = []source{
	{"stickiness_user_day", []string{"user_day"}, ByRole, scope.wholeDays, scope.dayNumberParams},
	{"stickiness_raw", []string{"events"}, eventFields, always, scope.momentParams},
}

// userStickiness answers with []StickinessPoint by the number of days; numbers
// that nobody was active on are not listed.
var userStickiness = Endpoint{
	Path: "users/stickiness", Definition: define("stickiness"), Fields: eventFields,
	interval: Day,
	build: func(ctx context.Context, a *asking) (any, error) {
		return rowsOf(ctx, a, a.series().plan(stickinessSources), func(p *StickinessPoint) []any {
			return []any{&p.Days, &p.Users}
		})
	},
}
