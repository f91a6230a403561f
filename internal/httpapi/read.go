package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// ask makes a handler of a question: the query string becomes a Question of
// the key's project, and what is not understood is an error, never ignored.
func (s *Server) ask(e report.Endpoint) handler {
	return func(c *gin.Context) (any, error) {
		query := c.Request.URL.Query()
		q, err := parseQuestion(query, principal(c).Project, e)
		if err != nil {
			return nil, err
		}
		as, err := wantedOf(c, query.Get("format"), query.Get("table"))
		if err != nil {
			return nil, err
		}
		answer, err := s.report.Answer(c.Request.Context(), e.Path, q)
		if err != nil {
			return nil, err
		}
		return as.answered(c, e.Path, answer)
	}
}

// parameters reads each query parameter into a question.
var parameters = map[string]func(q *report.Question, value string) error{
	"from":        func(q *report.Question, v string) (err error) { q.From, err = report.ParseDate(v); return err },
	"to":          func(q *report.Question, v string) (err error) { q.To, err = report.ParseDate(v); return err },
	"interval":    func(q *report.Question, v string) (err error) { q.Interval, err = report.ParseInterval(v); return err },
	"timezone":    func(q *report.Question, v string) (err error) { q.Zone, err = access.LoadZone(v); return err },
	"limit":       parseLimit,
	"cursor":      func(q *report.Question, v string) error { q.Cursor = v; return nil },
	"compare":     func(q *report.Question, v string) (err error) { q.Compare, err = report.ParseComparing(v); return err },
	"role":        func(q *report.Question, v string) error { q.Role = v; return nil },
	"type":        func(q *report.Question, v string) error { q.Type = v; return nil },
	"object_type": func(q *report.Question, v string) error { q.ObjectType = v; return nil },
	"tag":         func(q *report.Question, v string) error { q.Tag = v; return nil },
	"device":      func(q *report.Question, v string) error { q.Device = v; return nil },
	"browser":     func(q *report.Question, v string) error { q.Browser = v; return nil },
	"country":     func(q *report.Question, v string) error { q.Country = v; return nil },
	"bot":         parseBot,
	"explain":     parseExplain,
	"max_age":     parseMaxAge,
	"format":      parseFormat,
	"table":       parseTable,
}

// propertyPrefix begins the parameters that filter by a property.
const propertyPrefix = "property."

// parameter returns how a parameter of an endpoint is read.
func parameter(e report.Endpoint, name string) (read func(q *report.Question, value string) error, known bool) {
	if read, known = parameters[name]; known {
		return read, true
	}
	if property, is := strings.CutPrefix(name, propertyPrefix); is && property != "" {
		return func(q *report.Question, v string) error {
			q.Properties = append(q.Properties, report.Property{Name: property, Value: v})
			return nil
		}, true
	}
	for _, o := range e.Options {
		if o.Name == name {
			return func(q *report.Question, v string) error { q.Options[name] = v; return nil }, true
		}
	}
	return nil, false
}

func parseQuestion(query url.Values, project access.Project, e report.Endpoint) (report.Question, error) {
	q := report.Question{Project: project.Name, ProjectZone: project.Zone, Options: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		read, known := parameter(e, name)
		switch {
		case !known:
			return q, badParameter(clip(name), "unknown_parameter", "there is no parameter %q; there are %s", clip(name), parameterNames(e))
		case len(values) > 1:
			return q, badParameter(clip(name), "invalid_parameter", "%s is given %d times, want it once", clip(name), len(values))
		case values[0] == "":
			continue
		}
		if err := read(&q, values[0]); err != nil {
			return q, badParameter(name, "invalid_parameter", "%s: %s", name, err)
		}
	}
	return q, nil
}

func parameterNames(e report.Endpoint) string {
	names := []string{propertyPrefix + "NAME"}
	for name := range parameters {
		names = append(names, name)
	}
	for _, o := range e.Options {
		names = append(names, o.Name)
	}
	slices.Sort(names)
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

// parseMaxAge reads seconds, or a duration.
func parseMaxAge(q *report.Question, v string) error {
	if n, err := strconv.Atoi(v); err == nil && n >= 0 && n <= maxMaxAge {
		q.MaxAge = time.Duration(n) * time.Second
		return nil
	}
	if d, err := time.ParseDuration(v); err == nil && d >= 0 && d <= maxMaxAge*time.Second {
		q.MaxAge = d
		return nil
	}
	return invalidValue("want seconds, or a duration such as 60s, at most a day")
}

// maxMaxAge is a day, in seconds.
const maxMaxAge = 86_400

func parseBot(q *report.Question, v string) error {
	bot, err := parseBool(v)
	q.Bot = &bot
	return err
}

func parseExplain(q *report.Question, v string) (err error) {
	q.Explain, err = parseBool(v)
	return err
}

func parseBool(v string) (bool, error) {
	if v != "true" && v != "false" {
		return false, invalidValue("want true or false")
	}
	return v == "true", nil
}

// invalidValue is an error whose text is fit for clients.
type invalidValue string

func (e invalidValue) Error() string { return string(e) }
