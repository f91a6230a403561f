package report

import "context"

// EventsOverview is the data of the overview of events.
type EventsOverview struct {
	Totals     EventsTotals `json:"totals"`
	Series     []EventPoint `json:"series"`
	Types      []TypeCount  `json:"types"`
	Attendance Attendance   `json:"attendance"`
}

// EventsTotals are over the range.
type EventsTotals struct {
	Events       int64  `json:"events"`
	Users        uint64 `json:"users"` // distinct persons whom events name
	Types        uint64 `json:"types"` // distinct types
	PageViews    int64  `json:"page_views"`
	BotPageViews int64  `json:"bot_page_views"`
}

// EventPoint is what happened in a period.
type EventPoint struct {
	Period    string `json:"period" column:"period"`
	Events    int64  `json:"events"`
	PageViews int64  `json:"page_views"`
}

// Attendance is about events that people attend: distinct persons an event,
// added up.
type Attendance struct {
	Registered uint64 `json:"registered"`
	Attended   uint64 `json:"attended"`
	Cancelled  uint64 `json:"cancelled"`
	// ShowRate is the share of the registered who attended, 0 to 1; null
	// without registrations.
	ShowRate *float64 `json:"show_rate" column:"share"`
}

// eventsOverview answers with an EventsOverview.
var eventsOverview = Endpoint{
	Path: "events", Definition: define("events_overview"), Fields: ByRole,
	days:     ofRange,
	calendar: newCalendar,
	limit:    maxTypes,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.eventsOverview(ctx) },
}

func (a *asking) eventsOverview(ctx context.Context) (*EventsOverview, error) {
	var data EventsOverview
	var happened series
	var named EventsTotals
	total := a.total()
	err := together(ctx,
		into(&happened, a.series(), a.sums),
		into(&named, total, a.named),
		into(&data.Types, total, a.types),
		into(&data.Attendance, total, a.attendance),
	)
	data.Totals = EventsTotals{
		Events:       happened.total.events,
		Users:        named.Users,
		Types:        named.Types,
		PageViews:    happened.total.pageViews,
		BotPageViews: happened.total.botPageViews,
	}
	data.Series = seriesOf(happened, func(label string, at sums) EventPoint {
		return EventPoint{label, at.events, at.pageViews}
	})
	return &data, err
}

// named reads the totals that do not add up: persons and types.
func (a *asking) named(ctx context.Context, s scope) (EventsTotals, error) {
	var t EventsTotals
	err := a.read(ctx, s.plan(peopleSources), func(scan func(dest ...any) error) error {
		return scan(&t.Users, &t.Types)
	})
	return t, err
}

func (a *asking) attendance(ctx context.Context, s scope) (Attendance, error) {
	var t Attendance
	var shown uint64
	err := a.read(ctx, s.plan(attendanceSources), func(scan func(dest ...any) error) error {
		return scan(&t.Registered, &t.Attended, &t.Cancelled, &shown)
	})
	t.ShowRate = share(shown, t.Registered)
	return t, err
}
