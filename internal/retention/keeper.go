package retention

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

// Store keeps policies and removes rows; clickhouse.Retentions does.
type Store interface {
	// List returns the projects whose rows are not all kept for ever.
	List(ctx context.Context) ([]clickhouse.Retention, error)
	// Put stores a state; the highest version is in force.
	Put(ctx context.Context, t clickhouse.Retention) error
	// Expire removes what is older than t.From; it may be repeated.
	Expire(ctx context.Context, t clickhouse.Retention) (map[string]uint64, error)
}

// Options are what a Keeper needs to know.
type Options struct {
	Spread time.Duration // after which every process knows what is left
	Wait   time.Duration // for the turn to repair
	Clock  func() time.Time
}

// Deps is what a Keeper works with.
type Deps struct {
	Store Store
	// Alone calls do as the only one of all processes who repairs.
	Alone    func(ctx context.Context, do func(ctx context.Context) error) error
	Registry prometheus.Registerer
}

// Keeper removes what is too old.
type Keeper struct {
	o       Options
	d       Deps
	removed *prometheus.CounterVec
	failed  prometheus.Counter
}

// New returns a keeper.
func New(o Options, d Deps) *Keeper {
	k := &Keeper{o: o, d: d}
	k.removed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ibarura_retention_rows_total", Help: "Rows removed for their age.",
	}, []string{"table"})
	k.failed = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ibarura_retention_errors_total", Help: "Attempts to remove rows for their age that failed; they are repeated.",
	})
	d.Registry.MustRegister(k.removed, k.failed)
	return k
}

// Run removes what is too old of every project, and tells if that failed.
func (k *Keeper) Run(ctx context.Context) error {
	err := k.look(ctx)
	if err != nil && ctx.Err() == nil {
		k.failed.Inc()
	}
	return err
}

// look removes what is too old of every project. It takes its turn only if
// something may be.
func (k *Keeper) look(ctx context.Context) error {
	list, err := k.d.Store.List(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	ctx, done := context.WithTimeout(ctx, k.o.Wait)
	defer done()
	return k.d.Alone(ctx, func(ctx context.Context) error {
		list, err := k.d.Store.List(ctx)
		if err != nil {
			return err
		}
		var failures []error
		for _, t := range list {
			failures = append(failures, k.keep(ctx, t))
		}
		return errors.Join(failures...)
	})
}

// keep writes down what will be left of a project, waits until everybody knows,
// and removes the rest: also late rows of days that were removed before.
func (k *Keeper) keep(ctx context.Context, t clickhouse.Retention) error {
	t, less := due(t, k.o.Clock().UTC())
	if less {
		t.Version++
		if err := k.d.Store.Put(ctx, t); err != nil {
			return err
		}
		select {
		case <-time.After(k.o.Spread):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	rows, err := k.d.Store.Expire(ctx, t)
	for table, n := range rows {
		k.removed.WithLabelValues(table).Add(float64(n))
	}
	return err
}
