package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/report"
)

// examples are the options without which an endpoint does not answer.
func examples(e report.Endpoint) map[string]string {
	options := map[string]string{}
	for _, o := range e.Options {
		if o.Example != "" {
			options[o.Name] = o.Example
		}
	}
	return options
}

func TestAComparisonIsTheAnswerOfTheOtherRange(t *testing.T) {
	s, _ := service(t)
	for _, c := range []struct {
		from, to         string
		compare          report.Comparing
		wantFrom, wantTo string
	}{
		{"2012-03-10", "2012-03-20", report.Previous, "2012-02-29", "2012-03-10"},
		{"2012-03-01", "2012-05-01", report.Previous, "2012-01-01", "2012-03-01"}, // whole months
		{"2012-02-29", "2012-03-10", report.LastYear, "2011-02-28", "2011-03-10"},
		{"2013-02-01", "2013-03-01", report.LastYear, "2012-02-01", "2012-03-01"},
	} {
		for _, e := range report.Endpoints() {
			q := asked{"UTC", "week", c.from, c.to, ""}.forService(t, "UTC", "UTC")
			q.Compare, q.Options = c.compare, examples(e)
			answer, err := s.Answer(t.Context(), e.Path, q)
			if err != nil {
				t.Fatal(err)
			}
			then := asked{"UTC", "week", c.wantFrom, c.wantTo, ""}.forService(t, "UTC", "UTC")
			then.Options = q.Options
			want, err := s.Answer(t.Context(), e.Path, then)
			if err != nil {
				t.Fatal(err)
			}
			got := answer.Compare
			if got == nil || got.From != c.wantFrom || got.To != c.wantTo {
				t.Fatalf("%s [%s, %s): compared with %+v", e.Path, c.from, c.to, got)
			}
			if diff := cmp.Diff(decode(t, want.Data), decode(t, got.Data)); diff != "" {
				t.Errorf("%s [%s, %s): asked (-), compared (+):\n%s", e.Path, c.from, c.to, diff)
			}
		}
	}
}

func TestNothingIsComparedWithBefore1970(t *testing.T) {
	s, _ := service(t)
	q := asked{"UTC", "year", "1970-06-01", "1971-06-02", ""}.forService(t, "UTC", "UTC")
	q.Compare = report.Previous
	answer, err := s.Answer(t.Context(), "users/active", q)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Compare != nil || len(answer.Meta.Notes) != 1 {
		t.Errorf("compared with %+v, notes %q", answer.Compare, answer.Meta.Notes)
	}
}

func TestAnExplainedQuestionHasItsStatementsAndNoData(t *testing.T) {
	s, _ := service(t)
	for _, e := range report.Endpoints() {
		q := asked{"UTC", "month", "2012-01-01", "2012-03-01", ""}.forService(t, "UTC", "UTC")
		q.Explain, q.Options = true, examples(e)
		answer, err := s.Answer(t.Context(), e.Path, q)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Data != nil || len(answer.Explain) == 0 || answer.Meta.RowsRead != 0 {
			t.Errorf("%s: data %v, %d statements, %d rows read", e.Path, answer.Data, len(answer.Explain), answer.Meta.RowsRead)
		}
		for _, x := range answer.Explain {
			if x.SQL == "" || x.Parameters["project"] != "UTC" || len(x.Tables) == 0 {
				t.Errorf("%s: explained as %+v", e.Path, x)
			}
		}
	}
}
