package report_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// checkFunnel compares an answer with the oracle's.
func (a asked) checkFunnel(t *testing.T, s *report.Service, project, projectZone string, events []oracle.Event, options map[string]string) {
	t.Helper()
	w := way{options: options}
	p := w.pair(s, "funnel")
	p.name = fmt.Sprint("funnel ", options)
	a.checkIn(t, project, projectZone, events, p)
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
					a.checkFunnel(t, s, project, "Africa/Kigali", events, with(options, "steps", steps))
				}
			}
		}
	}
}

func TestAFunnelThatCannotBeIsRefused(t *testing.T) {
	s := asking(&fake{})
	for _, c := range []struct{ field, steps, option, value string }{
		{"steps", "", "", ""},
		{"steps", "a,b,a", "", ""},
		{"steps", "a,,b", "", ""},
		{"steps", "a,b,c,d,e,f,g,h,i,j,k", "", ""},
		{"steps", "a\x00", "", ""},
		{"steps", strings.Repeat("x", 257), "", ""},
		{"window", "a", "window", "0s"},
		{"window", "a", "window", "367d"},
		{"window", "a", "window", "-1d"},
		{"window", "a", "window", "two weeks"},
		{"order", "a", "order", "any"},
		{"breakdown", "a", "breakdown", "user_id"},
		{"breakdown", "a", "breakdown", "property."},
		{"times", "a", "times", "yes"},
		{"depth", "a", "depth", "3"},
	} {
		q := report.Question{Project: "p", ProjectZone: time.UTC, Options: map[string]string{"steps": c.steps, c.option: c.value}}
		if c.option == "" {
			delete(q.Options, "")
		}
		_, err := s.Answer(t.Context(), "funnel", q)
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%v: %v", q.Options, err)
		}
	}
}
