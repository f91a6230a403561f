package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// ask makes a handler of a question: the query string becomes a Question of
// the key's project, and what is not understood is an error, never ignored.
func (s *Server) ask(answer func(ctx context.Context, q report.Question) (*report.Answer, error)) handler {
	return func(c *gin.Context) (any, error) {
		q, err := parseQuestion(c.Request.URL.Query(), principal(c).Project)
		if err != nil {
			return nil, err
		}
		return answer(c.Request.Context(), q)
	}
}

// parameters reads each query parameter into a question.
var parameters = map[string]func(q *report.Question, value string) error{
	"from":        func(q *report.Question, v string) (err error) { q.From, err = report.ParseDate(v); return err },
	"to":          func(q *report.Question, v string) (err error) { q.To, err = report.ParseDate(v); return err },
	"interval":    func(q *report.Question, v string) (err error) { q.Interval, err = report.ParseInterval(v); return err },
	"timezone":    func(q *report.Question, v string) (err error) { q.Zone, err = access.LoadZone(v); return err },
	"limit":       parseLimit,
	"role":        func(q *report.Question, v string) error { q.Role = v; return nil },
	"type":        func(q *report.Question, v string) error { q.Type = v; return nil },
	"object_type": func(q *report.Question, v string) error { q.ObjectType = v; return nil },
	"max_age":     parseMaxAge,
	"format":      parseFormat,
}

func parseQuestion(query url.Values, project access.Project) (report.Question, error) {
	q := report.Question{Project: project.Name, ProjectZone: project.Zone}
	for name, values := range query {
		read, known := parameters[name]
		switch {
		case !known:
			return q, badParameter(clip(name), "unknown_parameter", "there is no parameter %q; there are %s", clip(name), parameterNames())
		case len(values) > 1:
			return q, badParameter(name, "invalid_parameter", "%s is given %d times, want it once", name, len(values))
		case values[0] == "":
			continue
		}
		if err := read(&q, values[0]); err != nil {
			return q, badParameter(name, "invalid_parameter", "%s: %s", name, err)
		}
	}
	return q, nil
}

func parameterNames() string {
	names := make([]string, 0, len(parameters))
	for name := range parameters {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func badParameter(field, code, format string, args ...any) error {
	p := problem(http.StatusBadRequest, code, format, args...)
	p.Field = field
	return p
}

func parseLimit(q *report.Question, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return invalidValue("want a whole number, at least 1")
	}
	q.Limit = n
	return nil
}

// parseMaxAge accepts any age: answers are computed when they are asked for,
// so they are never older than what is wanted.
func parseMaxAge(_ *report.Question, v string) error {
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return nil
	}
	if d, err := time.ParseDuration(v); err == nil && d >= 0 {
		return nil
	}
	return invalidValue("want seconds, or a duration such as 60s")
}

func parseFormat(_ *report.Question, v string) error {
	if v == "json" {
		return nil
	}
	return invalidValue("want json")
}

// invalidValue is an error whose text is fit for clients.
type invalidValue string

func (e invalidValue) Error() string { return string(e) }
