package report

import "context"

// SessionReport is the sessions of a range, and by the period in which they
// began.
type SessionReport struct {
	Totals Sessions       `json:"totals"`
	Series []SessionPoint `json:"series"`
}

// SessionPoint is the sessions that began in a period.
type SessionPoint struct {
	Period string `json:"period" column:"period"`
	Sessions
}

// Sessions is what sessions were like. Of no sessions there is no share and no
// average: null.
type Sessions struct {
	Sessions uint64   `json:"sessions"`
	Bounces  uint64   `json:"bounces"`
	Rate     *float64 `json:"bounce_rate" column:"share"` // bounces a session, 0 to 1
	Views    uint64   `json:"page_views"`
	Pages    *float64 `json:"pages_per_session"`
	Average  *float64 `json:"average_seconds"`
	Median   *float64 `json:"median_seconds"` // half of them lasted no longer
}

// sessionFields are the filters of sessions: the role narrows down what they
// are made of, the others are about a session's pages.
const sessionFields = ByRole | sessionMarks

// sessionMarks are the filters that the stored sessions know.
const sessionMarks = ByDevice | ByBrowser | ByCountry | ByBot

// sessions answers with a SessionReport, a point a period.
var sessions = Endpoint{
	Path: "sessions", Definition: define("sessions"), Fields: sessionFields,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.sessions(ctx, a.series()) },
}

// sessionRow is a row as it is read.
type sessionRow struct {
	period            int32
	whole             uint8 // 1: it is about all periods
	lasted, median    int64 // milliseconds
	sessions          uint64
	bounces, lookedAt uint64
}

func (a *asking) sessions(ctx context.Context, s scope) (*SessionReport, error) {
	data := SessionReport{Series: make([]SessionPoint, len(s.periods))}
	for i, p := range s.periods {
		data.Series[i].Period = p.label
	}
	rows, err := rowsOf(ctx, a, s.plan(sessionSources), func(r *sessionRow) []any {
		return []any{&r.period, &r.whole, &r.sessions, &r.bounces, &r.lookedAt, &r.lasted, &r.median}
	})
	for _, r := range rows {
		if r.whole == 1 {
			data.Totals = r.rated()
		} else {
			data.Series[r.period].Sessions = r.rated()
		}
	}
	return &data, err
}

// rated works out the shares and averages.
func (r sessionRow) rated() Sessions {
	n := Sessions{Sessions: r.sessions, Bounces: r.bounces, Views: r.lookedAt}
	if n.Sessions == 0 {
		return n
	}
	n.Rate, n.Pages = share(n.Bounces, n.Sessions), share(n.Views, n.Sessions)
	average := float64(r.lasted) / float64(n.Sessions) / 1000
	n.Average, n.Median = &average, seconds(r.median)
	return n
}

// sessionParams ask for the day before the range and one behind it too.
func (s scope) sessionParams() params {
	p := s.momentParams()
	_, to := s.storedDays()
	delete(p, "day_from")
	delete(p, "day_to")
	return p.with(params{
		"day_before": s.eve().String(),
		"day_after":  earlier(to.AddDays(1), lastDate).String(),
	})
}

func (s scope) rankedSessionParams() params {
	return s.sessionParams().with(s.pageParams()).with(params{pagesBy: one(s.Options[pagesBy])})
}
