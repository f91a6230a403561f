package fence

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"ibarura/internal/clickhouse"
)

// Lock lets one claim be at a time; clickhouse.RepairLock is one.
type Lock interface {
	// Lock waits until it has the lock, or ctx ends.
	Lock(ctx context.Context) error
	// Close gives the lock back.
	Close() error
}

// Errors of who repairs.
var (
	// ErrLost means that the claim was taken to be dead, since it was silent for
	// longer than its lease: whatever it has prepared is void. Start over.
	ErrLost = errors.New("the claim to repair was silent for too long and is lost; start over")
	// ErrUnresolved means that a loader is away that had begun something.
	ErrUnresolved = errors.New("a loader is away that may have something under way")
)

// Claim is the right to give orders, of one process among all. It is for one
// goroutine.
type Claim struct {
	store   Store
	lock    Lock
	times   Times
	id      string
	purpose string
	order   clickhouse.FenceOrder // in force, or released
}

// Take waits until no other claim is there, or ctx ends, declares those lost
// that were left behind, and drops their tables.
func Take(ctx context.Context, store Store, lock Lock, times Times, purpose string) (*Claim, error) {
	if err := lock.Lock(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("wait for others who repair: %w", err), lock.Close())
	}
	id := newID()
	c := &Claim{store: store, lock: lock, times: times, id: id, purpose: purpose}
	err := store.Order(ctx, c.self(), times.Lease)
	if err == nil {
		err = c.clear(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (c *Claim) self() clickhouse.FenceOrder {
	return clickhouse.FenceOrder{ID: c.id, Claim: c.id, Purpose: c.purpose, State: clickhouse.FenceInForce}
}

// ID begins the names of the claim's tables: see clickhouse.RepairTable.
func (c *Claim) ID() string { return c.id }

// clear declares the claims of others lost: they have lost the lock, so they
// are dead, or asleep and will find out.
func (c *Claim) clear(ctx context.Context) error {
	orders, err := c.store.Orders(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.IsClaim() && o.Claim != c.id && o.State == clickhouse.FenceInForce {
			if err := c.store.Break(ctx, o.Claim, o.Purpose); err != nil {
				return err
			}
		}
	}
	return c.store.DropTables(ctx, func(claim string) bool { return claim != c.id })
}

// Fence orders every loader to stand still, and returns once each does, with
// nothing under way. Until release, raw tables and aggregates hold whole batches and
// do not change but by the caller, as long as Held says so. It fails if a loader is
// away that may have something under way, when one does not come to stand within
// Times.Patience, and when ctx ends.
func (c *Claim) Fence(ctx context.Context) (release func(), err error) {
	c.order = clickhouse.FenceOrder{ID: newID(), Claim: c.id, Purpose: c.purpose, State: clickhouse.FenceInForce}
	if err := c.store.Order(ctx, c.order, c.times.Lease); err != nil {
		return nil, err
	}
	stop := c.renew(ctx)
	waiting, cancel := context.WithTimeout(ctx, c.times.Patience)
	defer cancel()
	release = sync.OnceFunc(func() {
		stop()
		c.release()
	})
	if err := c.awaitAll(waiting); err != nil {
		release()
		return nil, asDeadline(waiting, err)
	}
	return release, nil
}

// asDeadline says that a deadline has passed where the driver says only that
// its connection timed out, at the deadline's moment, which the context may
// notice later.
func asDeadline(ctx context.Context, err error) error {
	if deadline, _ := ctx.Deadline(); !time.Now().Before(deadline) {
		return errors.Join(context.DeadlineExceeded, err)
	}
	return err
}

// Held returns nil if every loader still stands: nothing was loaded since
// Fence. ErrLost: it may have been.
func (c *Claim) Held(ctx context.Context) error {
	orders, err := c.store.Orders(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if o.ID == c.order.ID && o.Stands() && !o.Expired {
			return nil
		}
	}
	return ErrLost
}

// Lost reports whether the claim is certainly lost.
func (c *Claim) Lost(ctx context.Context) bool {
	orders, err := c.store.Orders(ctx)
	return err == nil && lost(orders)[c.id]
}

// renew keeps the order alive until stop. That it cannot is found by Held.
func (c *Claim) renew(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	order := c.order
	done.Go(func() {
		tick := time.NewTicker(c.times.Lease / 6)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = c.store.Order(ctx, order, c.times.Lease)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// releaseTimeout bounds taking an order away. If that fails, its lease runs out.
const releaseTimeout = 10 * time.Second

func (c *Claim) release() {
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	c.order.State = clickhouse.FenceReleased
	_ = c.store.Mark(ctx, c.order, clickhouse.FenceReleased)
}

// awaitAll returns once every loader stands at the order.
func (c *Claim) awaitAll(ctx context.Context) error {
	for {
		if err := c.Held(ctx); err != nil {
			return err
		}
		loaders, err := c.store.Loaders(ctx)
		if err != nil {
			return err
		}
		waiting, err := c.waitsFor(loaders)
		if err != nil || waiting == "" {
			return err
		}
		select {
		case <-time.After(c.times.Look / 2):
		case <-ctx.Done():
			return fmt.Errorf("loader %s does not stand still: %w", waiting, ctx.Err())
		}
	}
}

// waitsFor names a loader that lives and does not stand yet. One that is
// silent and had nothing under way goes on only through its gate.
func (c *Claim) waitsFor(loaders []clickhouse.LoaderStatus) (string, error) {
	for _, l := range loaders {
		switch l.State {
		case clickhouse.LoaderStopped, clickhouse.LoaderForgotten:
			continue
		case clickhouse.LoaderFenced:
			if l.Fence == c.order.ID || l.Age > c.times.Dead {
				continue
			}
		case clickhouse.LoaderLoading:
			if l.Age > c.times.Dead {
				return "", fmt.Errorf("%w: %s on %s was last seen %s ago; start it, or see ibarura loaders forget",
					ErrUnresolved, l.ID, l.Host, l.Age.Round(time.Second))
			}
		}
		return l.ID + " on " + l.Host, nil
	}
	return "", nil
}

// Close drops the claim's tables and lets the next one repair. It may be called
// twice.
func (c *Claim) Close() error {
	if c.lock == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	err := c.store.DropTables(ctx, func(claim string) bool { return claim == c.id })
	err = errors.Join(err, c.store.Mark(ctx, c.self(), clickhouse.FenceReleased), c.lock.Close())
	c.lock = nil
	return err
}
