package oracle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
)

// The Python oracle knows neither visitors, nor passive types, nor hours; these
// answers were worked out by hand.

const stream = `
{"id":"1","type":"login","occurred_at":"2026-04-04T14:10:00Z","user_id":"ann","user_role":"core"}
{"id":"1","type":"login","occurred_at":"2026-04-04T14:10:00Z","user_id":"ann","user_role":"core"}
{"id":"2","type":"notification_sent","occurred_at":"2026-04-04T15:10:00Z","user_id":"bob"}
{"id":"3","type":"login","occurred_at":"2026-04-04T15:10:00Z","anonymous_id":"ann"}
{"id":"4","type":"post_created","occurred_at":"2026-04-04T15:40:00Z","object_type":"post","object_id":"p","tags":["x","x"]}
`

func synthetic(t *testing.T) ([]oracle.Event, oracle.Question) {
	t.Helper()
	events, err := oracle.Load(strings.NewReader(strings.TrimSpace(stream)))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Australia/Lord_Howe") // clocks go back 02:00 -> 01:30 on 2026-04-05
	if err != nil {
		t.Fatal(err)
	}
	return events, oracle.Question{
		Zone: zone, Interval: "hour", From: "2026-04-05", To: "2026-04-06", Limit: 10,
		Passive: []string{"notification_sent"},
	}
}

func TestARepeatedHalfHourIsAnHourOfItsOwn(t *testing.T) {
	events, q := synthetic(t)
	got := oracle.ActiveUsers(events, q)
	want := []oracle.Active{
		{Period: "2026-04-05T00:00:00+11:00"},
		{Period: "2026-04-05T01:00:00+11:00", Users: 1},
		{Period: "2026-04-05T01:30:00+10:30", Users: 1},
		{Period: "2026-04-05T02:00:00+10:30"},
	}
	if len(got) != 25 {
		t.Errorf("%d periods, want 25", len(got))
	}
	if diff := cmp.Diff(want, append([]oracle.Active{}, got[0], got[1], got[2], got[3])); diff != "" {
		t.Error(diff)
	}
}

func TestAnHourWhoseOffsetHasSecondsIsFollowedByTheNext(t *testing.T) {
	events, q := synthetic(t)
	monrovia, err := time.LoadLocation("Africa/Monrovia") // 44 minutes and a half behind until 1972-01-07
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].At = time.Date(1972, 1, 6, 22, 50, 0, 0, time.UTC)
	}
	q.Zone, q.From, q.To, q.Kind, q.Periods = monrovia, "1972-01-06", "1972-01-07", "on", 2
	q.Now = events[0].At.AddDate(1, 0, 0)
	got := oracle.Retention(events, q)[22]
	if want := "1972-01-06T22:00:00-00:44"; got.Cohort != want || got.Size != 2 {
		t.Fatalf("%d in %s, want 2 in %s", got.Size, got.Cohort, want)
	}
	if got := got.Cells; *got[0] != 2 || *got[1] != 0 || *got[2] != 0 {
		t.Errorf("%d, %d and %d stayed, want 2, 0 and 0", *got[0], *got[1], *got[2])
	}
}

func TestReceivingIsNotActing(t *testing.T) {
	events, q := synthetic(t)
	if got := oracle.ActiveTotal(events, q); got != 2 {
		t.Errorf("%d active, want 2: the user ann and the visitor ann", got)
	}
	if got := oracle.NewUsers(events, q); got != 2 {
		t.Errorf("%d new, want 2", got)
	}
	want := []oracle.Type{{"login", 2, 2}, {"notification_sent", 1, 1}, {"post_created", 1, 0}}
	if diff := cmp.Diff(want, oracle.Types(events, q)); diff != "" {
		t.Error(diff)
	}
}

func TestAnEventOfNobodyCountsAsAnEvent(t *testing.T) {
	events, q := synthetic(t)
	if diff := cmp.Diff([]oracle.Post{{"p", 0, 1}}, oracle.Posts(events, q)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]oracle.Tag{{"x", 0, 1}}, oracle.Tags(events, q)); diff != "" {
		t.Error(diff)
	}
	want := []oracle.Role{{"", 1, 3}, {"core", 1, 1}}
	if diff := cmp.Diff(want, oracle.Roles(events, q)); diff != "" {
		t.Error(diff)
	}
}

func TestCountsAreByPeriodAndType(t *testing.T) {
	events, q := synthetic(t)
	q.Interval = "day"
	if diff := cmp.Diff([]oracle.Count{{"2026-04-05", 4}}, oracle.Counts(events, q)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]oracle.Count{{"2026-04-05", 2}}, oracle.Counts(events, q, "login")); diff != "" {
		t.Error(diff)
	}
}

func TestABrokenLineIsNamed(t *testing.T) {
	_, err := oracle.Load(strings.NewReader("{\"id\":\"1\"}\nnonsense\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v does not name line 2", err)
	}
}
