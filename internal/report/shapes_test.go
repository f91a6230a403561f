package report_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"ibarura/internal/report"
)

// plainType is the type of a value, or of what it points to.
func plainType(value any) reflect.Type {
	t := reflect.TypeOf(value)
	if t != nil && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func TestEveryAnswerHasTheTypesThatItsPathIsDocumentedWith(t *testing.T) {
	s, _ := service(t)
	for _, e := range report.Endpoints() {
		q := report.Question{Project: "UTC", ProjectZone: time.UTC, Options: map[string]string{}}
		for _, o := range e.Options {
			if o.Example != "" {
				q.Options[o.Name] = o.Example
			}
		}
		answer, err := s.Answer(t.Context(), e.Path, q)
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		documented := slices.ContainsFunc(report.Shapes(e.Path), func(shape report.Shape) bool {
			return plainType(shape.Data) == plainType(answer.Data) && plainType(shape.Summary) == plainType(answer.Summary)
		})
		if !documented {
			t.Errorf("%s answers %T with %T, want one of %+v", e.Path, answer.Data, answer.Summary, report.Shapes(e.Path))
		}
	}
}
