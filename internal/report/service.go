package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	runner    Runner
	clock     func() time.Time
	limits    Limits
	standings standings
	borders   *knownBorders
	cache     *cache
	flights   flights
	fromRaw   bool
}

// New returns a service that reads through runner and keeps no answers. clock is
// time.Now, or a test's.
func New(runner Runner, clock func() time.Time, limits Limits) *Service {
	return NewKeeping(runner, clock, limits, 0, nil)
}

// NewKeeping returns a service that keeps answers in about so many bytes, until
// something lands that they are about.
func NewKeeping(runner Runner, clock func() time.Time, limits Limits, bytes int, reg prometheus.Registerer) *Service {
	return &Service{
		runner: runner, clock: clock, limits: limits,
		standings: standings{runner: runner, clock: clock, known: map[string]*standing{}},
		borders:   &knownBorders{runner: runner, clock: clock, known: map[string]readBorders{}},
		cache:     newCache(bytes, reg),
		flights:   flights{under: map[string]*flight{}},
	}
}

// FromRaw returns a service that reads raw rows wherever they can tell: what
// aggregates say is held against it.
func (s *Service) FromRaw() *Service {
	raw := New(s.runner, s.clock, s.limits)
	raw.fromRaw = true
	return raw
}

// Answer answers the question of a path; a path of the registry, or it is an
// error of the caller.
func (s *Service) Answer(ctx context.Context, path string, q Question) (*Answer, error) {
	e, found := endpointAt(path)
	if !found {
		return nil, fmt.Errorf("report: there is no question %q", path)
	}
	start := s.clock()
	if err := q.checkFor(e, start, s.limits); err != nil {
		return nil, err
	}
	limit := e.limit
	if limit == 0 {
		limit = s.limits.DefaultLimit
	}
	answer, err := s.settled(ctx, e, e.settle(q).complete(start, limit), start)
	if note := e.fixed(q.Interval); note != "" && err == nil {
		answer = answer.noted(note)
	}
	return answer, err
}

// Check returns what is wrong with the question of a path, without answering it:
// nil, or a *QuestionError. What only the rows can tell it does not know.
func (s *Service) Check(path string, q Question) error {
	e, found := endpointAt(path)
	if !found {
		return fmt.Errorf("report: there is no question %q", path)
	}
	return q.checkFor(e, s.clock(), s.limits)
}

// settled answers a complete question by the rows that are left.
func (s *Service) settled(ctx context.Context, e Endpoint, q Question, start time.Time) (*Answer, error) {
	left, err := s.borders.of(ctx, q.Project)
	if err != nil {
		return nil, err
	}
	q.borders, q.fromRaw = left, s.fromRaw
	return s.keep(ctx, e, q, start)
}

// answer is the way that every complete question takes that no kept answer is for.
func (s *Service) answer(ctx context.Context, e Endpoint, q Question, start time.Time) (*Answer, error) {
	a := newAsking(s, e, q, start)
	if !e.keyset {
		offset, wrong := q.offsetOf(e.Path)
		if wrong != nil {
			return nil, wrong
		}
		a.offset = offset
	}
	data, err := a.run(ctx)
	if err != nil {
		return nil, err
	}
	answer := &Answer{Data: data, Summary: a.summary, Explain: a.explained}
	if q.Compare != "" {
		if answer.Compare, err = a.compare(ctx); err != nil {
			return nil, err
		}
	}
	answer.Meta = a.meta()
	answer.Meta.ElapsedMs = float64(s.clock().Sub(start).Microseconds()) / 1000
	return answer, nil
}

// checkFor returns what is wrong with the question, asked of an endpoint.
func (q Question) checkFor(e Endpoint, now time.Time, limits Limits) error {
	if e.calendar == nil && e.interval == "" { // no series, so that the interval gives no periods
		limits.MaxPeriods = math.MaxInt
	}
	if err := q.checkInterval(); err != nil {
		return err
	}
	if err := e.settle(q).Validate(now, limits); err != nil {
		return err
	}
	if unfit := q.Filter.Fields() &^ e.Fields; unfit != 0 {
		return wrong(CodeUnsupported, unfit.Names()[0], "does not narrow down this answer")
	}
	if q.Cursor != "" && !e.Ranking {
		return wrong(CodeUnsupported, "cursor", "is for rankings; this answer is whole")
	}
	return e.checkOptions(q)
}

// checkOptions settles every option, those left out too.
func (e Endpoint) checkOptions(q Question) error {
	for _, o := range e.Options {
		if err := o.Check(e.option(q, o.Name)); err != nil {
			return wrong(CodeInvalid, o.Name, "%s", err)
		}
	}
	for name := range q.Options {
		if !slices.ContainsFunc(e.Options, func(o Option) bool { return o.Name == name }) {
			return wrong(CodeUnsupported, name, "is no parameter of this answer")
		}
	}
	if e.check != nil {
		if err := e.check(e.settle(q)); err != nil {
			return err
		}
	}
	return nil
}
