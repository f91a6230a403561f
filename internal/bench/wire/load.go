package wire

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Load is what is sent.
type Load struct {
	Target   *Target
	Requests []*Request // at least one a connection; each connection has its own
	// Connections is how many requests are under way at once, each on a
	// connection of its own.
	Connections int
	// Count is the number of requests; 0: no limit but For.
	Count int
	// For is the time after which no request is begun; 0: no limit but Count.
	For time.Duration
	// Every is the time from one request to the next, over all connections,
	// whether the answers come or not. 0: each connection sends when it has its
	// answer.
	Every time.Duration
	// Check says whether an answer acknowledges all rows of a request; an error
	// ends the load. Answers 429, 502, 503 and 504 do not come here: those
	// requests are sent again. Several goroutines call it.
	Check func(*Answer, *Request) error
}

// Result is what came of a Load.
type Result struct {
	Requests   int
	Rows       int
	Took       time.Duration // from the first request to the last answer
	TurnedAway int           // requests that had to be sent again
	Latency    Latency
}

// Send sends the load, over connections that are there before the clock starts.
func (l *Load) Send(ctx context.Context) (Result, error) {
	if l.Connections < 1 || len(l.Requests) < l.Connections || (l.Count < 1 && l.For <= 0) {
		return Result{}, errors.New("a load has connections, a request for each, and an end")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := make([]*worker, l.Connections)
	for i := range workers {
		c, err := dial(ctx, l.Target.Address)
		if err != nil {
			return Result{}, err
		}
		workers[i] = &worker{load: l, conn: c, number: i}
		defer workers[i].close()
	}
	return l.run(ctx, workers)
}

func (l *Load) run(ctx context.Context, workers []*worker) (Result, error) {
	pace := &pace{load: l, began: time.Now()}
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range workers {
		group.Go(func() error { return w.run(ctx, pace) })
	}
	err := group.Wait()
	total := Result{Took: time.Since(pace.began)}
	for _, w := range workers {
		total.Requests += len(w.took)
		total.Rows += w.rows
		total.TurnedAway += w.turnedAway
		total.Latency = append(total.Latency, w.took...)
	}
	total.Latency.sort()
	return total, err
}

// pace deals out requests and the moments at which they are due.
type pace struct {
	load  *Load
	began time.Time
	dealt atomic.Int64
}

// next waits until the next request is due and returns when that was. More is
// false at the end.
//
// Latency counts from when a request was due, not from when a connection was
// free for it: a server that stalls must not hide that by slowing us down.
func (p *pace) next(ctx context.Context) (due time.Time, more bool) {
	number := p.dealt.Add(1) - 1
	if p.load.Count > 0 && number >= int64(p.load.Count) {
		return due, false
	}
	due = time.Now()
	if p.load.Every > 0 {
		due = p.began.Add(time.Duration(number) * p.load.Every)
	}
	if p.load.For > 0 && due.Sub(p.began) > p.load.For {
		return due, false
	}
	return due, sleep(ctx, time.Until(due)) == nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// worker is one connection and the requests that are its own.
type worker struct {
	load       *Load
	conn       *conn
	number     int
	sent       int
	rows       int
	turnedAway int
	took       Latency
}

func (w *worker) close() { _ = w.conn.Close() }

func (w *worker) run(ctx context.Context, p *pace) error {
	stop := context.AfterFunc(ctx, func() { _ = w.conn.SetDeadline(time.Unix(1, 0)) }) // wakes who reads or writes
	defer stop()
	for {
		due, more := p.next(ctx)
		if !more {
			return ctx.Err()
		}
		r := w.mine()
		r.renew()
		if err := w.deliver(ctx, r); err != nil {
			return err
		}
		w.rows += r.Rows
		w.took = append(w.took, time.Since(due))
	}
}

// mine returns the next of the requests that no other connection uses.
func (w *worker) mine() *Request {
	own := len(w.load.Requests) / w.load.Connections
	at := w.number + w.load.Connections*(w.sent%own)
	w.sent++
	return w.load.Requests[at]
}

// maxTries bounds how often one request is sent.
const maxTries = 60

// deliver sends a request until it is acknowledged.
func (w *worker) deliver(ctx context.Context, r *Request) error {
	var last error
	for range maxTries {
		answer, err := w.conn.do(r)
		switch {
		case err == nil && !answer.turnsAway():
			err = w.load.Check(&answer, r)
			return errors.Join(err, w.mend(ctx, answer.last))
		case err == nil:
			last = fmt.Errorf("status %d: %.300s", answer.Status, answer.Body)
		default:
			last = err
		}
		w.turnedAway++
		if err := sleep(ctx, max(answer.RetryAfter, retryPause)); err != nil {
			return err
		}
		if err := w.mend(ctx, err != nil || answer.last); err != nil {
			return err
		}
	}
	return fmt.Errorf("turned away %d times: %w", maxTries, last)
}

const retryPause = 100 * time.Millisecond

func (a *Answer) turnsAway() bool {
	return a.Status == 429 || (a.Status >= 502 && a.Status <= 504)
}

// mend connects anew if the connection has ended.
func (w *worker) mend(ctx context.Context, ended bool) error {
	if !ended {
		return nil
	}
	_ = w.conn.Close()
	fresh, err := dial(ctx, w.load.Target.Address)
	if err == nil {
		w.conn = fresh
	}
	return err
}
