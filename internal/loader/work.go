package loader

import (
	"context"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/spool"
)

// work cuts and inserts until the log is loaded and nothing more will come, or
// ctx ends.
func (l *Loader) work(ctx context.Context) {
	for ctx.Err() == nil {
		c := l.next(ctx)
		if c == nil {
			return
		}
		l.bring(ctx, c)
	}
}

// next waits for a cut that is due and returns it, recorded. It returns nil
// when the loader stops.
func (l *Loader) next(ctx context.Context) *cut {
	select {
	case l.cutting <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-l.cutting }()
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for {
		c, wait, err := l.attempt()
		switch {
		case err != nil:
			l.logUnreadable(err)
			wait = pause.next()
		case c != nil:
			return c
		}
		if !l.await(ctx, wait, err != nil) {
			return nil
		}
	}
}

// attempt reads on, and cuts if that is due; else it tells for how long it is
// not, if nothing changes.
func (l *Loader) attempt() (*cut, time.Duration, error) {
	if err := l.read(); err != nil {
		return nil, 0, err
	}
	c := l.open
	if c.rows == 0 {
		l.pass(c)
		return nil, time.Hour, nil
	}
	if wait := l.dueIn(c); wait > 0 {
		return nil, wait, nil
	}
	if !l.progress.begin(c.from, len(c.batches)) {
		return nil, time.Hour, nil // what keeps it back wakes us up when it ends
	}
	c.seal(l.log.IDString())
	if err := l.journal.begin(c.from, c.to, c.tokens()); err != nil {
		l.progress.abandon(c.from)
		return nil, 0, err
	}
	l.open = nil
	l.metrics.memory.Add(float64(c.rows))
	return c, 0, nil
}

// pass notes that an open cut has no rows although the log went on: where a
// segment ended early it has a gap, and nobody may wait for what is in there.
func (l *Loader) pass(c *cut) {
	if c.from < c.to {
		l.log.Release(l.progress.pass(c.from, c.to))
		c.from = c.to
	}
}

// busyAge is how many times the usual age a cut may reach while another is
// being inserted: each insert has a price of its own, so under load rows wait
// for a full one.
const busyAge = 10

// dueIn tells how long it is until the open cut is due: when it is full, when
// somebody waits for it, when its rows have aged, and when the loader stops.
func (l *Loader) dueIn(c *cut) time.Duration {
	busy, wanted, _ := l.progress.state(c.from)
	if l.full() || wanted || l.stopping() {
		return 0
	}
	age := l.config.BatchAge
	if busy {
		age *= busyAge
	}
	return age - time.Since(c.opened)
}

func (l *Loader) stopping() bool {
	select {
	case <-l.quiet:
		return true
	default:
		return false
	}
}

// collectFor is the pause between two looks at the log while a cut collects:
// waking up for every request that is appended would cost more than it brings.
const collectFor = 10 * time.Millisecond

// await returns true when it is worth trying again: after a time, or when
// something has changed, unless paused. False: the loader stops.
func (l *Loader) await(ctx context.Context, wait time.Duration, paused bool) bool {
	collecting := l.open != nil && l.open.rows > 0
	if l.stopping() && (paused || !collecting && l.position >= l.log.Durable()) {
		return false
	}
	if !paused && !collecting {
		return l.awaitRows(ctx)
	}
	_, _, changed := l.progress.state(l.position)
	if paused {
		changed = nil
	} else {
		wait = min(wait, collectFor)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}

// awaitRows returns true when the log has more, or the loader is to stop.
func (l *Loader) awaitRows(ctx context.Context) bool {
	watching, done := context.WithCancel(ctx)
	defer done()
	stop := context.AfterFunc(ctx, done)
	defer stop()
	go func() {
		select {
		case <-l.quiet:
			done()
		case <-watching.Done():
		}
	}()
	_, err := l.log.AwaitBeyond(watching, l.position)
	return err == nil || ctx.Err() == nil && l.stopping()
}

// repeat brings in the cuts that the last process had recorded and not
// finished.
func (l *Loader) repeat(ctx context.Context, again []*cut) {
	for _, c := range again {
		l.logger.Info("a batch that was under way when the last process ended is sent again", zap.Int("rows", c.rows))
		l.metrics.memory.Add(float64(c.rows))
		l.bring(ctx, c)
	}
}

// bring inserts a cut's batches and notes that they are loaded, or sets the cut
// aside if that is in doubt. When ctx ends first the cut stays recorded, and the
// next start sends it again.
func (l *Loader) bring(ctx context.Context, c *cut) {
	defer l.metrics.memory.Sub(float64(c.rows))
	doubted, err := l.land(ctx, c)
	switch {
	case err != nil:
		l.progress.abandon(c.from)
	case doubted:
		l.setAside(ctx, c)
	default:
		l.finish(c.from, c.to)
	}
}

// bringBatch inserts one batch, unless that was done before a restart.
func (l *Loader) bringBatch(ctx context.Context, c *cut, i int) error {
	b := c.batches[i]
	if b.fate.taken {
		return nil
	}
	b.fate.note = func(process string) error { return l.journal.attempt(c.from, i, process) }
	if err := l.deliver(ctx, b); err != nil || !b.fate.doubted {
		return err
	}
	l.metrics.doubted.Inc()
	return l.record(ctx, func() error { return l.journal.doubt(c.from, i) })
}

// finish notes that a cut is loaded.
func (l *Loader) finish(from, to spool.LSN) {
	if err := l.journal.finish(from); err != nil {
		l.logger.Warn("the end of a cut could not be written down; after a restart it is sent once more, which changes nothing", zap.Error(err))
	}
	l.log.Release(l.progress.finish(from, to))
}

// land inserts a cut's batches between the two marks of its days: whoever waits
// for the rows is told after the second one, so that no answer from before them
// is taken for a fresh one then. A doubted cut gets it when it is settled.
func (l *Loader) land(ctx context.Context, c *cut) (doubted bool, err error) {
	days, token := c.days(), c.landing(l.log.IDString())
	if err := l.record(ctx, func() error { return l.landed.Begin(ctx, days, token) }); err != nil {
		return false, err
	}
	for i, b := range c.batches {
		if err := l.bringBatch(ctx, c, i); err != nil {
			return false, err
		}
		doubted = doubted || b.fate.doubted
		b.release()
	}
	if doubted {
		return true, nil
	}
	return false, l.record(ctx, func() error { return l.landed.End(ctx, days, token) })
}

// sleep waits and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
