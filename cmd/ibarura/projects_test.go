package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// project is a project beside the default one, with its keys.
type project struct{ name, write, read string }

func createProject(t *testing.T, s *instance, name, zone string) project {
	t.Helper()
	ibarura(t, "keys", "project", "create", name, "--zone", zone, "--data-dir", s.dir)
	key := func(scope string) string {
		return strings.TrimSpace(ibarura(t, "keys", "create", "--project", name, "--scope", scope, "--data-dir", s.dir))
	}
	return project{name, key("write"), key("read")}
}

func TestProjectsSeeTheirOwnRowsAloneInTheirOwnZone(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	here := project{"default", s.keys["write"], s.keys["read"]}
	kigali := createProject(t, s, "kigali", "Africa/Kigali")
	t.Run("TheSameEventIsOnTheDayOfEachZone", func(t *testing.T) { sameEventInTwoZones(t, s, here, kigali) })
	t.Run("NoReadPathShowsTheOthersRows", func(t *testing.T) { nothingOfTheOther(t, s, here, kigali) })
	t.Run("AMovedProjectsDaysAreThoseOfItsNewZoneFromThenOn", func(t *testing.T) { movedZone(t, s) })
}

// movedZone has a project move from UTC to New York. Its clock goes back on the
// first date of the new zone, which has the hours of both, as the answers of a
// running server say.
func movedZone(t *testing.T, s *instance) {
	moved := createProject(t, s, "moved", "UTC")
	move := func(zone, from string) (string, error) {
		out, errOut, err := tryIbarura(t, "keys", "project", "set-zone", "moved", "--zone", zone, "--from", from, "--data-dir", s.dir)
		return out + errOut, err
	}
	from := time.Now().UTC().AddDate(0, 0, 10)
	date := func(days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }
	for text, try := range map[string][2]string{"is too early": {"America/New_York", date(-10)}, "no date": {"America/New_York", "soon"}, "Atlantis": {"Sea/Atlantis", date(0)}} {
		if said, err := move(try[0], try[1]); err == nil || !strings.Contains(said, text) {
			t.Errorf("to %s from %s: %v, %q does not say %q", try[0], try[1], err, said, text)
		}
	}
	if said, err := move("America/New_York", date(0)); err != nil || !strings.Contains(said, "New_York from "+date(0)) {
		t.Fatalf("%v: %s", err, said)
	}
	east, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	year, month, day := from.Date()
	begins, ends := time.Date(year, month, day, 0, 0, 0, 0, east), time.Date(year, month, day+1, 0, 0, 0, 0, east)
	hours := int(ends.Sub(begins.Truncate(24 * time.Hour)).Hours())
	var first []struct{ Period string }
	waitFor(t, "the server knows of the move", func() bool {
		s.dataAs(moved.read, "/api/v1/analytics/users/active", url.Values{"from": {date(0)}, "to": {date(1)}, "interval": {"hour"}}, &first)
		return len(first) == hours
	})
	again := first[len(first)-int(ends.Sub(begins).Hours())]
	if want := begins.Format(time.RFC3339); first[0].Period != date(0)+"T00:00:00Z" || again.Period != want {
		t.Errorf("the day begins at %s, and again at %s, want midnight in UTC and %s", first[0].Period, again.Period, want)
	}
}

func sameEventInTwoZones(t *testing.T, s *instance, here, kigali project) {
	const event = `{"id":"same","type":"login","user_id":"u","occurred_at":"2026-03-29T22:30:00Z"}`
	for _, p := range []project{here, kigali} {
		if r := s.post("/api/v1/events?wait=true", p.write, "application/json", []byte(event)); r.status != http.StatusOK || !strings.Contains(string(r.body), `"accepted":1`) {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	type point struct {
		Period string
		Users  int
	}
	for _, c := range []struct {
		who  project
		want []point
	}{
		{here, []point{{"2026-03-29", 1}, {"2026-03-30", 0}}},
		{kigali, []point{{"2026-03-29", 0}, {"2026-03-30", 1}}},
	} {
		var got []point
		s.dataAs(c.who.read, "/api/v1/analytics/users/active", url.Values{"from": {"2026-03-29"}, "to": {"2026-03-31"}}, &got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: wanted (-), answered (+):\n%s", c.who.name, diff)
		}
	}
}

// nothingOfTheOther asks every read path before and after the other project
// writes: its rows change nothing, whatever the answer is made of.
func nothingOfTheOther(t *testing.T, s *instance, here, kigali project) {
	ranges := url.Values{"from": {"2025-01-01"}, "to": {"2027-01-01"}, "interval": {"month"}}
	postTraces(t, s, here, 3)
	before := s.answers(here.read, ranges)
	postTraces(t, s, kigali, 5)
	if diff := cmp.Diff(before, s.answers(here.read, ranges)); diff != "" {
		t.Errorf("what kigali wrote changes what default sees:\n%s", diff)
	}
	before = s.answers(kigali.read, ranges)
	postTraces(t, s, here, 7)
	if diff := cmp.Diff(before, s.answers(kigali.read, ranges)); diff != "" {
		t.Errorf("what default wrote changes what kigali sees:\n%s", diff)
	}
	for _, p := range []struct{ who, other project }{{here, kigali}, {kigali, here}} {
		for path, data := range s.answers(p.who.read, ranges) {
			text := fmt.Sprint(data)
			if strings.Contains(text, p.other.name) {
				t.Errorf("%s shows %s something of %s: %s", path, p.who.name, p.other.name, text)
			}
			if named := strings.HasSuffix(path, "/top") || path == "events/types"; named && !strings.Contains(text, p.who.name) {
				t.Errorf("%s shows %s nothing of its own: %s", path, p.who.name, text)
			}
		}
	}
}

// postTraces posts events and page views that bear the name of their project
// in everything that a report can show.
func postTraces(t *testing.T, s *instance, p project, users int) {
	t.Helper()
	var events, pages strings.Builder
	for i := range users {
		who := fmt.Sprintf(`"id":"%[1]s-%[2]d-%[3]d","user_id":"%[1]s-%[3]d","user_role":"%[1]s-role","occurred_at":"2026-03-10T12:00:00Z"`, p.name, users, i)
		fmt.Fprintf(&events, `{"type":"%[1]s-type","object_type":"post","object_id":"%[1]s-post","tags":["%[1]s-tag"],%[2]s}`+"\n", p.name, who)
		fmt.Fprintf(&pages, `{"url":"https://%[1]s.example/%[1]s",%[2]s}`+"\n", p.name, who)
	}
	for path, body := range map[string]string{"events": events.String(), "pageviews": pages.String()} {
		if r := s.post("/api/v1/"+path+"?wait=true", p.write, ndjson, []byte(body)); r.status != http.StatusOK || !strings.Contains(string(r.body), fmt.Sprintf(`"accepted":%d`, users)) {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
}
