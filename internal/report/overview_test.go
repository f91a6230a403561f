package report_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

func TestUsersOverviewAgreesWithTheOracle(t *testing.T) {
	s, events := service(t)
	for _, project := range []string{"Africa/Kigali", "America/New_York"} { // own tables, raw
		for _, role := range []string{"", "core"} {
			a := asked{"Africa/Kigali", "month", "2012-01-15", "2012-09-10", role}
			answer, err := s.Answer(t.Context(), "users", a.forService(t, project, project))
			if err != nil {
				t.Fatal(err)
			}
			got := answer.Data.(*report.UsersOverview)
			q := a.forOracle(t)
			growth := oracle.UserGrowth(events, q)
			born := oracle.NewUsers(events, q)
			history := q
			history.From = "2010-01-01"
			want := report.UsersTotals{
				ActiveUsers: uint64(oracle.ActiveTotal(events, q)),
				NewUsers:    uint64(born),
				TotalUsers:  uint64(oracle.NewUsers(events, history)),
				Signups:     int64(total(oracle.Counts(events, q, "user_signup"))),
			}
			if diff := cmp.Diff(want, got.Totals); diff != "" {
				t.Errorf("totals of %s, role %q: oracle (-), service (+):\n%s", project, role, diff)
			}
			for name, pair := range map[string][2]any{
				"active": {oracle.ActiveUsers(events, q), got.Active},
				"growth": {growth, got.Growth},
				"roles":  {oracle.Roles(events, q), got.Roles},
			} {
				if diff := cmp.Diff(decode(t, pair[0]), decode(t, pair[1])); diff != "" {
					t.Errorf("%s of %s, role %q: oracle (-), service (+):\n%s", name, project, role, diff)
				}
			}
		}
	}
}

func total(counts []oracle.Count) int {
	n := 0
	for _, c := range counts {
		n += c.Events
	}
	return n
}

func TestSummaryComparesWithTheRangeBefore(t *testing.T) {
	s, events := service(t)
	a := asked{"UTC", "week", "2013-02-04", "2013-03-04", ""}
	before := asked{"UTC", "week", "2013-01-07", "2013-02-04", ""}
	answer, err := s.Answer(t.Context(), "summary", a.forService(t, "UTC", "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	got := answer.Data.(*report.SummaryOverview)
	want := &report.SummaryOverview{
		Totals:   summaryTotals(events, a.forOracle(t)),
		Previous: &report.PreviousTotals{From: before.from, To: before.to, SummaryTotals: summaryTotals(events, before.forOracle(t))},
		Series:   report.SummarySeries{},
	}
	for _, p := range oracle.ActiveUsers(events, a.forOracle(t)) {
		want.Series.Active = append(want.Series.Active, report.ActivePoint{Period: p.Period, Users: uint64(p.Users)})
	}
	for _, p := range oracle.Counts(events, a.forOracle(t)) {
		want.Series.Events = append(want.Series.Events, report.CountPoint{Period: p.Period, Events: int64(p.Events)})
		want.Series.PageViews = append(want.Series.PageViews, report.PageViewPoint{Period: p.Period})
	}
	for _, p := range oracle.Posts(events, a.forOracle(t)) {
		want.TopPosts = append(want.TopPosts, report.PostRank{Post: p.Post, Users: uint64(p.Users), Events: uint64(p.Events)})
	}
	for _, p := range oracle.Tags(events, a.forOracle(t)) {
		want.TopTags = append(want.TopTags, report.TagRank{Tag: p.Tag, Users: uint64(p.Users), Events: uint64(p.Events)})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("oracle (-), service (+):\n%s", diff)
	}
}

func summaryTotals(events []oracle.Event, q oracle.Question) report.SummaryTotals {
	return report.SummaryTotals{
		ActiveUsers:  uint64(oracle.ActiveTotal(events, q)),
		NewUsers:     uint64(oracle.NewUsers(events, q)),
		Events:       int64(total(oracle.Counts(events, q))),
		PostsCreated: int64(total(oracle.Counts(events, q, "post_created"))),
		Comments:     int64(total(oracle.Counts(events, q, "comment_added"))),
		Signups:      int64(total(oracle.Counts(events, q, "user_signup"))),
	}
}

func TestThereIsNoRangeBefore1970(t *testing.T) {
	s, _ := service(t)
	a := asked{"UTC", "year", "1975-01-01", "1985-01-01", ""}
	answer, err := s.Answer(t.Context(), "summary", a.forService(t, "UTC", "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Data.(*report.SummaryOverview); got.Previous != nil {
		t.Errorf("previous is %+v", got.Previous)
	}
}

// The small community has a post with views, page views of people and a robot,
// and an event that people attend. Its answers are worked out by hand.
func smallCommunity() ([]oracle.Event, []page) {
	at := func(hour int) time.Time { return time.Date(2026, 5, 10, hour, 20, 0, 0, time.UTC) }
	post := func(id, kind, user string, hour int) oracle.Event {
		return oracle.Event{ID: kind + user, Type: kind, UserID: user, At: at(hour), ObjectType: "post", ObjectID: id, Tags: []string{"go"}}
	}
	attend := func(id, kind, user string) oracle.Event {
		return oracle.Event{ID: kind + user + id, Type: kind, UserID: user, At: at(12), ObjectType: "event", ObjectID: id, Role: "core"}
	}
	seen := func(id, visitor string, hour int, bot bool) page {
		return page{oracle.Event{ID: visitor, AnonymousID: visitor, At: at(hour), ObjectType: "post", ObjectID: id}, bot}
	}
	events := []oracle.Event{
		post("p1", "post_created", "ann", 8), post("p1", "post_viewed", "bob", 9), post("p1", "comment_added", "bob", 9),
		post("p1", "post_liked", "eve", 10), post("p1", "post_shared", "eve", 10), post("p2", "reaction_added", "eve", 11),
		{ID: "n", Type: "notification_sent", UserID: "zoe", At: at(11), ObjectType: "post", ObjectID: "p2"},
		{ID: "l", Type: "login", UserID: "ann", At: at(7)},
		attend("e1", "event_registered", "ann"), attend("e1", "event_registered", "bob"), attend("e2", "event_registered", "ann"),
		attend("e1", "event_attended", "ann"), attend("e1", "event_attended", "eve"), attend("e1", "event_cancelled", "bob"),
	}
	pages := []page{
		seen("p1", "v1", 9, false), seen("p1", "v2", 9, false), seen("p1", "robot", 9, true), seen("p3", "v1", 10, false),
	}
	return events, pages
}

// small stores the small community once, in a project whose days are not UTC's.
func small(t *testing.T) (*report.Service, report.Question) {
	t.Helper()
	s, _ := service(t)
	const project = "small"
	q := asked{"UTC", "day", "2026-05-09", "2026-05-12", ""}.forService(t, project, "Africa/Kigali")
	answer, err := s.Answer(t.Context(), "events/types", q)
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Data.([]report.TypeCount)) == 0 {
		events, pages := smallCommunity()
		if err := store(stand.target, map[string]string{project: "Africa/Kigali"}, events, pages); err != nil {
			t.Fatal(err)
		}
	}
	return s, q
}

// inBothZones asks by stored days and by moments, which must not differ.
func inBothZones(t *testing.T, q report.Question, check func(*testing.T, report.Question)) {
	t.Helper()
	t.Run("by moments", func(t *testing.T) { check(t, q) })
	q.Zone = q.ProjectZone
	t.Run("by stored days", func(t *testing.T) { check(t, q) })
}

func TestPostsOverviewCountsWhatWasDone(t *testing.T) {
	s, q := small(t)
	inBothZones(t, q, func(t *testing.T, q report.Question) {
		answer, err := s.Answer(t.Context(), "posts", q)
		if err != nil {
			t.Fatal(err)
		}
		want := &report.PostsOverview{
			// Four views: one event, three page views; the robot's is none.
			Totals:  report.PostsTotals{Posts: 2, Created: 1, People: 3, Views: 4, Comments: 1, Reactions: 2, Shares: 1},
			Created: []report.CreatedPoint{{"2026-05-09", 0}, {"2026-05-10", 1}, {"2026-05-11", 0}},
			Top: []report.PostContent{
				{PostRank: report.PostRank{Post: "p1", Users: 3, Events: 5}, Views: 3, Comments: 1, Reactions: 1, Shares: 1},
				{PostRank: report.PostRank{Post: "p2", Users: 1, Events: 1}, Reactions: 1},
			},
			Tags: []report.TagRank{{"go", 3, 6}},
		}
		if diff := cmp.Diff(want, answer.Data); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventsOverviewCountsPageViewsAndAttendance(t *testing.T) {
	s, q := small(t)
	users, types := uint64(4), uint64(11)
	rate := 1.0 / 3 // ann at e1, of ann and bob at e1 and ann at e2
	inBothZones(t, q, func(t *testing.T, q report.Question) {
		answer, err := s.Answer(t.Context(), "events", q)
		if err != nil {
			t.Fatal(err)
		}
		got := answer.Data.(*report.EventsOverview)
		got.Types = nil
		want := &report.EventsOverview{
			Totals: report.EventsTotals{Events: 14, Users: &users, Types: &types, PageViews: 3, BotPageViews: 1},
			Series: []report.EventPoint{
				{Period: "2026-05-09"}, {Period: "2026-05-10", Events: 14, PageViews: 3}, {Period: "2026-05-11"},
			},
			Attendance: &report.Attendance{Registered: 3, Attended: 2, Cancelled: 1, ShowRate: &rate},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWithoutRegistrationsThereIsNoShowRate(t *testing.T) {
	s, q := small(t)
	q.Role = "nobody has this role"
	answer, err := s.Answer(t.Context(), "events", q)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer.Data)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"totals":{"events":0,"users":0,"types":0,"page_views":0,"bot_page_views":0},` +
		`"series":[{"period":"2026-05-09","events":0,"page_views":0},{"period":"2026-05-10","events":0,"page_views":0},` +
		`{"period":"2026-05-11","events":0,"page_views":0}],"types":[],` +
		`"attendance":{"registered":0,"attended":0,"cancelled":0,"show_rate":null}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestFiltersByTypeAndObjectTypeNarrowDown(t *testing.T) {
	s, q := small(t)
	inBothZones(t, q, func(t *testing.T, q report.Question) {
		q.Type = "event_registered"
		answer, err := s.Answer(t.Context(), "users/active", q)
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Data.([]report.ActivePoint)[1].Users; got != 2 {
			t.Errorf("%d persons registered, want 2", got)
		}
		q.Type, q.ObjectType = "", "event"
		if answer, err = s.Answer(t.Context(), "events/types", q); err != nil {
			t.Fatal(err)
		}
		want := []report.TypeCount{{"event_registered", 3, 2}, {"event_attended", 2, 2}, {"event_cancelled", 1, 1}}
		if diff := cmp.Diff(want, answer.Data); diff != "" {
			t.Error(diff)
		}
	})
}
