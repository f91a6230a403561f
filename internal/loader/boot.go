package loader

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"
)

// boot asks for the boot of ClickHouse's host; empty: it is never told.
func (l *Loader) boot(ctx context.Context) (string, error) {
	if l.config.Boot == nil {
		return "", nil
	}
	return l.config.Boot(ctx)
}

// booted reports whether a boot is another one than that of the last load.
func (l *Loader) booted(boot string) bool {
	before := l.journal.start().Boot
	if before == "" || boot == "" || sameBoot(before, boot) {
		return false
	}
	l.logger.Warn("ClickHouse's host was booted since the last load; the spool has to be compared with the raw rows")
	return true
}

// bootSlack is how far two readings of one moment of boot may lie apart: an
// uptime is told in seconds and some time after it was read.
const bootSlack = 30

// sameBoot compares names that may end with a moment of boot, in Unix seconds.
func sameBoot(a, b string) bool {
	if a == b {
		return true
	}
	hostA, atA, okA := bootMoment(a)
	hostB, atB, okB := bootMoment(b)
	return okA && okB && hostA == hostB && max(atA-atB, atB-atA) <= bootSlack
}

func bootMoment(boot string) (host string, at int64, ok bool) {
	host, seconds, found := strings.Cut(boot, " ")
	at, err := strconv.ParseInt(seconds, 10, 64)
	return host, at, found && err == nil
}

// isBack tells that ClickHouse took a block after it could not be reached.
func (l *Loader) isBack() {
	select {
	case l.back <- struct{}{}:
	default:
	}
}

// lookAtBoots is the pause between two looks at the boot: what was loaded more
// than a grace before the last look that found no new one is safe.
const lookAtBoots = 15 * time.Second

// watchBoots asks for the boot now and then, and whenever ClickHouse is back,
// and compares the spool with the raw rows behind a fence if there was one.
// Meanwhile, and while ClickHouse does not answer, loaded segments are kept.
func (l *Loader) watchBoots(ctx context.Context) {
	tick := time.NewTicker(lookAtBoots)
	defer tick.Stop()
	for {
		l.lookAtBoot(ctx)
		select {
		case <-l.back:
		case <-tick.C:
		case <-l.quiet:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (l *Loader) lookAtBoot(ctx context.Context) {
	asked := time.Now()
	boot, err := l.boot(ctx)
	switch {
	case err != nil:
		l.logger.Warn("ClickHouse does not tell its host's boot; loaded segments are kept until it does", zap.Error(err))
		return
	case l.unreconciled.Load() || l.booted(boot):
		if !l.mayReconcile(ctx) || !l.reconcileBehindFence(ctx, boot) {
			return
		}
	default:
		if err := l.journal.setBoot(boot); err != nil {
			l.logger.Warn("the boot of ClickHouse's host cannot be written down", zap.Error(err))
			return
		}
	}
	l.log.Confirm(asked)
}

// othersWrite reports whether other processes write.
func (l *Loader) othersWrite(ctx context.Context) (bool, error) {
	if l.config.Alone {
		return false, nil
	}
	return l.tables.OtherWriters(ctx, l.log.Number())
}

// mayReconcile reports whether nobody else writes: aggregates that are made anew
// while another process loads would lack what it brings. Until an operator has
// stopped the others, the spool keeps what may be missing.
func (l *Loader) mayReconcile(ctx context.Context) bool {
	others, err := l.othersWrite(ctx)
	l.unreconciled.Store(err != nil || others)
	switch {
	case err != nil:
		l.logger.Error("cannot ask whether other processes write", zap.Error(err))
	case others:
		l.logger.Error("ClickHouse may have lost rows that the spool still has, and other processes write to it: " +
			"stop them, and start this one with ingest.reconcile=force; see docs/operations.md")
	}
	return err == nil && !others
}

// reconcileBehindFence tries until it succeeds or ctx ends: nothing is loaded
// meanwhile, and nothing has to be, since the spool keeps it.
func (l *Loader) reconcileBehindFence(ctx context.Context, boot string) bool {
	unfence, err := l.Fence(ctx)
	if err != nil {
		return false
	}
	defer unfence()
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for {
		err := l.reconcile(ctx, boot)
		if err == nil {
			l.unreconciled.Store(false)
			return true
		}
		l.logger.Error("the spool could not be compared with the raw rows, it will be tried again", zap.Error(err))
		if !sleep(ctx, pause.next()) {
			return false
		}
	}
}
