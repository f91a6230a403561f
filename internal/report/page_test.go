package report_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/report"
)

func TestCursorsLeadThroughTheWholeRanking(t *testing.T) {
	s, _ := service(t)
	for _, path := range []string{"tags/top", "posts/top", "events/types"} {
		q := asked{"UTC", "month", "2010-01-01", "2026-01-01", ""}.forService(t, "UTC", "UTC")
		q.Limit = 1000
		whole := rowsAt(t, s, path, q)
		q.Limit = 2
		var paged []any
		for pages := 0; ; pages++ {
			answer, err := s.Answer(t.Context(), path, q)
			if err != nil {
				t.Fatal(err)
			}
			paged = append(paged, decode(t, answer.Data).([]any)...)
			if answer.Meta.NextCursor == "" || pages > len(whole) || len(paged) >= 200 {
				break
			}
			q.Cursor = answer.Meta.NextCursor
		}
		if len(whole) > 200 {
			whole, paged = whole[:200], paged[:200]
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole) <= q.Limit {
			t.Errorf("%s: %d rows; at once (-), by pages (+):\n%s", path, len(whole), diff)
		}
	}
}

func rowsAt(t *testing.T, s *report.Service, path string, q report.Question) []any {
	t.Helper()
	answer, err := s.Answer(t.Context(), path, q)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Meta.NextCursor != "" && len(decode(t, answer.Data).([]any)) < q.Limit {
		t.Errorf("%s: a cursor behind the last row", path)
	}
	return decode(t, answer.Data).([]any)
}

func TestACursorOfAnotherQuestionIsRefused(t *testing.T) {
	s, _ := service(t)
	q := asked{"UTC", "month", "2012-01-01", "2013-01-01", ""}.forService(t, "UTC", "UTC")
	q.Limit = 2
	answer, err := s.Answer(t.Context(), "tags/top", q)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path   string
		change func(*report.Question)
		code   string
	}{
		"another filter": {"tags/top", func(q *report.Question) { q.Role = "core" }, report.CodeInvalid},
		"another range":  {"tags/top", func(q *report.Question) { q.From = q.From.AddDays(1) }, report.CodeInvalid},
		"another path":   {"posts/top", func(*report.Question) {}, report.CodeInvalid},
		"none of ours":   {"tags/top", func(q *report.Question) { q.Cursor = "AAAA" }, report.CodeInvalid},
		"no ranking":     {"users/active", func(*report.Question) {}, report.CodeUnsupported},
	} {
		asked := q
		asked.Cursor = answer.Meta.NextCursor
		c.change(&asked)
		_, err := s.Answer(t.Context(), c.path, asked)
		var wrong *report.QuestionError
		if !errors.As(err, &wrong) || wrong.Code != c.code || wrong.Field != "cursor" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
