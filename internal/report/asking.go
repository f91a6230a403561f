package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// blockLimit is the number of queries of one answer that run at once.
const blockLimit = 4

// asking is one question on its way to an answer. Its blocks run concurrently
// and tell it what they read.
type asking struct {
	service  *Service
	endpoint Endpoint
	question Question // complete
	now      time.Time
	offset   int    // of the first row of a ranking
	next     string // cursor to the rows behind, if there are any
	summary  any    // what stands beside the data

	mu        sync.Mutex
	tables    map[string]bool
	exact     bool
	rows      uint64
	asOf      time.Time // the oldest moment for which something read holds; zero: now
	notes     []string
	beyond    []Beyond // parts that are null
	explained []Explained
}

func newAsking(s *Service, e Endpoint, q Question, now time.Time) *asking {
	return &asking{service: s, endpoint: e, question: q, now: now, tables: map[string]bool{}, exact: true}
}

// run reads the data. A question that is only explained has none.
func (a *asking) run(ctx context.Context) (any, error) {
	data, err := a.endpoint.build(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", a.endpoint.Definition.Key, err)
	}
	if a.question.Explain {
		return nil, nil
	}
	return data, nil
}

// compare asks the same about the other range.
func (a *asking) compare(ctx context.Context) (*Comparison, error) {
	then, exists := a.question.compared()
	if !exists {
		a.note(nothingBefore)
		return nil, nil
	}
	b := newAsking(a.service, a.endpoint, then, a.now)
	data, err := b.run(ctx)
	if _, gone := beyondRetention(err); gone {
		a.note(nothingLeft)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, left := range b.beyond {
		left.Part = "compare." + left.Part
		a.beyond = append(a.beyond, left)
	}
	a.rows += b.rows
	a.holdsFor(b.asOf)
	a.exact = a.exact && b.exact
	a.explained = append(a.explained, b.explained...)
	maps.Copy(a.tables, b.tables)
	return &Comparison{From: then.From.String(), To: then.To.String(), Data: data, Summary: b.summary}, nil
}

const nothingLeft = "There is nothing to compare with: rows of that range were removed for their age."

const nothingBefore = "There is nothing to compare with: that range begins before 1970."

// option returns the value of one of the endpoint's options.
func (a *asking) option(name string) string { return a.endpoint.option(a.question, name) }

// series is the question by its interval.
func (a *asking) series() scope { return a.scope(newCalendar, a.question.Interval) }

// total is the question over its range as a whole.
func (a *asking) total() scope { return a.scope(newCalendar, whole) }

// outward is the question by its interval in whole periods.
func (a *asking) outward() scope { return a.scope(snapped, a.question.Interval) }

func (a *asking) scope(layOut func(*time.Location, Interval, Date, Date) *calendar, interval Interval) scope {
	q := a.question
	c := layOut(q.Zone, interval, q.From, q.To)
	c.layOut = layOut
	return scope{q, c, a.offset}
}

// read runs the query of a plan and calls each for every row.
func (a *asking) read(ctx context.Context, p Plan, each func(scan func(dest ...any) error) error) error {
	if p.Beyond != nil {
		return p.Beyond
	}
	sql, err := p.statement()
	if err != nil {
		return err
	}
	var rows uint64
	if !a.question.Explain {
		rows, err = a.service.runner.Query(ctx, p.Query, sql, p.Params, each)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.question.Explain {
		a.explained = append(a.explained, Explained{p.Query, p.Tables, p.Unfit, sql, p.Params})
	}
	a.rows += rows
	a.exact = a.exact && p.Exact
	a.holdsFor(p.AsOf)
	for _, table := range p.Tables {
		a.tables[table] = true
	}
	return err
}

// holdsFor notes the moment for which a part of the answer holds.
func (a *asking) holdsFor(asOf time.Time) {
	if !asOf.IsZero() && (a.asOf.IsZero() || asOf.Before(a.asOf)) {
		a.asOf = asOf
	}
}

// note adds a sentence to the answer's meta, once.
func (a *asking) note(sentence string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.notes, sentence) {
		a.notes = append(a.notes, sentence)
	}
}

// meta describes the finished answer.
func (a *asking) meta() Meta {
	q, e := a.question, a.endpoint
	m := Meta{
		Definition: e.Definition,
		From:       q.From.String(),
		To:         q.To.String(),
		Timezone:   zoneName(q.Zone),
		Filters:    q.Filter,
		Options:    q.Options,
		Exact:      a.exact,
		AsOf:       a.now.UTC().Truncate(time.Millisecond),
		RowsRead:   a.rows,
		Notes:      a.notes,
		NextCursor: a.next,
		Beyond:     a.beyond,
		Question:   e.asked,
	}
	if note := zoneNote(q.Zone); note != "" {
		m.Notes = append(slices.Clone(m.Notes), note)
	}
	if !a.asOf.IsZero() && a.asOf.Before(m.AsOf) {
		m.AsOf = a.asOf.UTC()
	}
	for table := range a.tables {
		m.Source = append(m.Source, table)
	}
	slices.Sort(m.Source)
	slices.Sort(m.Notes)
	slices.SortFunc(m.Beyond, func(a, b Beyond) int { return strings.Compare(a.Part, b.Part) })
	periods := a.total()
	if e.calendar != nil {
		m.Interval = q.Interval
		periods = a.scope(e.calendar, q.Interval)
	}
	m.Partial = periods.partial(a.now)
	return m
}

// block is one part of an answer, read on its own.
type block func(context.Context) error

// into makes a block that puts what read says about s into target.
func into[T any](target *T, s scope, read func(context.Context, scope) (T, error)) block {
	return func(ctx context.Context) (err error) {
		*target, err = read(ctx, s)
		return err
	}
}

// unlessBeyond makes a block as into does. If rows that it needs were removed for
// their age, target stays as it is, which is nil, and the answer says which part
// that is.
func unlessBeyond[T any](a *asking, part string, target *T, s scope, read func(context.Context, scope) (T, error)) block {
	return func(ctx context.Context) error {
		read, err := read(ctx, s)
		if wrong, gone := beyondRetention(err); gone {
			a.leaveOut(part, wrong)
			return nil
		}
		*target = read
		return err
	}
}

// leaveOut notes parts that are null, given with spaces between them.
func (a *asking) leaveOut(parts string, wrong *RetentionError) {
	left := Beyond{Tier: wrong.Tier}
	if !wrong.First.IsZero() {
		left.FirstDate = wrong.First.String()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, left.Part = range strings.Fields(parts) {
		a.beyond = append(a.beyond, left)
	}
}

// together runs blocks concurrently; the first error cancels the others. Of those
// that reach back too far, the one that can be answered the latest is told of:
// each still says so when it is cancelled, as that is known before it reads.
func together(ctx context.Context, blocks ...block) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(blockLimit)
	removed := make([]*RetentionError, len(blocks))
	for i, run := range blocks {
		group.Go(func() error {
			err := run(ctx)
			removed[i], _ = beyondRetention(err)
			return err
		})
	}
	err := group.Wait()
	if _, gone := beyondRetention(err); gone {
		return latestRemoved(removed)
	}
	return err
}
