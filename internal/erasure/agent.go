package erasure

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/spool"
)

// Store keeps orders and carries them out in the tables; clickhouse.Erasures is
// one. Every step may be repeated.
type Store interface {
	Orders
	// Open returns the orders that are not finished, and those for which a spool
	// has not done its part.
	Open(ctx context.Context, spool string) ([]clickhouse.Erasure, error)
	// Spools lists what spools have done for an order.
	Spools(ctx context.Context, id string) ([]clickhouse.ErasureSpool, error)
	PutSpools(ctx context.Context, list []clickhouse.ErasureSpool) error
	// Blocked returns the persons whose rows are refused, by project.
	Blocked(ctx context.Context) (map[string][]uint64, error)

	// Linked lists the anonymous ids that were said to be one of some users.
	Linked(ctx context.Context, project string, persons []uint64, limit int) ([]string, error)
	Copy(ctx context.Context, o clickhouse.Erasure, spools []clickhouse.ErasureSpool) (map[string]uint64, error)
	Months(ctx context.Context, o clickhouse.Erasure) ([]time.Time, error)
	Purge(ctx context.Context, o clickhouse.Erasure, spools []clickhouse.ErasureSpool, claim string) (map[string]uint64, error)
	Sweep(ctx context.Context, o clickhouse.Erasure) error
	OldParts(ctx context.Context, before time.Time) (uint64, error)
	Traces(ctx context.Context, o clickhouse.Erasure, spools []clickhouse.ErasureSpool) (map[string]uint64, error)
}

// Log is the spool of this process; spool.Spool is one.
type Log interface {
	IDString() string
	// Mark returns where the log stands, and the seq that follows.
	Mark() (position spool.LSN, seq uint64)
	First() spool.LSN
	// Turn begins a new segment if the newest one began before a position.
	Turn(before spool.LSN)
	// Aside counts the copies of damaged places in the log's folder.
	Aside() int
}

// Loading brings the log into the tables; loader.Loader does.
type Loading interface {
	// Await returns when every row before a position can be queried.
	Await(ctx context.Context, position spool.LSN) error
}

// Claim is the right to repair, of one process among all; fence.Claim is one.
type Claim interface {
	ID() string
	// Fence returns once nothing is loaded any more, until release.
	Fence(ctx context.Context) (release func(), err error)
	// Held returns nil if nothing was loaded since Fence.
	Held(ctx context.Context) error
	Close() error
}

// Loaders lists who loads; clickhouse.Fences does.
type Loaders interface {
	Loaders(ctx context.Context) ([]clickhouse.LoaderStatus, error)
}

// Derived makes tables that are derived from aggregates anew.
type Derived interface {
	// Refresh returns once no derived table holds anything of a project that is
	// older than the call. months are the first days of the months that changed.
	Refresh(ctx context.Context, project string, months []time.Time) error
}

// Options are what an Agent needs to know.
type Options struct {
	Look     time.Duration // between two looks for orders
	Patience time.Duration // for one step that waits: for the loader, for the claim
	Dead     time.Duration // silence after which a loader is not waited for
	Version  string        // of the program, for receipts
}

// DefaultOptions suit a serve; Dead is that of fence.DefaultTimes.
func DefaultOptions(version string) Options {
	return Options{Look: time.Second, Patience: time.Minute, Dead: 30 * time.Second, Version: version}
}

// Deps is what an Agent works with.
type Deps struct {
	Store    Store
	Log      Log
	Loading  Loading
	Loaders  Loaders
	Claim    func(ctx context.Context) (Claim, error) // waits for its turn
	Derived  Derived                                  // nil: there is nothing derived
	Logger   *zap.Logger
	Registry prometheus.Registerer
}

// Agent does this process's part of every order, and carries orders out when
// its turn comes.
type Agent struct {
	o       Options
	d       Deps
	metrics *metrics
	blocked atomic.Pointer[map[string][]uint64]

	stop context.CancelFunc
	done chan struct{}
}

// Start returns a running agent that knows who is blocked.
func Start(ctx context.Context, o Options, d Deps) (*Agent, error) {
	a := &Agent{o: o, d: d, metrics: newMetrics(d.Registry), done: make(chan struct{})}
	if err := a.learn(ctx); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.Background())
	a.stop = stop
	go a.run(running)
	return a, nil
}

// Stop ends the agent; what it was about goes on after the next start. It may be
// called twice.
func (a *Agent) Stop(ctx context.Context) error {
	a.stop()
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Blocked reports whether rows of a person are refused. It may be called by any
// goroutine, and costs next to nothing while nobody is blocked.
func (a *Agent) Blocked(project string, person uint64) bool {
	blocked := *a.blocked.Load()
	if len(blocked) == 0 {
		return false
	}
	_, found := slices.BinarySearch(blocked[project], person)
	return found
}

// learn reads who is blocked.
func (a *Agent) learn(ctx context.Context) error {
	blocked, err := a.d.Store.Blocked(ctx)
	if err != nil {
		return err
	}
	a.blocked.Store(&blocked)
	return nil
}

func (a *Agent) run(ctx context.Context) {
	defer close(a.done)
	tick := time.NewTicker(a.o.Look)
	defer tick.Stop()
	for {
		if err := a.look(ctx); err != nil && ctx.Err() == nil {
			a.metrics.failed.Inc()
			a.d.Logger.Warn("an erasure could not be gone on with; it will be tried again", zap.String("error", clickhouse.WithoutValues(err.Error())))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look does what can be done now. What has to wait is met again by the next look.
func (a *Agent) look(ctx context.Context) error {
	if err := a.learn(ctx); err != nil {
		return err
	}
	open, err := a.d.Store.Open(ctx, a.d.Log.IDString())
	if err != nil {
		return err
	}
	a.metrics.open(open)
	if len(open) == 0 {
		return nil
	}
	if err := a.doPart(ctx, open); err != nil {
		return err
	}
	for _, o := range open {
		if err := a.carryOut(ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}
