package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// movedZone is Kigali until 2013-09-18, and New York from then on: that day has
// six hours more, as it is not over in New York when it is in Kigali.
const movedZone = "America/New_York;Africa/Kigali<2013-09-18"

func TestAProjectThatMovedIsAnsweredByTheDaysThatAreStored(t *testing.T) {
	s, events := service(t)
	const project = "moved"
	if err := store(stand.target, map[string]string{project: movedZone}, events, nil); err != nil {
		t.Fatal(err)
	}
	zone, err := access.LoadProjectZone(movedZone)
	if err != nil {
		t.Fatal(err)
	}
	raw := s.FromRaw()
	for _, e := range report.Endpoints() {
		t.Run(e.Path, func(t *testing.T) {
			ask := func(s *report.Service, project, asked, from, to, interval string) *report.Answer {
				t.Helper()
				q := movedQuestion(t, project, asked, from, to, interval)
				if project == "moved" {
					q.ProjectZone = zone
				}
				if asked == "" {
					q.Zone = nil
				}
				q.Options = examples(e)
				answer, err := s.Answer(t.Context(), e.Path, q)
				if err != nil {
					t.Fatal(err)
				}
				return answer
			}
			same := func(what string, want, got *report.Answer) {
				t.Helper()
				if diff := cmp.Diff(decode(t, want.Data), decode(t, got.Data)); diff != "" {
					t.Errorf("%s, of %v (-) and %v (+):\n%s", what, want.Meta.Source, got.Meta.Source, diff)
				}
			}
			for _, interval := range []string{"day", "month"} {
				got := ask(s, project, "", "2013-09-01", "2013-10-01", interval)
				same("over the change by "+interval, ask(raw, project, "", "2013-09-01", "2013-10-01", interval), got)
				if got.Meta.Timezone != "America/New_York" || !slices.ContainsFunc(got.Meta.Notes, func(n string) bool { return strings.Contains(n, "Africa/Kigali before 2013-09-18") }) {
					t.Errorf("zone %s, notes %v", got.Meta.Timezone, got.Meta.Notes)
				}
			}
			if e.Path == "users/retention" { // its cohorts are followed beyond the change
				return
			}
			later := ask(s, project, "America/New_York", "2013-11-01", "2013-12-01", "day")
			same("after it", ask(s, "America/New_York", "America/New_York", "2013-11-01", "2013-12-01", "day"), later)
			if plain := ask(s, "America/New_York", "America/New_York", "2013-11-01", "2013-12-01", "day"); e.Path == "users/active" && !slices.Equal(plain.Meta.Source, later.Meta.Source) {
				t.Errorf("read from %v, want %v", later.Meta.Source, plain.Meta.Source)
			}
			same("before it", ask(s, "Africa/Kigali", "Africa/Kigali", "2013-05-01", "2013-08-01", "month"), ask(s, project, "", "2013-05-01", "2013-08-01", "month"))
		})
	}
}

func movedQuestion(t *testing.T, project, zone, from, to, interval string) report.Question {
	t.Helper()
	if zone == "" {
		zone = "UTC"
	}
	projectZone := project
	if project == "moved" {
		projectZone = "UTC"
	}
	return asked{zone, interval, from, to, ""}.forService(t, project, projectZone)
}
