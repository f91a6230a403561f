package report_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestTheAccountsOfEveryPeriodAddUp holds what METRICS calls always true.
func TestTheAccountsOfEveryPeriodAddUp(t *testing.T) {
	s, _ := service(t)
	for z, zone := range zones {
		for interval, cut := range map[string][2]string{
			"hour": {"2011-12-31", "2012-01-01"}, "day": {"2011-12-29", "2012-02-01"}, "week": {"2011-11-28", "2014-05-07"},
			"month": {"2010-01-01", "2026-10-01"}, "quarter": {"1970-01-01", "2014-01-01"}, "year": {"1970-01-02", "2027-01-01"},
		} {
			for _, project := range []string{zone, abroad(zone)} {
				q := asked{zone, interval, cut[0], cut[1], roles[z%len(roles)]}.forService(t, project, project)
				checkAccounts(t, s, q)
			}
		}
	}
}

func checkAccounts(t *testing.T, s *report.Service, q report.Question) {
	t.Helper()
	answer, err := s.Answer(t.Context(), "users/lifecycle", q)
	if err != nil {
		t.Fatal(err)
	}
	var before report.LifecyclePoint
	for i, p := range answer.Data.([]report.LifecyclePoint) {
		if p.Active != p.New+p.Retained+p.Resurrected {
			t.Errorf("%s by %s: %+v does not add up", q.Zone, q.Interval, p)
		}
		if i > 0 && p.Active != before.Active+p.New+p.Resurrected-p.Churned {
			t.Errorf("%s by %s: %+v does not follow from %+v", q.Zone, q.Interval, p, before)
		}
		before = p
	}
}

func TestAMonthOfThirtyDaysIsAsManyPersonsOrMore(t *testing.T) {
	s, events := service(t)
	a := asked{"Africa/Kigali", "day", "2014-03-01", "2014-04-01", ""}
	q := a.forService(t, "Africa/Kigali", "Africa/Kigali")
	q.Options = map[string]string{"month_days": "30"}
	answer, err := s.Answer(t.Context(), "users/rolling", q)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range answer.Data.([]report.RollingPoint) {
		window := a.forOracle(t)
		window.From, window.To = day(t, p.Period).AddDays(-29).String(), day(t, p.Period).AddDays(1).String()
		want := uint64(oracle.ActiveTotal(events, window))
		got := answer.Summary.(report.RollingSummary).Stickiness[i]
		if p.MAU != want || got.Period != p.Period || *got.Ratio != float64(p.DAU)/float64(want) {
			t.Errorf("%+v, stickiness %v, want %d within 30 days", p, *got.Ratio, want)
		}
	}
}

func TestTheAnswerSaysWhichKindAndInterval(t *testing.T) {
	s, _ := service(t)
	q := asked{"UTC", "month", "2026-03-01", "2026-04-10", ""}.forService(t, "UTC", "UTC")
	for path, want := range map[string]report.Meta{
		"users/retention": {Interval: "month", Options: map[string]string{"kind": "on", "periods": "12", "cohort": "first_seen"},
			Notes: []string{"Periods are counted whole, beyond the range where it cuts one."}},
		"users/rolling": {Interval: "day", Options: map[string]string{"month_days": "28"},
			Notes: []string{"The answer is by day, whatever interval is asked for."}},
	} {
		answer, err := s.Answer(t.Context(), path, q)
		if err != nil {
			t.Fatal(err)
		}
		got := report.Meta{Interval: answer.Meta.Interval, Options: answer.Meta.Options, Notes: answer.Meta.Notes}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestOptionsAreBounded(t *testing.T) {
	s := asking(&fake{})
	for option, values := range map[string][]string{
		"periods": {"0", "61", "-1", "many", "1.5"}, "kind": {"ON", "off"}, "cohort": {strings.Repeat("x", 257), "a\x00"},
	} {
		for _, value := range values {
			_, err := s.Answer(t.Context(), "users/retention", report.Question{
				Project: "p", ProjectZone: time.UTC, Options: map[string]string{option: value},
			})
			var wrong *report.QuestionError
			if !errors.As(err, &wrong) || wrong.Code != report.CodeInvalid || wrong.Field != option {
				t.Errorf("%s=%.20q: %v", option, value, err)
			}
		}
	}
}
