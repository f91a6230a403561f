package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/spool"
)

// intake is the work on one request. It is a protocol.Sink.
type intake struct {
	service  *Service
	ctx      context.Context
	req      Request
	now      time.Time
	received event.Millis
	ids      string
	result   Result
	taken    int
	allowed  time.Time // when StillAllowed was last known to hold
	counted  counts    // of the result, in the metrics
	spent    int       // of taken, told to Spend
	visitor  string    // whom Visitors takes the sender for
	named    bool      // visitor has been asked for

	event   event.Row
	page    event.PageRow
	batch   batch      // rows that are not in the log yet
	landing []*landing // commits whose end is not known yet, oldest first
	unsure  []*landing // of those that have landed, the ones with unsure rows
	end     spool.LSN  // of what has landed
}

// allowedFor is how long the word of StillAllowed is taken for granted.
const allowedFor = time.Second

// tick takes the time of an item's arrival. A stream may last for hours: time
// goes on in it, and its key may be revoked.
func (in *intake) tick() error {
	in.now = in.service.clock()
	in.received = event.MillisOf(in.now)
	if in.allowed.IsZero() {
		in.allowed = in.now
	}
	if in.req.StillAllowed == nil || in.now.Sub(in.allowed) < allowedFor {
		return nil
	}
	in.allowed = in.now
	return in.req.StillAllowed(in.ctx)
}

// run decodes, and answers when everything that was taken in is durable. Items
// before an error in a stream stay taken in, and the result says so.
func (in *intake) run(decode func() error) (Result, error) {
	if err := in.service.AwaitRoom(in.ctx); err != nil {
		return in.result, err
	}
	defer in.finish()
	err := decode()
	if in.batch.rows > 0 {
		err = errors.Join(err, in.commit())
	}
	if err = errors.Join(err, in.land(0)); err != nil {
		return in.result, err
	}
	if in.req.Wait {
		return in.result, in.wait()
	}
	return in.result, nil
}

// finish brings the metrics up to date, whatever became of the request.
func (in *intake) finish() {
	in.count()
	_ = in.spend() // too late to end the request; the next one pays
	in.service.unlist(len(in.result.Rejected))
	in.service.metrics.request.Observe(float64(in.counted.received()))
}

// wait returns when the request's rows can be queried. A duplicate's first copy
// lies somewhere before the end of what is durable now; and who sends nothing
// waits for all that was acknowledged before.
func (in *intake) wait() error {
	position := in.end
	if in.result.Duplicates > 0 || in.result.Accepted == 0 {
		position = max(position, in.service.log.Durable())
	}
	ctx, cancel := context.WithTimeout(in.ctx, in.service.config.WaitTimeout)
	defer cancel()
	if err := in.service.loading.Await(ctx, position); err != nil {
		return fmt.Errorf("%w: %w", ErrNotQueryable, err)
	}
	return nil
}

// A request is committed at its end; a long one also on the way, whenever it
// has taken so many bytes, so that its memory is bounded.
const (
	countEvery  = 256     // items between two looks at metrics and rates
	commitBytes = 1 << 20 // of rows, about
)

// admit commits on the way when it is due.
func (in *intake) admit() error {
	in.taken++
	if in.taken%countEvery == 0 {
		in.count()
		if err := in.spend(); err != nil {
			return err
		}
	}
	if in.batch.bytes < commitBytes {
		return nil
	}
	return in.commitOnTheWay()
}

// spend tells of what was read since the last time.
func (in *intake) spend() error {
	items := in.taken - in.spent
	if in.req.Spend == nil || items == 0 {
		return nil
	}
	in.spent = in.taken
	return in.req.Spend(in.ctx, items)
}

// Idle is called by a stream's reader when nothing more has come for a moment:
// what has must not wait for what comes next, and neither must those who wait
// for one of its ids.
func (in *intake) Idle() error {
	if in.batch.rows > 0 {
		if err := in.commitOnTheWay(); err != nil {
			return err
		}
	}
	return in.land(0)
}

// commitOnTheWay gives a long request its pace: it waits while there is no
// room, and for the landing before the last, so that it slows down instead of
// growing in memory.
func (in *intake) commitOnTheWay() error {
	if err := in.service.awaitRoom(in.ctx, in.service.config.WaitTimeout); err != nil {
		return err
	}
	if err := in.commit(); err != nil {
		return err
	}
	return in.land(1)
}

// land waits for the oldest landings until only so many are left, and gets the
// rows over that other requests had claimed. Every landing of ours touches down
// before we wait for another request's: two that wait for each other never meet.
func (in *intake) land(left int) error {
	var failed error
	for len(in.landing) > left {
		l := in.landing[0]
		in.landing = in.landing[1:]
		if err := in.touchDown(l); err != nil {
			l.unsure.release()
			failed = errors.Join(failed, err)
		} else if l.unsure.rows > 0 {
			in.unsure = append(in.unsure, l)
		}
	}
	switch {
	case failed != nil || len(in.unsure) == 0:
		return failed
	case len(in.landing) > 0:
		return in.land(0)
	}
	return in.resolve()
}

// Reject notes an item that could not be read.
func (in *intake) Reject(index int, r *event.Rejection) error {
	in.result.reject(index, r, in.service.mayList(len(in.result.Rejected)))
	return in.admit()
}
