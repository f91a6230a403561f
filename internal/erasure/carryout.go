package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
)

// carryOut brings an order as far as it can go now.
func (a *Agent) carryOut(ctx context.Context, id string) error {
	o, spools, err := a.read(ctx, id)
	if err != nil || o == nil {
		return err
	}
	ready, err := a.ready(ctx, o, spools)
	if err != nil || !ready {
		return err
	}
	waiting, done := context.WithTimeout(ctx, a.o.Patience)
	defer done()
	claim, err := a.d.Claim(waiting)
	if err != nil {
		return err
	}
	return errors.Join(a.carryOutAlone(ctx, id, claim), claim.Close())
}

func (a *Agent) read(ctx context.Context, id string) (*clickhouse.Erasure, []clickhouse.ErasureSpool, error) {
	o, err := a.d.Store.Get(ctx, id)
	if err != nil || o == nil {
		return nil, nil, err
	}
	spools, err := a.d.Store.Spools(ctx, id)
	return o, spools, err
}

// ready reports whether an order can go on: the spools have done what it waits
// for. It needs no claim, and is asked again with one.
func (a *Agent) ready(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool) (bool, error) {
	switch o.State {
	case clickhouse.ErasureOrdered:
		return a.all(ctx, spools, func(l clickhouse.LoaderStatus, s clickhouse.ErasureSpool) bool {
			return s.State != "" || l.State == clickhouse.LoaderStopped || l.Age > a.o.Dead // a late one makes another round
		})
	case clickhouse.ErasureSwept, clickhouse.ErasureFinished:
		return a.mayFinish(ctx, o, spools)
	default: // between copied and swept nobody has to be waited for
		return true, nil
	}
}

// all reports whether something holds for every spool that is not forgotten.
func (a *Agent) all(ctx context.Context, spools []clickhouse.ErasureSpool, holds func(clickhouse.LoaderStatus, clickhouse.ErasureSpool) bool) (bool, error) {
	loaders, err := a.d.Loaders.Loaders(ctx)
	if err != nil {
		return false, err
	}
	said := map[string]clickhouse.ErasureSpool{}
	for _, s := range spools {
		said[s.Spool] = s
	}
	for _, l := range loaders {
		if l.State != clickhouse.LoaderForgotten && !holds(l, said[l.ID]) {
			return false, nil
		}
	}
	return true, nil
}

// mayFinish reports whether an order that is swept has nothing to wait for any
// more, or has to begin another round.
func (a *Agent) mayFinish(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool) (bool, error) {
	receipt, err := ReceiptOf(*o)
	if err != nil {
		return false, err
	}
	if late(receipt, spools) {
		return true, nil
	}
	if o.State == clickhouse.ErasureFinished {
		return false, nil
	}
	clean, err := a.all(ctx, spools, func(_ clickhouse.LoaderStatus, s clickhouse.ErasureSpool) bool {
		return s.State == clickhouse.SpoolClean
	})
	if err != nil || !clean {
		return false, err
	}
	old, err := a.d.Store.OldParts(ctx, o.ChangedAt)
	return old == 0, err
}

// late reports whether a spool loaded rows after it was written down which go.
func late(receipt Receipt, spools []clickhouse.ErasureSpool) bool {
	for _, s := range spools {
		if !receipt.Spools[s.Spool].Covered {
			return true
		}
	}
	return false
}

// carryOutAlone goes on with an order as the only one who repairs: until it has
// to wait for something.
func (a *Agent) carryOutAlone(ctx context.Context, id string, claim Claim) error {
	for {
		o, spools, err := a.read(ctx, id)
		if err != nil || o == nil {
			return err
		}
		ready, err := a.ready(ctx, o, spools)
		if err != nil || !ready {
			return err
		}
		receipt, err := ReceiptOf(*o)
		if err != nil {
			return err
		}
		if err := a.step(ctx, o, spools, &receipt, claim); err != nil {
			return fmt.Errorf("erasure %s, %s: %w", o.ID, o.State, err)
		}
	}
}

// step does what comes next, and notes it.
func (a *Agent) step(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool, r *Receipt, claim Claim) error {
	switch o.State {
	case clickhouse.ErasureOrdered:
		return a.copy(ctx, o, spools, r)
	case clickhouse.ErasureCopied:
		return a.purge(ctx, o, spools, r, claim)
	case clickhouse.ErasurePurged:
		return a.sweep(ctx, o, r)
	default:
		return a.finish(ctx, o, spools, r)
	}
}

func (a *Agent) copy(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool, r *Receipt) error {
	if o.Linked { // only now everything that was said is loaded
		ids, err := a.d.Store.Linked(ctx, o.Project, o.Persons, MaxPersons)
		if err != nil {
			return err
		}
		link(o, ids)
	}
	rows, err := a.d.Store.Copy(ctx, *o, spools)
	if err != nil {
		return err
	}
	r.add(rows)
	r.cover(spools)
	return a.enter(ctx, o, clickhouse.ErasureCopied, r)
}

// purge is the one step during which nothing is loaded. What it has deleted is
// noted also if the fence was lost meanwhile and it has to be done again.
func (a *Agent) purge(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool, r *Receipt, claim Claim) error {
	fenced, end := context.WithCancel(ctx) // the fence is renewed as long as it lives
	defer end()
	patience := time.AfterFunc(a.o.Patience, end)
	release, err := claim.Fence(fenced)
	if err != nil {
		return err
	}
	defer release()
	patience.Stop()
	rows, err := a.d.Store.Purge(ctx, *o, covered(*r, spools), claim.ID())
	if err != nil {
		return err
	}
	delete(rows, "events") // Copy has counted them, also if a kill lets Purge find fewer
	delete(rows, "page_views")
	r.add(rows)
	if err := claim.Held(ctx); err != nil {
		return errors.Join(err, a.enter(ctx, o, clickhouse.ErasureCopied, r))
	}
	now := moment()
	r.PurgedAt = &now
	return a.enter(ctx, o, clickhouse.ErasurePurged, r)
}

// covered are the spools that the round is about.
func covered(r Receipt, spools []clickhouse.ErasureSpool) []clickhouse.ErasureSpool {
	var list []clickhouse.ErasureSpool
	for _, s := range spools {
		if r.Spools[s.Spool].Covered {
			list = append(list, s)
		}
	}
	return list
}

func (a *Agent) sweep(ctx context.Context, o *clickhouse.Erasure, r *Receipt) error {
	r.Derived = "there are none"
	if a.d.Derived != nil {
		months, err := a.d.Store.Months(ctx, *o)
		if err == nil {
			err = a.d.Derived.Refresh(ctx, o.Project, months)
		}
		if err != nil {
			return err
		}
		r.Derived = "made anew"
	}
	if err := a.d.Store.Sweep(ctx, *o); err != nil {
		return err
	}
	now := moment()
	r.SweptAt = &now
	return a.enter(ctx, o, clickhouse.ErasureSwept, r)
}

// finish looks into everything, or begins another round for a spool that came
// back late.
func (a *Agent) finish(ctx context.Context, o *clickhouse.Erasure, spools []clickhouse.ErasureSpool, r *Receipt) error {
	if late(*r, spools) {
		r.FinishedAt, r.Found, r.Clean = nil, nil, false
		o.Round++
		return a.enter(ctx, o, clickhouse.ErasureOrdered, r)
	}
	found, err := a.d.Store.Traces(ctx, *o, spools)
	if err != nil {
		return err
	}
	now := moment()
	r.note(spools)
	r.Found, r.FinishedAt = found, &now
	r.Clean = r.nothingFound()
	if !r.Clean {
		a.d.Logger.Error("an erased person was found again; see the receipt", zap.String("erasure", o.ID))
		a.metrics.unclean.Inc()
	}
	return a.enter(ctx, o, clickhouse.ErasureFinished, r)
}

// enter stores a state of an order with its receipt.
func (a *Agent) enter(ctx context.Context, o *clickhouse.Erasure, state clickhouse.ErasureState, r *Receipt) error {
	o.State, o.ChangedAt = state, moment()
	o.Version++
	r.State, r.Round, r.Version = state, o.Round, a.o.Version
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write a receipt: %w", err)
	}
	o.Receipt = string(text)
	if err := a.d.Store.Put(ctx, *o); err != nil {
		return err
	}
	a.d.Logger.Info("an erasure goes on", zap.String("erasure", o.ID), zap.String("state", string(state)), zap.Uint32("round", o.Round))
	return nil
}

func moment() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
