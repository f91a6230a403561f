package oracle

// Answer answers a question about what happened.
type Answer func(events []Event, views []View, q Question) any

// Paths are the questions by the paths at which the API answers them. A new
// question is one more entry.
var Paths = map[string]Answer{
	"users":        ofEvents(Users),
	"posts":        ofAll(PostsOf),
	"events":       ofAll(Events),
	"summary":      ofAll(Summary),
	"users/active": ofEvents(ActiveUsers),
	"users/growth": ofEvents(UserGrowth),

	"users/lifecycle":  ofEvents(LifecycleOf),
	"users/rolling":    ofEvents(RollingOf),
	"users/stickiness": ofEvents(StickinessHistogram),
	"users/retention":  ofEvents(RetentionOf),

	"users/timeline": ofAll(Timeline),

	"events/types": ofEvents(Types),
	"posts/top":    ofEvents(Posts),
	"tags/top":     ofEvents(Tags),

	"posts/engagement": ofAll(PostTrends),
	"posts/one":        ofAll(OnePost),
	"tags/engagement":  ofEvents(TagTrends),
	"pages":            ofAll(Pages),
	"pages/paths":      ofAll(PagePaths),
	"sessions":         ofAll(Sessions),
	"events/series":    ofEvents(EventSeries),
	"users/logins":     ofEvents(Logins),
	"funnel":           ofEvents(AnyFunnel),
	"attendance":       ofEvents(AttendanceByEvent),
	"notifications":    ofEvents(Notifications),
	"messaging":        ofEvents(Messages),
}

// Summed is an answer with what stands beside its data.
type Summed struct {
	Data    any `json:"data"`
	Summary any `json:"summary"`
}

// ofEvents is a question that page views have no part in.
func ofEvents[A any](answer func([]Event, Question) A) Answer {
	return func(events []Event, _ []View, q Question) any { return answer(events, q) }
}

// ofAll is a question about events and page views.
func ofAll[A any](answer func([]Event, []View, Question) A) Answer {
	return func(events []Event, views []View, q Question) any { return answer(events, views, q) }
}
