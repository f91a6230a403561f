package fence

import (
	"context"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// watch is what the running gate knows of its loader.
type watch struct {
	loader  Loader
	unfence func()      // the loader stands; nil: it does not
	halting chan func() // will bring unfence, or nil; nil: nobody waits
	giveUp  func()      // ends the waiting
	since   time.Time   // when it began to stand
	failed  bool        // the last look
}

// run looks for orders until ctx ends. It alone says anything meanwhile.
func (g *Gate) run(ctx context.Context) {
	defer close(g.done)
	w := &watch{}
	tick := time.NewTicker(g.times.Look)
	defer tick.Stop()
	for {
		select {
		case w.loader = <-g.guard:
			g.inDoubt = false
		case unfence := <-w.halting:
			w.halting = nil
			g.halted(w, unfence)
		case <-tick.C:
		case <-ctx.Done():
			g.end(w)
			return
		}
		g.look(ctx, w)
	}
}

// look does what the orders want now.
func (g *Gate) look(ctx context.Context, w *watch) {
	err := g.obey(ctx, w)
	switch {
	case ctx.Err() != nil:
	case err == nil:
		w.failed = false
	default:
		g.metrics.errors.Inc()
		if !w.failed {
			g.log.Warn("cannot look whether the loader has to stand still, it will be tried again", zap.Error(err))
		}
		w.failed = true
	}
}

func (g *Gate) obey(ctx context.Context, w *watch) error {
	if w.unfence != nil {
		passed, err := g.pass(ctx)
		if passed && err == nil {
			g.goOn(w)
		}
		return err
	}
	order, err := g.standing(ctx)
	if err != nil {
		return err
	}
	switch {
	case order != "" && w.loader != nil && w.halting == nil:
		g.halt(ctx, w)
	case order == "" && w.halting != nil:
		w.giveUp()
	}
	return g.sayOnce(ctx, clickhouse.LoaderLoading, g.mark())
}

// halt begins to stop the loader; the gate goes on saying that it lives.
func (g *Gate) halt(ctx context.Context, w *watch) {
	ctx, w.giveUp = context.WithCancel(ctx)
	halting := make(chan func(), 1)
	w.halting = halting
	loader := w.loader
	go func() {
		unfence, err := loader.Fence(ctx)
		if err != nil {
			unfence = nil
		}
		halting <- unfence
	}()
}

// halted notes that the loader stands, which is said by the next look.
func (g *Gate) halted(w *watch, unfence func()) {
	w.giveUp()
	if unfence == nil {
		return
	}
	w.unfence, w.since = unfence, time.Now()
	g.metrics.standing.Set(1)
	g.log.Info("the loader stands still, as ordered")
}

func (g *Gate) goOn(w *watch) {
	w.unfence()
	w.unfence = nil
	g.metrics.standing.Set(0)
	g.metrics.seconds.Add(time.Since(w.since).Seconds())
	g.log.Info("the loader goes on", zap.Duration("stood", time.Since(w.since)))
}

// end gives the loader, which has stopped, back to Leave.
func (g *Gate) end(w *watch) {
	if w.halting != nil {
		w.giveUp()
		w.unfence = <-w.halting
	}
	if w.unfence != nil {
		w.unfence()
	}
	if w.loader != nil {
		g.guard <- w.loader
	}
}
