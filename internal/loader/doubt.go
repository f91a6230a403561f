package loader

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// doubts are the cuts that ClickHouse took and that some table may lack, since
// its process changed while they were under way. They stay recorded, and nobody
// is told that they are loaded, until they are settled: raw has their rows, and
// the aggregates of their months are made anew.
type doubts struct {
	mu   sync.Mutex
	cuts map[spool.LSN]bool
	came chan struct{} // capacity 1
}

func newDoubts() *doubts {
	return &doubts{cuts: map[spool.LSN]bool{}, came: make(chan struct{}, 1)}
}

func (d *doubts) add(from spool.LSN) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cuts[from] = true
	select {
	case d.came <- struct{}{}:
	default:
	}
}

func (d *doubts) list() []spool.LSN {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.cuts))
}

func (d *doubts) remove(from spool.LSN) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.cuts, from)
}

// setAside keeps a cut that is taken and doubted from being called loaded. That
// no batch of it has to be sent again is written down.
func (l *Loader) setAside(ctx context.Context, c *cut) {
	err := l.record(ctx, func() error { return l.journal.attempt(c.from, len(c.batches), unknownProcess) })
	if err == nil {
		l.doubts.add(c.from)
	}
	l.progress.abandon(c.from)
}

// watchDoubts settles cuts that are set aside, and the months that are due from
// before, as soon as it may.
func (l *Loader) watchDoubts(ctx context.Context) {
	tick := time.NewTicker(lookAtBoots)
	defer tick.Stop()
	for {
		l.settleIfAny(ctx)
		select {
		case <-l.doubts.came:
		case <-tick.C:
		case <-l.quiet:
			l.settleIfAny(ctx)
			return
		case <-ctx.Done():
			return
		}
	}
}

func (l *Loader) settleIfAny(ctx context.Context) {
	if len(l.doubts.list()) == 0 && (len(l.journal.due()) == 0 || !l.mayRebuild(ctx)) {
		return
	}
	if unfence, err := l.Fence(ctx); err == nil { // a fence settles what there is
		unfence()
	}
}

// settle brings raw and aggregates to what they would be without the doubts. It
// needs a fence, and tries until it succeeds or ctx ends: as long as a statement
// of the last try may still be under way, nothing else may be loaded.
func (l *Loader) settle(ctx context.Context) error {
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for {
		err := l.trySettle(ctx)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		l.logger.Error("what ClickHouse lost when its process ended could not be mended, it will be tried again", zap.Error(err))
		sleep(ctx, pause.next())
	}
}

func (l *Loader) trySettle(ctx context.Context) error {
	due := map[rowblock.Month]bool{}
	for _, m := range l.journal.due() {
		due[m] = true
	}
	var cuts []recordedCut
	aside := l.doubts.list()
	for _, r := range l.journal.cuts() {
		if !slices.Contains(aside, r.From) {
			continue
		}
		cuts = append(cuts, r)
		if err := l.complete(ctx, r, due); err != nil {
			return err
		}
	}
	if err := l.rebuildDue(ctx, slices.Sorted(maps.Keys(due))); err != nil {
		return err
	}
	for _, r := range cuts {
		l.doubts.remove(r.From)
		l.finish(r.From, r.To)
	}
	return nil
}

// complete sends what raw lacks of a cut's doubted batches, and adds their
// months to those that are due.
func (l *Loader) complete(ctx context.Context, r recordedCut, due map[rowblock.Month]bool) error {
	c, err := l.recut(r)
	if err != nil {
		return err
	}
	days, token := c.days(), c.landing(l.log.IDString())
	for i, b := range c.batches {
		if slices.Contains(r.Doubted, i) {
			due[b.month] = true
			missing, err := l.sendMissing(ctx, b, "")
			if err != nil {
				return err
			}
			l.logger.Info("ClickHouse was started anew while a batch was under way; it has been compared with the raw rows, and its month's aggregates are made anew",
				zap.String("table", b.table.String()), zap.Stringer("month", b.month), zap.Int("rows", c.rows), zap.Int("missing_rows", missing))
		}
		b.release()
	}
	// Before the rebuild, which settles what is open on the days of its months.
	return l.landed.End(ctx, days, token)
}

// rebuildDue makes the aggregates of months anew, unless others write: then the
// months stay written down as due.
func (l *Loader) rebuildDue(ctx context.Context, months []rowblock.Month) error {
	if len(months) == 0 {
		return nil
	}
	if err := l.journal.setDue(months); err != nil {
		return err
	}
	if !l.mayRebuild(ctx) {
		return nil
	}
	if err := l.rebuild(ctx, months); err != nil {
		return err
	}
	return l.journal.setDue(nil)
}

// mayRebuild reports whether nobody else writes: aggregates that are made anew
// while another process loads would lack what it brings.
func (l *Loader) mayRebuild(ctx context.Context) bool {
	others, err := l.othersWrite(ctx)
	switch {
	case err != nil:
		l.logger.Error("cannot ask whether other processes write", zap.Error(err))
	case others:
		l.logger.Error("ClickHouse was started anew in the middle of an insert, so some months' aggregates have to be made anew, and other processes write: " +
			"stop them, and start this one with ingest.reconcile=force; see docs/operations.md")
	}
	return err == nil && !others
}
