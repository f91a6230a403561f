package report_test

import (
	"context"
	"strconv"
	"testing"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// dayPairs are by the day, or about days, whatever interval is asked for.
func dayPairs(s *report.Service) []pair {
	return []pair{
		{"users/rolling", at(s, "users/rolling"), func(e []oracle.Event, q oracle.Question) any { return oracle.RollingUsers(e, q) }},
		{"users/stickiness", at(s, "users/stickiness"), func(e []oracle.Event, q oracle.Question) any { return oracle.StickinessHistogram(e, q) }},
	}
}

func TestQuestionsByTheDayEqualTheOracleInEveryZone(t *testing.T) {
	s, events := service(t)
	for z, zone := range zones {
		for i, cut := range [][2]string{{"2011-12-20", "2012-01-20"}, {"2014-10-25", "2014-11-09"}, {"2015-03-17", "2015-04-18"}} {
			t.Run(zone+"/"+cut[0], func(t *testing.T) {
				t.Parallel()
				a := asked{zone, []string{"day", "month"}[i%2], cut[0], cut[1], roles[(z+i)%len(roles)]}
				for _, p := range dayPairs(s) {
					a.check(t, []string{zone, abroad(zone)}, events, p)
				}
			})
		}
	}
}

// retained is a question about retention beyond what asked says.
type retained struct {
	kind    string
	periods string
	cohort  string
}

var retentions = []retained{
	{"on", "12", ""}, {"on_or_after", "3", ""}, {"streak", "5", ""},
	{"on", "3", "comment_added"}, {"on_or_after", "12", "post_created"}, {"streak", "2", "user_signup"},
}

func retentionPair(s *report.Service, r retained) pair {
	return pair{
		name: "users/retention " + r.kind + " " + r.cohort,
		ask: func(ctx context.Context, q report.Question) (*report.Answer, error) {
			q.Options = map[string]string{"kind": r.kind, "periods": r.periods, "cohort": r.cohort}
			answer, err := s.Answer(ctx, "users/retention", q)
			if err != nil {
				return nil, err
			}
			answer.Data = []any{answer.Data, answer.Summary.(report.RetentionSummary).Average}
			return answer, nil
		},
		oracle: func(e []oracle.Event, q oracle.Question) any {
			q.Kind, q.Cohort = r.kind, r.cohort
			q.Periods, _ = strconv.Atoi(r.periods)
			rows := oracle.Retention(e, q)
			return []any{rows, oracle.Average(rows, q.Periods)}
		},
	}
}

func TestRetentionEqualsTheOracleInEveryZone(t *testing.T) {
	s, events := service(t)
	n := 0
	for z, zone := range zones {
		for interval, cut := range map[string][2]string{
			"hour": {"2014-03-08", "2014-03-10"}, "day": {"2011-12-20", "2012-01-10"}, "week": {"2011-11-28", "2012-02-01"},
			"month": {"2026-01-05", "2026-10-03"}, "quarter": {"2012-02-29", "2014-05-20"}, "year": {"2012-01-01", "2015-01-01"},
		} {
			a := asked{zone, interval, cut[0], cut[1], roles[(z+n)%len(roles)]}
			n++
			first := n % 2 // every combination would take minutes
			t.Run(zone+"/"+interval, func(t *testing.T) {
				t.Parallel()
				for i := first; i < len(retentions); i += 2 {
					r := retentions[i]
					a.check(t, []string{zone, abroad(zone)}, events, retentionPair(s, r))
				}
			})
		}
	}
}
