package report

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Runner runs one statement as a read-only user, within its own deadline and
// memory limit. name is the query's, for metrics and errors; params are bound
// by the server. each is called for every row, in order and by one goroutine,
// and must not keep scan. Query returns the rows that the server read, and is
// called by several goroutines at once. When ctx ends, so does the query.
type Runner interface {
	Query(ctx context.Context, name, sql string, params map[string]string,
		each func(scan func(dest ...any) error) error) (rowsRead uint64, err error)
}

// Service answers questions. Its methods return a *QuestionError for a
// question that cannot be answered as asked, and otherwise the Runner's error,
// wrapped. It is safe for concurrent use.
type Service struct {
	runner Runner
	clock  func() time.Time
	limits Limits
}

// New returns a service that reads through runner. clock is time.Now, or a
// test's.
func New(runner Runner, clock func() time.Time, limits Limits) *Service {
	return &Service{runner: runner, clock: clock, limits: limits}
}

// endpoint says how the question of one method is taken.
type endpoint struct {
	definition Definition
	// calendar lays out the periods that Meta.Partial is about; nil: the whole
	// range is one.
	calendar func(zone *time.Location, interval Interval, from, to Date) *calendar
	// filters that the method takes beside the role.
	byType, byObjectType bool
	// limit is the number of rows where the question names none; 0: the
	// service's default.
	limit int
	// build reads the data.
	build func(context.Context, *asking) (any, error)
}

// answer is the way that every question takes.
func (s *Service) answer(ctx context.Context, q Question, e endpoint) (*Answer, error) {
	start := s.clock()
	if err := s.check(q, start, e); err != nil {
		return nil, err
	}
	limit := e.limit
	if limit == 0 {
		limit = s.limits.DefaultLimit
	}
	q = q.complete(start, limit)
	a := &asking{service: s, question: q, tables: map[string]bool{}, exact: true}
	data, err := e.build(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", e.definition.Key, err)
	}
	meta := a.meta(e, start)
	meta.ElapsedMs = float64(s.clock().Sub(start).Microseconds()) / 1000
	return &Answer{Data: data, Meta: meta}, nil
}

func (s *Service) check(q Question, now time.Time, e endpoint) error {
	limits := s.limits
	if e.calendar == nil { // no series, so that the interval gives no periods
		limits.MaxPeriods = math.MaxInt
	}
	if err := q.Validate(now, limits); err != nil {
		return err
	}
	switch {
	case q.Type != "" && !e.byType:
		return wrong(CodeUnsupported, "type", "does not narrow down this answer")
	case q.ObjectType != "" && !e.byObjectType:
		return wrong(CodeUnsupported, "object_type", "does not narrow down this answer")
	}
	return nil
}
