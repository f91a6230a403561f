package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// method answers one of the questions.
type method func(context.Context, report.Question) (*report.Answer, error)

// at asks the question of a path.
func at(s *report.Service, path string) method {
	return func(ctx context.Context, q report.Question) (*report.Answer, error) { return s.Answer(ctx, path, q) }
}

// pair is a method and the oracle's answer to the same question.
type pair struct {
	name   string
	ask    method
	oracle func([]oracle.Event, oracle.Question) any
}

func periodPairs(s *report.Service) []pair {
	return []pair{
		{"users/active", at(s, "users/active"), func(e []oracle.Event, q oracle.Question) any { return oracle.ActiveUsers(e, q) }},
		{"users/growth", at(s, "users/growth"), func(e []oracle.Event, q oracle.Question) any { return oracle.UserGrowth(e, q) }},
		{"users/lifecycle", at(s, "users/lifecycle"), func(e []oracle.Event, q oracle.Question) any { return oracle.LifecycleOf(e, q) }},
	}
}

func rangePairs(s *report.Service) []pair {
	return []pair{
		{"events/types", at(s, "events/types"), func(e []oracle.Event, q oracle.Question) any { return oracle.Types(e, q) }},
		{"posts/top", at(s, "posts/top"), func(e []oracle.Event, q oracle.Question) any { return oracle.Posts(e, q) }},
		{"tags/top", at(s, "tags/top"), func(e []oracle.Event, q oracle.Question) any { return oracle.Tags(e, q) }},
	}
}

// asked is one question in both forms.
type asked struct {
	zone, interval, from, to, role string
}

func (a asked) forOracle(t testing.TB) oracle.Question {
	return oracle.Question{
		Zone: location(t, a.zone), Interval: a.interval, From: a.from, To: a.to, Now: now, Role: a.role, Limit: 10, Passive: passive,
	}
}

func (a asked) forService(t testing.TB, project, projectZone string) report.Question {
	return report.Question{
		Project: project, ProjectZone: location(t, projectZone), Zone: location(t, a.zone),
		From: day(t, a.from), To: day(t, a.to), Interval: report.Interval(a.interval),
		Filter: report.Filter{Role: a.role},
	}
}

// check asks the projects that are named after their zones.
func (a asked) check(t *testing.T, projects []string, events []oracle.Event, p pair) {
	t.Helper()
	for _, project := range projects {
		a.checkIn(t, project, project, events, p)
	}
}

// checkIn compares the answer of a project with the oracle's, as JSON: names,
// order and numbers.
func (a asked) checkIn(t *testing.T, project, projectZone string, events []oracle.Event, p pair) {
	t.Helper()
	answer, err := p.ask(t.Context(), a.forService(t, project, projectZone))
	if err != nil {
		t.Errorf("%s of %s, %+v: %v", p.name, project, a, err)
		return
	}
	q := a.forOracle(t)
	q.Stored = location(t, projectZone)
	want := decode(t, p.oracle(events, q))
	if diff := cmp.Diff(want, decode(t, answer.Data)); diff != "" {
		t.Errorf("%s of %s, %+v, from %v: oracle (-), service (+):\n%s", p.name, project, a, answer.Meta.Source, diff)
	}
}

func decode(t testing.TB, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// abroad is a project whose stored days are not those of the zone.
func abroad(zone string) string {
	if zone == "America/New_York" {
		return "Pacific/Apia"
	}
	return "America/New_York"
}

var ranges = map[string][][2]string{
	"hour":    {{"2014-03-08", "2014-03-11"}},
	"day":     {{"2011-12-20", "2012-04-10"}, {"2014-10-25", "2014-11-09"}},
	"week":    {{"2011-11-28", "2012-05-07"}, {"2013-03-13", "2014-11-07"}},
	"month":   {{"2012-01-01", "2016-01-01"}, {"2011-12-30", "2014-02-12"}},
	"quarter": {{"2011-10-01", "2014-01-01"}, {"2012-02-29", "2014-05-20"}},
	"year":    {{"2012-01-01", "2015-01-01"}, {"2011-12-31", "2013-06-15"}},
}

func TestTheWholeHistoryEqualsTheOracle(t *testing.T) {
	s, events := service(t)
	a := asked{"UTC", "month", "2010-01-01", "2027-01-01", ""}
	for _, p := range append(append(periodPairs(s), rangePairs(s)...), eventSeries(s)) {
		t.Run(p.name, func(t *testing.T) {
			a.check(t, []string{"UTC", "Pacific/Apia"}, events, p)
		})
	}
}

// eventSeries asks the overview of events for its series alone.
func eventSeries(s *report.Service) pair {
	return pair{
		name: "events",
		ask: func(ctx context.Context, q report.Question) (*report.Answer, error) {
			answer, err := s.Answer(ctx, "events", q)
			if err != nil {
				return nil, err
			}
			data := answer.Data.(*report.EventsOverview)
			series := []oracle.Count{}
			sum := 0
			for _, p := range data.Series {
				series = append(series, oracle.Count{Period: p.Period, Events: int(p.Events)})
				sum += int(p.Events)
			}
			if int64(sum) != data.Totals.Events {
				return nil, fmt.Errorf("the series adds up to %d, the total is %d", sum, data.Totals.Events)
			}
			answer.Data = series
			return answer, nil
		},
		oracle: func(e []oracle.Event, q oracle.Question) any { return oracle.Counts(e, q) },
	}
}
