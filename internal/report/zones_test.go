package report_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// TestWholeAnswersEqualTheOracleInEveryZone asks every path of the contract in
// every zone by every interval, with and without a role, of the project whose
// days those are, and with a role also of one whose days are others. The other
// paths take turns, so that each meets every zone and every interval: random
// streams meet them everywhere.
func TestWholeAnswersEqualTheOracleInEveryZone(t *testing.T) {
	s, events := service(t)
	for z, zone := range zones {
		for i, interval := range slices.Sorted(maps.Keys(ranges)) {
			t.Run(zone+"/"+interval, func(t *testing.T) {
				t.Parallel()
				cuts := ranges[interval]
				whole, cut := cuts[0], cuts[len(cuts)-1]
				asked{zone, interval, whole[0], whole[1], ""}.checkAll(t, s, events, z+i)
				asked{zone, interval, cut[0], cut[1], []string{"core", "member"}[z%2]}.checkAll(t, s, events, z+i+3)
			})
		}
	}
}

// contract are the paths that oracle.py, which lies beside the checkout,
// answers too.
var contract = []string{
	"users/active", "users/growth", "users/lifecycle", "users/retention", "users/stickiness", "users/rolling",
	"events/types", "posts/top", "tags/top", "funnel",
}

// way is what a path is asked with beside what all have.
type way struct {
	options map[string]string
}

// ways lists the paths that are asked in ways of their own; the others are asked
// once, without.
var ways = map[string][]way{
	"users/retention": {
		{options: map[string]string{"kind": "on", "periods": "12"}},
		{options: map[string]string{"kind": "on_or_after", "periods": "4", "cohort": "comment_added"}},
		{options: map[string]string{"kind": "streak", "periods": "3"}},
	},
	"users/timeline": {{options: map[string]string{"user_id": "79368723b8d1"}}},
	"funnel": {
		{options: map[string]string{"steps": "user_signup,post_created,comment_added"}},
		{options: map[string]string{"steps": "post_created,comment_added", "order": "strict", "times": "true", "window": "36h"}},
		{options: map[string]string{"steps": "post_created,comment_added,post_created2", "breakdown": "role", "times": "true"}},
	},
	"posts/one":     {{options: map[string]string{"object_id": "650111dc8c08"}}},
	"events/series": {{}, {options: map[string]string{"by": "role"}}, {options: map[string]string{"by": "object_type"}}},
}

// checkAll compares the whole answers of the contract, and of every sixth of
// the other paths and ways: which, says turn.
func (a asked) checkAll(t *testing.T, s *report.Service, events []oracle.Event, turn int) {
	t.Helper()
	for _, e := range report.Endpoints() {
		for n, w := range waysOf(e.Path) {
			turn++
			if n == 0 && slices.Contains(contract, e.Path) || turn%6 == 0 {
				a.check(t, a.projects(), events, w.pair(s, e.Path))
			}
		}
	}
}

// projects are the one whose days the question is about, and with a role also
// one with other days.
func (a asked) projects() []string {
	if a.role == "" {
		return []string{a.zone}
	}
	return []string{a.zone, abroad(a.zone)}
}

func waysOf(path string) []way {
	if list, own := ways[path]; own {
		return list
	}
	return []way{{}}
}

// pair is a path, asked in that way, with the oracle's answer.
func (w way) pair(s *report.Service, path string) pair {
	return pair{
		name: path,
		ask: func(ctx context.Context, q report.Question) (*report.Answer, error) {
			q.Options = w.options
			answer, err := s.Answer(ctx, path, q)
			if err == nil && answer.Summary != nil {
				answer.Data = oracle.Summed{Data: answer.Data, Summary: answer.Summary}
			}
			return answer, err
		},
		oracle: func(e []oracle.Event, q oracle.Question) any { return oracle.Paths[path](e, nil, q.With(w.options)) },
	}
}
