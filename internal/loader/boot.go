package loader

import (
	"context"

	"go.uber.org/zap"
)

// boot asks for the boot of ClickHouse's host.
func (l *Loader) boot(ctx context.Context) string {
	if l.config.Boot == nil {
		return ""
	}
	return l.config.Boot(ctx)
}

// booted reports whether a boot is another one than that of the last load.
func (l *Loader) booted(boot string) bool {
	before := l.journal.start().Boot
	if before == "" || boot == "" || before == boot {
		return false
	}
	l.logger.Warn("ClickHouse's host was booted since the last load; the spool is compared with the raw rows")
	return true
}

// isBack tells that ClickHouse took a block after it could not be reached.
func (l *Loader) isBack() {
	select {
	case l.back <- struct{}{}:
	default:
	}
}

// watchBoots looks for a boot whenever ClickHouse is back, and compares the spool
// with the raw rows behind a fence if there was one.
func (l *Loader) watchBoots(ctx context.Context) {
	for {
		select {
		case <-l.back:
		case <-l.quiet:
			return
		case <-ctx.Done():
			return
		}
		if boot := l.boot(ctx); l.booted(boot) {
			l.reconcileBehindFence(ctx, boot)
		}
	}
}

// reconcileBehindFence tries until it succeeds or ctx ends: nothing is loaded
// meanwhile, and nothing has to be, since the spool keeps it.
func (l *Loader) reconcileBehindFence(ctx context.Context, boot string) {
	unfence, err := l.Fence(ctx)
	if err != nil {
		return
	}
	defer unfence()
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for {
		err := l.reconcile(ctx, boot)
		if err == nil {
			return
		}
		l.logger.Error("the spool could not be compared with the raw rows, it will be tried again", zap.Error(err))
		if !sleep(ctx, pause.next()) {
			return
		}
	}
}
