package report_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// funnelOf is a funnel in both forms.
func (a asked) funnelOf(t *testing.T, project, projectZone string, options map[string]string) (report.Question, oracle.Question) {
	t.Helper()
	q, o := a.forService(t, project, projectZone), a.forOracle(t)
	q.Options = options
	o.Steps = strings.Split(options["steps"], ",")
	o.Strict = options["order"] == "strict"
	o.Breakdown = options["breakdown"]
	o.Window = 14 * 24 * time.Hour
	if hours, is := strings.CutSuffix(options["window"], "h"); is {
		var n int
		if _, err := fmt.Sscan(hours, &n); err != nil {
			t.Fatal(err)
		}
		o.Window = time.Duration(n) * time.Hour
	}
	return q, o
}

// checkFunnel compares an answer with the oracle's.
func checkFunnel(t *testing.T, s *report.Service, q report.Question, o oracle.Question, events []oracle.Event) {
	t.Helper()
	answer, err := s.Answer(t.Context(), "funnel", q)
	if err != nil {
		t.Fatal(err)
	}
	var want any = oracle.Funnel(events, o)
	if q.Options["times"] == "true" || o.Breakdown != "" {
		want = reduced(t, oracle.FunnelWays(events, o), o.Breakdown != "", q.Options["times"] == "true")
	}
	if diff := cmp.Diff(decode(t, want), decode(t, answer.Data)); diff != "" {
		t.Errorf("%v of %s in %s: oracle (-), service (+):\n%s", q.Options, q.Project, q.Zone, diff)
	}
}

// reduced leaves out what was not asked for.
func reduced(t *testing.T, ways []oracle.StepWay, broken, timed bool) any {
	t.Helper()
	list := decode(t, ways).([]any)
	for _, row := range list {
		fields := row.(map[string]any)
		if !broken {
			delete(fields, "value")
		}
		if !timed {
			delete(fields, "median_seconds")
			delete(fields, "p90_seconds")
		}
	}
	return list
}

var funnelOptions = []map[string]string{
	{},
	{"order": "strict"},
	{"times": "true"},
	{"breakdown": "role"},
	{"breakdown": "property.plan", "order": "strict", "times": "true"},
	{"breakdown": "property.plan", "times": "true", "window": "2h"},
	{"window": "30h"},
}

// with adds an option to a copy of others.
func with(options map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for n, v := range options {
		all[n] = v
	}
	return all
}

func TestFunnelsEqualTheOracleInEveryZone(t *testing.T) {
	s, events := service(t)
	for z, zone := range zones {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			for i, options := range funnelOptions {
				a := asked{zone, "month", "2011-12-30", "2014-02-12", roles[(z+i)%len(roles)]}
				for _, project := range []string{zone, abroad(zone)} {
					q, o := a.funnelOf(t, project, project, with(options, "steps", "user_signup,post_created,comment_added"))
					checkFunnel(t, s, q, o, events)
				}
			}
		})
	}
}

// crowded makes steps of a few persons with many ties in time and repetitions.
func crowded(seed uint64) []oracle.Event {
	random := rand.New(rand.NewPCG(seed, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var events []oracle.Event
	for i := range 700 {
		events = append(events, oracle.Event{
			ID:   fmt.Sprint(i),
			Type: pick("a", "b", "c", "d", "notification_sent", "else"),
			// Minutes apart, so that ties are common; over a midnight.
			At:         time.Date(2024, 3, 9, 22, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(240)) * time.Minute),
			UserID:     pick("", "", fmt.Sprint(random.IntN(60)), fmt.Sprint(random.IntN(60)), fmt.Sprint(random.IntN(60))),
			Role:       pick("", "core", "member"),
			ObjectType: pick("", "post"),
			Properties: map[string]string{"plan": pick("free", "paid", "it's")},
		})
		if e := &events[i]; e.UserID == "" {
			e.AnonymousID = pick("", "ann", "visitor")
		}
	}
	return events
}

func TestFunnelsEqualTheOracleWhereTimesAreTies(t *testing.T) {
	s, _ := service(t)
	for seed := range uint64(4) {
		events := crowded(seed)
		project := fmt.Sprint("crowded", seed)
		if err := store(stand.target, map[string]string{project: "Africa/Kigali"}, events, nil); err != nil {
			t.Fatal(err)
		}
		for _, steps := range []string{"a", "a,b", "b,a,c", "a,b,c,d", "d,notification_sent,c,b,a", "c,nothing,a"} {
			for _, zone := range []string{"Africa/Kigali", "America/New_York"} {
				for i, options := range append(funnelOptions, map[string]string{"window": "1h", "times": "true"}) {
					a := asked{zone, "month", "2024-03-09", "2024-03-10", roles[i%len(roles)]}
					q, o := a.funnelOf(t, project, "Africa/Kigali", with(options, "steps", steps))
					checkFunnel(t, s, q, o, events)
				}
			}
		}
	}
}
