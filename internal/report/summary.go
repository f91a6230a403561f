package report

import "context"

// SummaryOverview is the data of the overview of everything.
type SummaryOverview struct {
	Totals SummaryTotals `json:"totals"`
	// Previous is the range of equal length before; null where that would
	// begin before 1970, or rows of it were removed for their age.
	Previous *PreviousTotals `json:"previous"`
	Series   SummarySeries   `json:"series"`
	TopPosts []PostRank      `json:"top_posts" schema:"null"`
	TopTags  []TagRank       `json:"top_tags" schema:"null"`
}

// SummaryTotals are over a range.
type SummaryTotals struct {
	ActiveUsers  uint64 `json:"active_users"`
	NewUsers     uint64 `json:"new_users"` // of all roles
	Events       int64  `json:"events"`
	PageViews    int64  `json:"page_views"`
	PostsCreated int64  `json:"posts_created"`
	Comments     int64  `json:"comments"`
	Signups      int64  `json:"signups"`
	Logins       int64  `json:"logins"`
}

// PreviousTotals are over the range before the asked one.
type PreviousTotals struct {
	From string `json:"from" column:"date"`
	To   string `json:"to" column:"date"`
	SummaryTotals
}

// SummarySeries are by period.
type SummarySeries struct {
	Active    []ActivePoint   `json:"active"`
	Events    []CountPoint    `json:"events"`
	PageViews []PageViewPoint `json:"page_views"`
}

// CountPoint is the number of events of a period.
type CountPoint struct {
	Period string `json:"period" column:"period"`
	Events int64  `json:"events"`
}

// PageViewPoint is the number of page views of people in a period.
type PageViewPoint struct {
	Period    string `json:"period" column:"period"`
	PageViews int64  `json:"page_views"`
}

// summaryOverview answers with a SummaryOverview. The filter by role does not apply
// to new users.
var summaryOverview = Endpoint{
	Path: "summary", Definition: define("summary_overview"), Fields: ByRole,
	days:     ofHistory,
	calendar: newCalendar,
	build:    func(ctx context.Context, a *asking) (any, error) { return a.summaryOverview(ctx) },
}

func (a *asking) summaryOverview(ctx context.Context) (*SummaryOverview, error) {
	if a.question.Role != "" {
		a.note(growthIsOfAllRoles)
	}
	var data SummaryOverview
	var now, then measured
	blocks := append(a.measure(&now, a.total(), a.series()),
		into(&data.Series.Active, a.series(), a.activeSeries),
		unlessBeyond(a, "top_posts", &data.TopPosts, a.total(), a.topPosts),
		unlessBeyond(a, "top_tags", &data.TopTags, a.total(), a.topTags),
	)
	previous, exists := a.previous()
	if exists {
		blocks = append(blocks, func(ctx context.Context) error {
			err := together(ctx, a.measure(&then, previous, previous)...)
			if wrong, gone := beyondRetention(err); gone {
				exists, err = false, nil
				a.leaveOut("previous", wrong)
			}
			return err
		})
	}
	if err := together(ctx, blocks...); err != nil {
		return nil, err
	}
	data.Totals = now.totals()
	if exists {
		data.Previous = &PreviousTotals{previous.From.String(), previous.To.String(), then.totals()}
	}
	data.Series.Events = seriesOf(now.happened, func(label string, at sums) CountPoint {
		return CountPoint{label, at.events}
	})
	data.Series.PageViews = seriesOf(now.happened, func(label string, at sums) PageViewPoint {
		return PageViewPoint{label, at.pageViews}
	})
	return &data, nil
}

// previous is the range of equal length before the asked one, as a whole.
func (a *asking) previous() (scope, bool) {
	q := a.question
	days := int(q.To.days() - q.From.days())
	q.From, q.To = q.From.AddDays(-days), q.From
	if q.From.Before(firstDate) {
		return scope{}, false
	}
	return scope{q, newCalendar(q.Zone, whole, q.From, q.To), 0}, true
}

// measured is what the totals are made of.
type measured struct {
	active   uint64
	people   people
	happened series
}

// measure makes the blocks that read the totals of a range: total is all of it
// as one period, counted is the periods of the sums.
func (a *asking) measure(m *measured, total, counted scope) []block {
	return []block{
		into(&m.active, total, a.activeTotal),
		into(&m.people, total, a.people),
		into(&m.happened, counted, a.sums),
	}
}

func (m *measured) totals() SummaryTotals {
	happened := m.happened.total
	return SummaryTotals{
		ActiveUsers:  m.active,
		NewUsers:     m.people.born,
		Events:       happened.events,
		PageViews:    happened.pageViews,
		PostsCreated: happened.postsCreated,
		Comments:     happened.comments,
		Signups:      happened.signups,
		Logins:       happened.logins,
	}
}
