package report

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ibarura/internal/freshness"
)

// Query asks for metrics, broken down by dimensions.
type Query struct {
	Metrics    []string   `json:"metrics"`
	Dimensions []string   `json:"dimensions,omitempty"`
	Where      *Condition `json:"filters,omitempty"`
	// Order names metrics and dimensions, those with a minus before descending.
	// Default: time first, then the first metric descending. What it leaves
	// open, the dimensions decide.
	Order []string `json:"order,omitempty"`
}

// Bounds of a query.
const (
	maxMetrics      = 10
	maxDimensions   = 4
	defaultRows     = 100
	maxQueryRows    = 10_000
	queryDefinition = "query"
)

// Query answers with rows: an object each, of dimensions and metrics by name.
// The filters of the Question have no place beside those of the Query.
func (s *Service) Query(ctx context.Context, q Question, ask Query) (*Answer, error) {
	compiled, wrong := ask.compile()
	if wrong != nil {
		return nil, wrong
	}
	text, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("report: a query cannot be written: %w", err)
	}
	start := s.clock()
	e := compiled.endpoint(&ask)
	limits := s.limits
	limits.MaxLimit = maxQueryRows
	if err := q.checkFor(e, start, limits); err != nil {
		return nil, err
	}
	q = q.complete(start, defaultRows)
	q.query = string(text)
	return s.settled(ctx, e, q, start)
}

// compiled is a query whose names are known and fit together.
type compiled struct {
	metrics []Metric // asked for
	read    []Metric // what has to be read for them, ratios resolved
	clocks  []Dimension
	columns []dimensionKey
	names   []string // of all dimensions, as asked
	where   *Condition
	order   []orderKey
}

type orderKey struct {
	name string
	down bool
}

func (c *compiled) endpoint(ask *Query) Endpoint {
	e := Endpoint{
		Path: "query", Definition: define(queryDefinition), Ranking: true,
		asked: ask, days: c.days, Personal: c.personal(),
		build: func(ctx context.Context, a *asking) (any, error) { return c.answer(ctx, a) },
	}
	for _, d := range c.clocks {
		if d.Key == "period" {
			e.calendar = newCalendar
		}
	}
	return e
}

// personal reports whether the rows, or what they are filtered by, name persons.
func (c *compiled) personal() bool {
	user := dimensionKey{kind: "user_id"}
	return slices.Contains(c.columns, user) || slices.Contains(c.where.dimensions(), user)
}

// days are those of the range, or all up to its end where somebody's first sight
// counts.
func (c *compiled) days(q Question) freshness.Days {
	for _, m := range c.read {
		for _, p := range m.parts {
			if slices.ContainsFunc(p, func(from choice) bool { return from.source == &firstSeen }) {
				return ofHistory(q)
			}
		}
	}
	return ofRange(q)
}

func (ask Query) compile() (*compiled, *QuestionError) {
	c := &compiled{where: ask.Where}
	for _, step := range []func(*compiled) *QuestionError{
		ask.compileMetrics, ask.compileDimensions, ask.compileOrder, (*compiled).checkFit,
	} {
		if wrong := step(c); wrong != nil {
			return nil, wrong
		}
	}
	return c, nil
}

func (ask Query) compileMetrics(c *compiled) *QuestionError {
	if len(ask.Metrics) == 0 || len(ask.Metrics) > maxMetrics {
		return wrong(CodeOutOfRange, "metrics", "are %d; name 1 to %d of them", len(ask.Metrics), maxMetrics)
	}
	for i, key := range ask.Metrics {
		m, known := metricOf(key)
		switch {
		case !known:
			return wrong(CodeInvalid, fmt.Sprintf("metrics/%d", i), "is %s, which is no metric; there are %s", quoted(key), metricNames())
		case slices.Contains(ask.Metrics[:i], key):
			return wrong(CodeInvalid, fmt.Sprintf("metrics/%d", i), "names %s again", key)
		}
		c.metrics = append(c.metrics, m)
		c.need(m)
	}
	return nil
}

// need adds what is read for a metric.
func (c *compiled) need(m Metric) {
	for _, of := range m.quotient() {
		c.need(of)
	}
	if m.ratio[0] == "" && !slices.ContainsFunc(c.read, func(other Metric) bool { return other.Key == m.Key }) {
		c.read = append(c.read, m)
	}
}

func (ask Query) compileDimensions(c *compiled) *QuestionError {
	if len(ask.Dimensions) > maxDimensions {
		return wrong(CodeOutOfRange, "dimensions", "are %d; the limit is %d", len(ask.Dimensions), maxDimensions)
	}
	for i, name := range ask.Dimensions {
		key, d, known := dimensionOf(name)
		switch {
		case !known:
			return wrong(CodeInvalid, fmt.Sprintf("dimensions/%d", i), "is %s, which is no dimension; there are %s", quoted(name), dimensionNames(dimensions))
		case len(name) > maxFilterBytes:
			return wrong(CodeOutOfRange, fmt.Sprintf("dimensions/%d", i), "has %d bytes; the limit is %d", len(name), maxFilterBytes)
		case slices.Contains(ask.Dimensions[:i], name):
			return wrong(CodeInvalid, fmt.Sprintf("dimensions/%d", i), "names %s again", quoted(name))
		case d.time():
			c.clocks = append(c.clocks, d)
		default:
			c.columns = append(c.columns, key)
		}
		c.names = append(c.names, name)
	}
	return nil
}

func (ask Query) compileOrder(c *compiled) *QuestionError {
	for i, name := range ask.Order {
		key := orderKey{name: strings.TrimPrefix(name, "-"), down: strings.HasPrefix(name, "-")}
		if !slices.Contains(ask.Metrics, key.name) && !slices.Contains(ask.Dimensions, key.name) {
			return wrong(CodeInvalid, fmt.Sprintf("order/%d", i), "is %s, which is none of the metrics and dimensions asked for", quoted(name))
		}
		if slices.ContainsFunc(c.order, func(o orderKey) bool { return o.name == key.name }) {
			return wrong(CodeInvalid, fmt.Sprintf("order/%d", i), "names %s again", quoted(key.name))
		}
		c.order = append(c.order, key)
	}
	if len(c.order) == 0 {
		for _, d := range c.clocks {
			c.order = append(c.order, orderKey{name: d.Key})
		}
		c.order = append(c.order, orderKey{c.metrics[0].Key, true})
	}
	return nil
}

// checkFit finds metrics that do not know a dimension or filter.
func (c *compiled) checkFit() *QuestionError {
	for _, m := range c.metrics {
		for _, key := range c.columns {
			if !m.takes(key) {
				return wrong(CodeUnsupported, "dimensions", "has %s, which %s cannot be broken down by; it knows period, weekday, hour_of_day%s",
					quoted(key.String()), m.Key, andNames(m.dimensions()))
			}
		}
		for _, key := range c.where.dimensions() {
			if !m.takes(key) {
				return wrong(CodeUnsupported, "filters", "has %s, by which %s cannot be filtered; it knows%s",
					quoted(key.String()), m.Key, strings.TrimPrefix(andNames(m.dimensions()), ","))
			}
		}
	}
	return nil
}

func andNames(names []string) string {
	if len(names) == 0 {
		return " alone"
	}
	return ", " + strings.Join(names, ", ")
}

func metricNames() string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Key
	}
	return strings.Join(names, ", ")
}

// quoted makes a client's text fit for a message.
func quoted(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}
