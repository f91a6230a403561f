package oracle

// UsersOverview is the overview of people.
type UsersOverview struct {
	Totals UsersTotals `json:"totals"`
	Active []Active    `json:"active"`
	Growth []Growth    `json:"growth"`
	Roles  []Role      `json:"roles"`
}

// UsersTotals are over the range.
type UsersTotals struct {
	ActiveUsers int `json:"active_users"`
	NewUsers    int `json:"new_users"`
	TotalUsers  int `json:"total_users"`
	Signups     int `json:"signups"`
	Logins      int `json:"logins"`
}

// Users puts the overview together.
func Users(events []Event, q Question) UsersOverview {
	return UsersOverview{
		Totals: UsersTotals{
			ActiveUsers: ActiveTotal(events, q), NewUsers: NewUsers(events, q), TotalUsers: NewUsers(events, q.sinceEver()),
			Signups: number(events, q, signups), Logins: number(events, q, logins),
		},
		Active: ActiveUsers(events, q), Growth: UserGrowth(events, q), Roles: Roles(events, q),
	}
}

// sinceEver is the question about all that was before the end of the range.
func (q Question) sinceEver() Question {
	q.From = "0001-01-01"
	return q
}

// EventsOverview is the overview of events.
type EventsOverview struct {
	Totals     EventsTotals `json:"totals"`
	Series     []EventPoint `json:"series"`
	Types      []Type       `json:"types"`
	Attendance Attendance   `json:"attendance"`
}

// EventsTotals are over the range.
type EventsTotals struct {
	Events       int `json:"events"`
	Users        int `json:"users"`
	Types        int `json:"types"`
	PageViews    int `json:"page_views"`
	BotPageViews int `json:"bot_page_views"`
}

// EventPoint is what happened in a period.
type EventPoint struct {
	Period    string `json:"period"`
	Events    int    `json:"events"`
	PageViews int    `json:"page_views"`
}

// Events puts the overview together.
func Events(events []Event, pages []View, q Question) EventsOverview {
	all, robots := q, q
	all.Limit, robots.Bot = 0, "true"
	answer := EventsOverview{
		Totals: EventsTotals{
			Events: len(inside(events, q)), Users: People(events, q, func(Event) bool { return true }), Types: len(Types(events, all)),
			PageViews: len(seen(pages, q)), BotPageViews: len(seen(pages, robots)),
		},
		Types: Types(events, q), Attendance: AttendanceTotal(events, q),
	}
	looked := ViewCounts(pages, q)
	for i, p := range Counts(events, q) {
		answer.Series = append(answer.Series, EventPoint{p.Period, p.Events, looked[i].PageViews})
	}
	return answer
}

// SummaryOverview is the overview of everything.
type SummaryOverview struct {
	Totals   SummaryTotals   `json:"totals"`
	Previous *PreviousTotals `json:"previous"`
	Series   SummarySeries   `json:"series"`
	TopPosts []Post          `json:"top_posts"`
	TopTags  []Tag           `json:"top_tags"`
}

// SummaryTotals are over a range.
type SummaryTotals struct {
	ActiveUsers  int `json:"active_users"`
	NewUsers     int `json:"new_users"`
	Events       int `json:"events"`
	PageViews    int `json:"page_views"`
	PostsCreated int `json:"posts_created"`
	Comments     int `json:"comments"`
	Signups      int `json:"signups"`
	Logins       int `json:"logins"`
}

// PreviousTotals are over the range of equal length before.
type PreviousTotals struct {
	From string `json:"from"`
	To   string `json:"to"`
	SummaryTotals
}

// SummarySeries are by period.
type SummarySeries struct {
	Active    []Active        `json:"active"`
	Events    []Count         `json:"events"`
	PageViews []PageViewCount `json:"page_views"`
}

// Summary puts the overview together.
func Summary(events []Event, pages []View, q Question) SummaryOverview {
	answer := SummaryOverview{
		Totals:   summaryTotals(events, pages, q),
		Series:   SummarySeries{ActiveUsers(events, q), Counts(events, q), ViewCounts(pages, q)},
		TopPosts: Posts(events, q), TopTags: Tags(events, q),
	}
	if then := q.daysBefore(); then.From >= "1970-01-01" {
		answer.Previous = &PreviousTotals{then.From, then.To, summaryTotals(events, pages, then)}
	}
	return answer
}

func summaryTotals(events []Event, pages []View, q Question) SummaryTotals {
	return SummaryTotals{
		ActiveUsers: ActiveTotal(events, q), NewUsers: NewUsers(events, q),
		Events: len(inside(events, q)), PageViews: len(seen(pages, q)),
		PostsCreated: number(events, q, creations), Comments: number(events, q, comments),
		Signups: number(events, q, signups), Logins: number(events, q, logins),
	}
}
