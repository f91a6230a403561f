package report

import "context"

// EventsOverview is the data of the overview of events.
type EventsOverview struct {
	Totals EventsTotals `json:"totals"`
	Series []EventPoint `json:"series"`
	// Types and Attendance are null where raw rows of the range were removed.
	Types      []TypeCount `json:"types" schema:"null"`
	Attendance *Attendance `json:"attendance"`
}

// EventsTotals are over the range. Users and Types are null where raw rows of it
// were removed.
type EventsTotals struct {
	Events       int64   `json:"events"`
	Users        *uint64 `json:"users"` // distinct persons whom events name
	Types        *uint64 `json:"types"` // distinct types
	PageViews    int64   `json:"page_views"`
	BotPageViews int64   `json:"bot_page_views"`
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
	var named *named
	total := a.total()
	err := together(ctx,
		into(&happened, a.series(), a.sums),
		unlessBeyond(a, "totals.users totals.types", &named, total, a.named),
		unlessBeyond(a, "types", &data.Types, total, a.types),
		unlessBeyond(a, "attendance", &data.Attendance, total, a.attendanceTotals),
	)
	data.Totals = EventsTotals{
		Events:       happened.total.events,
		PageViews:    happened.total.pageViews,
		BotPageViews: happened.total.botPageViews,
	}
	if named != nil {
		data.Totals.Users, data.Totals.Types = &named.users, &named.types
	}
	data.Series = seriesOf(happened, func(label string, at sums) EventPoint {
		return EventPoint{label, at.events, at.pageViews}
	})
	return &data, err
}

// named are the totals that do not add up: persons and types.
type named struct{ users, types uint64 }

func (a *asking) named(ctx context.Context, s scope) (*named, error) {
	var t named
	err := a.read(ctx, s.plan(peopleSources), func(scan func(dest ...any) error) error {
		return scan(&t.users, &t.types)
	})
	return &t, err
}

func (a *asking) attendanceTotals(ctx context.Context, s scope) (*Attendance, error) {
	t, err := a.attendance(ctx, s)
	return &t, err
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
