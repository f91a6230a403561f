package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planned are the branches of a query as table [from, to), cheapest tables that
// were passed over aside.
func planned(t *testing.T, ask Query, q Question, from, to string) []string {
	t.Helper()
	c, wrong := ask.compile()
	if wrong != nil {
		t.Fatal(wrong)
	}
	q.From, q.To = date(t, from), date(t, to)
	if q.Zone == nil {
		q.Zone = q.ProjectZone
	}
	var list []string
	for _, b := range c.plan(scope{q, newCalendar(q.Zone, whole, q.From, q.To), 0}).branches {
		text := b.source.table
		if b.source.grain <= byDay {
			text += fmt.Sprintf(" [%s, %s)", b.from, b.to)
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func TestAQueryIsReadFromTheCheapestTables(t *testing.T) {
	kigali := question(t, "Africa/Kigali")
	abroad := kigali
	abroad.Zone = zone(t, "America/New_York")
	by := func(q Question, i Interval) Question {
		q.Interval = i
		return q
	}
	eq := func(on, value string) *Condition { return &Condition{Op: "eq", On: on, Values: []string{value}} }
	for _, c := range []struct {
		name     string
		ask      Query
		q        Question
		from, to string
		want     string
	}{
		{"whole months", Query{Metrics: []string{"events"}}, kigali, "2026-01-01", "2026-03-01", "metrics_monthly [2026-01-01, 2026-03-01)"},
		{"months cut at both ends", Query{Metrics: []string{"events"}}, kigali, "2026-01-30", "2026-03-02",
			"metrics_daily [2026-01-30, 2026-02-01) metrics_daily [2026-03-01, 2026-03-02) metrics_monthly [2026-02-01, 2026-03-01)"},
		{"no month whole", Query{Metrics: []string{"events"}}, kigali, "2026-01-30", "2026-02-20", "metrics_daily [2026-01-30, 2026-02-20)"},
		{"quarters", Query{Metrics: []string{"events"}, Dimensions: []string{"period", "role"}}, by(kigali, Quarter), "2026-01-01", "2026-07-01",
			"metrics_monthly [2026-01-01, 2026-07-01)"},
		{"weeks cut", Query{Metrics: []string{"signups"}, Dimensions: []string{"period"}}, by(kigali, Week), "2026-01-03", "2026-01-19",
			"metrics_daily [2026-01-03, 2026-01-05) metrics_weekly [2026-01-05, 2026-01-19)"},
		{"days", Query{Metrics: []string{"events"}, Dimensions: []string{"period"}}, by(kigali, Day), "2026-01-01", "2026-03-01", "metrics_daily [2026-01-01, 2026-03-01)"},
		{"weekdays", Query{Metrics: []string{"events"}, Dimensions: []string{"weekday"}}, kigali, "2026-01-01", "2026-03-01", "metrics_daily [2026-01-01, 2026-03-01)"},
		{"hours of the day", Query{Metrics: []string{"events"}, Dimensions: []string{"hour_of_day"}}, kigali, "2026-01-01", "2026-03-01", "counters_15m"},
		{"abroad", Query{Metrics: []string{"events"}}, abroad, "2026-01-01", "2026-03-01", "counters_15m"},
		{"by property", Query{Metrics: []string{"events"}, Dimensions: []string{"property.plan"}}, kigali, "2026-01-01", "2026-03-01", "events"},
		{"where type", Query{Metrics: []string{"events"}, Where: eq("type", "login")}, kigali, "2026-01-01", "2026-03-01", "metrics_monthly [2026-01-01, 2026-03-01)"},
		{"where tag", Query{Metrics: []string{"events"}, Where: eq("tag", "go")}, kigali, "2026-01-01", "2026-03-01", "events"},
		{"people", Query{Metrics: []string{"active_users"}, Dimensions: []string{"role"}}, kigali, "2026-01-05", "2026-03-01", "user_day [2026-01-05, 2026-03-01)"},
		{"people abroad", Query{Metrics: []string{"active_users"}}, abroad, "2026-01-05", "2026-03-01", "events"},
		{"people of a type", Query{Metrics: []string{"active_users"}, Where: eq("type", "login")}, kigali, "2026-01-05", "2026-03-01", "events"},
		{"tags", Query{Metrics: []string{"active_events"}, Dimensions: []string{"tag"}}, kigali, "2026-01-05", "2026-03-01", "tag_day [2026-01-05, 2026-03-01)"},
		{"a tag", Query{Metrics: []string{"active_events"}, Where: eq("tag", "go")}, kigali, "2026-01-05", "2026-03-01", "tag_day [2026-01-05, 2026-03-01)"},
		{"tags beside a tag", Query{Metrics: []string{"active_events"}, Dimensions: []string{"tag"}, Where: eq("tag", "go")}, kigali, "2026-01-05", "2026-03-01", "events"},
		{"events with several tags", Query{Metrics: []string{"active_events"}}, kigali, "2026-01-05", "2026-03-01", "events"},
		{"objects", Query{Metrics: []string{"object_events"}, Dimensions: []string{"object_id"}}, kigali, "2026-01-05", "2026-03-01", "content_day [2026-01-05, 2026-03-01)"},
		{"two facts", Query{Metrics: []string{"events", "page_views", "active_users"}, Dimensions: []string{"period"}}, by(kigali, Day), "2026-01-05", "2026-01-07",
			"metrics_daily [2026-01-05, 2026-01-07) metrics_daily [2026-01-05, 2026-01-07) user_day [2026-01-05, 2026-01-07)"},
		{"a ratio", Query{Metrics: []string{"events_per_active_user"}}, kigali, "2026-01-05", "2026-01-07", "user_day [2026-01-05, 2026-01-07)"},
		{"new users", Query{Metrics: []string{"new_users"}}, abroad, "2026-01-05", "2026-01-07", "persons"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.q.Interval == "" {
				c.q.Interval = Day
			}
			if diff := cmp.Diff(c.want, strings.Join(planned(t, c.ask, c.q, c.from, c.to), " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAQuerySaysWhyCheaperTablesWerePassedOver(t *testing.T) {
	c, wrong := Query{Metrics: []string{"events"}, Dimensions: []string{"property.plan"}}.compile()
	if wrong != nil {
		t.Fatal(wrong)
	}
	q := question(t, "UTC")
	q.Interval = Day
	got := c.plan(scopeOf(t, q, Day, "2026-01-01", "2026-02-01")).unfit
	want := []string{"metrics_monthly: it has no property", "metrics_weekly: it has no property", "metrics_daily: it has no property", "counters_15m: it has no property"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingOfAClientIsInAStatement(t *testing.T) {
	q := question(t, "UTC")
	q.Interval = Day
	const secret = "sentinel"
	c, wrong := Query{
		Metrics: []string{"events"}, Dimensions: []string{"property." + secret, "tag"},
		Where: &Condition{Op: "and", Of: []*Condition{
			{Op: "in", On: "role", Values: []string{secret}}, {Op: "contains", On: "property." + secret, Values: []string{secret}},
			{Op: "not", Of: []*Condition{{Op: "eq", On: "tag", Values: []string{secret}}}},
		}},
	}.compile()
	if wrong != nil {
		t.Fatal(wrong)
	}
	s := scopeOf(t, q, Day, "2026-01-01", "2026-02-01")
	sql, params := c.sql(s, c.plan(s))
	if strings.Contains(sql, secret) || !strings.Contains(fmt.Sprint(params), secret) {
		t.Errorf("%s\n%v", sql, params)
	}
}
