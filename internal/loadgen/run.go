package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ibarura/internal/producer"
)

// Poster sends one batch until it is acknowledged; see producer.Client.Post. It
// is called from several goroutines.
type Poster interface {
	Post(ctx context.Context, kind producer.Kind, lines []byte, wait bool) (producer.Answer, error)
}

// RunOptions say how much is posted.
type RunOptions struct {
	// Rate is items per second over all connections. 0: as fast as it goes.
	Rate float64
	// Batch is items per request.
	Batch int
	// Connections is how many requests may be under way at once.
	Connections int
	// Duration is when no more requests are begun.
	Duration time.Duration
	// PageViews is the share of the requests that carry page views, 0 to 1.
	PageViews float64
	// Community says what the items are like.
	Community Options
}

func (o *RunOptions) check() error {
	switch {
	case o.Rate < 0 || o.Rate > 1e8:
		return errors.New("rate is 0 to 100,000,000")
	case o.Batch < 1 || o.Batch > 100_000:
		return errors.New("batch is 1 to 100,000")
	case o.Connections < 1 || o.Connections > 256:
		return errors.New("connections is 1 to 256")
	case o.Duration <= 0 || o.Duration > 24*time.Hour:
		return errors.New("duration is more than 0 and at most 24h")
	case o.PageViews < 0 || o.PageViews > 1:
		return errors.New("page views is 0 to 1")
	}
	return nil
}

// Run posts until the duration is over or ctx ends, then waits for the answers
// that are under way. The report is good even when there is an error.
func Run(ctx context.Context, poster Poster, o RunOptions) (Report, error) {
	if err := o.check(); err != nil {
		return Report{}, err
	}
	schedule := newPace(&o)
	var mu sync.Mutex
	var total Report
	group, ctx := errgroup.WithContext(ctx)
	for lane := range o.Connections {
		community := o.Community
		community.Lane, community.Lanes = lane, o.Connections
		generator, err := New(community)
		if err != nil {
			return Report{}, err
		}
		group.Go(func() error {
			w := worker{generator: generator, poster: poster, pace: schedule, o: &o}
			err := w.run(ctx)
			mu.Lock()
			defer mu.Unlock()
			total.merge(&w.report)
			return err
		})
	}
	err := group.Wait()
	total.Took = time.Since(schedule.began)
	if errors.Is(err, context.Canceled) {
		err = nil // stopped on purpose
	}
	return total, err
}

// pace deals out requests and the moments at which they are due.
type pace struct {
	began    time.Time
	end      time.Time
	interval float64 // seconds between two requests; 0: at once
	dealt    atomic.Int64
}

func newPace(o *RunOptions) *pace {
	p := &pace{began: time.Now()}
	p.end = p.began.Add(o.Duration)
	if o.Rate > 0 {
		p.interval = float64(o.Batch) / o.Rate
	}
	return p
}

// next waits until the next request is due and returns its number and when that
// was. More is false when the time is over.
//
// Latency counts from when a request was due, not from when a connection was
// free for it: a server that stalls must not hide that by slowing us down.
func (p *pace) next(ctx context.Context) (number int64, due time.Time, more bool) {
	number = p.dealt.Add(1) - 1
	if p.interval == 0 {
		due = time.Now()
	} else {
		due = p.began.Add(time.Duration(float64(number) * p.interval * float64(time.Second)))
	}
	if due.After(p.end) || time.Now().After(p.end) {
		return 0, due, false
	}
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return number, due, true
	case <-ctx.Done():
		return 0, due, false
	}
}

// worker is one connection.
type worker struct {
	generator *Generator
	poster    Poster
	pace      *pace
	o         *RunOptions
	body      []byte
	report    Report
}

func (w *worker) run(ctx context.Context) error {
	for {
		number, due, more := w.pace.next(ctx)
		if !more {
			return nil
		}
		kind := w.fill(number)
		answer, err := w.poster.Post(ctx, kind, w.body, false)
		if err != nil {
			return fmt.Errorf("post %s: %w", kind, err)
		}
		w.report.add(&answer, time.Since(due))
	}
}

// fill makes the body of a request. Requests with page views are spread evenly.
func (w *worker) fill(number int64) producer.Kind {
	before, after := float64(number)*w.o.PageViews, float64(number+1)*w.o.PageViews
	if int64(after) > int64(before) {
		w.body = w.generator.AppendPageViewJSON(w.body[:0], w.o.Batch)
		return producer.PageViews
	}
	w.body = w.generator.AppendJSON(w.body[:0], w.o.Batch)
	return producer.Events
}
