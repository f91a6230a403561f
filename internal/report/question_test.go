package report

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func question(t testing.TB, zoneName string) Question {
	t.Helper()
	return Question{Project: "p", ProjectZone: zone(t, zoneName)}
}

func TestTheDefaultRangeIsThirtyLocalDaysWithToday(t *testing.T) {
	now := time.Date(2026, 3, 17, 20, 0, 0, 0, time.UTC) // the 18th in Kathmandu
	for _, c := range []struct {
		name, project, asked string
		from, to             string
		wantFrom, wantTo     string
		zone                 string
	}{
		{name: "nothing given", project: "UTC", wantFrom: "2026-02-16", wantTo: "2026-03-18", zone: "UTC"},
		{name: "today is the asked zone's", project: "UTC", asked: "Asia/Kathmandu", wantFrom: "2026-02-17", wantTo: "2026-03-19", zone: "Asia/Kathmandu"},
		{name: "the zone is the project's", project: "Asia/Kathmandu", wantFrom: "2026-02-17", wantTo: "2026-03-19", zone: "Asia/Kathmandu"},
		{name: "only from", project: "UTC", from: "2026-03-01", wantFrom: "2026-03-01", wantTo: "2026-03-31", zone: "UTC"},
		{name: "only an old from reaches today", project: "UTC", from: "2020-01-01", wantFrom: "2020-01-01", wantTo: "2026-03-18", zone: "UTC"},
		{name: "only to", project: "UTC", to: "2026-01-31", wantFrom: "2026-01-01", wantTo: "2026-01-31", zone: "UTC"},
		{name: "only the earliest to", project: "UTC", to: "1970-01-02", wantFrom: "1970-01-01", wantTo: "1970-01-02", zone: "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := question(t, c.project)
			if c.asked != "" {
				q.Zone = zone(t, c.asked)
			}
			if c.from != "" {
				q.From = date(t, c.from)
			}
			if c.to != "" {
				q.To = date(t, c.to)
			}
			if err := q.Validate(now, DefaultLimits()); err != nil {
				t.Fatal(err)
			}
			got := q.complete(now, 10)
			if got.From.String() != c.wantFrom || got.To.String() != c.wantTo || got.Zone.String() != c.zone {
				t.Errorf("[%s, %s) in %s, want [%s, %s) in %s", got.From, got.To, got.Zone, c.wantFrom, c.wantTo, c.zone)
			}
			if got.Interval != Day || got.Limit != 10 {
				t.Errorf("interval %q, limit %d", got.Interval, got.Limit)
			}
		})
	}
}

func TestAWrongQuestionIsToldItsFieldAndBound(t *testing.T) {
	now := time.Date(2026, 3, 17, 20, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		change  func(*Question)
		code    string
		field   string
		message string
	}{
		{"no project", func(q *Question) { q.Project = "" }, CodeMissing, "project", "project is missing"},
		{"no zone", func(q *Question) { q.ProjectZone = nil }, CodeMissing, "project", "time zone"},
		{"interval", func(q *Question) { q.Interval = "fortnight" }, CodeInvalid, "interval", "hour, day, week, month, quarter, year"},
		{"the interval of totals is ours", func(q *Question) { q.Interval = whole }, CodeInvalid, "interval", "no interval"},
		{"limit", func(q *Question) { q.Limit = 1001 }, CodeOutOfRange, "limit", "limit is 1001; it has to be 1 to 1000"},
		{"negative limit", func(q *Question) { q.Limit = -1 }, CodeOutOfRange, "limit", "1 to 1000"},
		{"early", func(q *Question) { q.From = Date{1969, 12, 31} }, CodeOutOfRange, "from", "1970-01-01"},
		{"late", func(q *Question) { q.To = Date{2149, 6, 7} }, CodeOutOfRange, "to", "2149-06-06"},
		{"empty", func(q *Question) { q.From, q.To = Date{2026, 1, 1}, Date{2026, 1, 1} }, CodeEmptyRange, "to", "half-open"},
		{"turned around", func(q *Question) { q.From, q.To = Date{2026, 1, 2}, Date{2026, 1, 1} }, CodeEmptyRange, "to", "2026-01-02"},
		{"periods", func(q *Question) { q.From, q.To = Date{1990, 1, 1}, Date{2026, 1, 1} }, CodeTooMany, "interval", "13149 periods"},
		{"hours", func(q *Question) { q.Interval, q.From, q.To = Hour, Date{2024, 1, 1}, Date{2026, 1, 1} }, CodeTooMany, "interval", "10000"},
		{"long role", func(q *Question) { q.Role = strings.Repeat("x", 257) }, CodeOutOfRange, "role", "256"},
		{"broken type", func(q *Question) { q.Type = "\xff" }, CodeInvalid, "type", "UTF-8"},
		{"NUL", func(q *Question) { q.ObjectType = "a\x00" }, CodeInvalid, "object_type", "NUL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := question(t, "UTC")
			c.change(&q)
			var wrong *QuestionError
			if err := q.Validate(now, DefaultLimits()); !errors.As(err, &wrong) {
				t.Fatalf("error %v, want a QuestionError", err)
			}
			if wrong.Code != c.code || wrong.Field != c.field || !strings.Contains(wrong.Message, c.message) {
				t.Errorf("%s of %s: %q; want %s of %s: …%s…", wrong.Code, wrong.Field, wrong.Message, c.code, c.field, c.message)
			}
			if !strings.HasPrefix(wrong.Error(), c.field) {
				t.Errorf("%q does not begin with the field", wrong.Error())
			}
		})
	}
}

func TestDatesAreReadStrictly(t *testing.T) {
	for _, s := range []string{"", "2026-1-01", "2026-02-30", "2026-01-01T00:00:00Z", "01.02.2026", " 2026-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		}
	}
	if d := date(t, "2024-02-29"); d != (Date{2024, 2, 29}) {
		t.Errorf("2024-02-29 is read as %s", d)
	}
	if lastDate.String() != "2149-06-06" {
		t.Errorf("the last date is %s", lastDate)
	}
}
