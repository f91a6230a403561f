package faulttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Outcome is what a round has shown.
type Outcome struct {
	Plan   *Plan
	Struck map[Strike]int
	Tally
	Audit
	Complaints []string // answers that the server should not have given
	Took       time.Duration
}

// Good reports whether every promise was kept.
func (o *Outcome) Good() bool { return o.Clean() && len(o.Complaints) == 0 }

// drainWithin is how long the last batches may take once nothing breaks any
// more.
const drainWithin = 10 * time.Minute

// budgetItems is how many items a producer sends in a round at most, so that
// what a fault has kept from being loaded is loaded within seconds after it.
const budgetItems = 5_000

// Round carries out a plan with real processes in an empty folder. An error
// says that the round could not be carried out, or that the service did not
// come back; the folder stays.
func Round(ctx context.Context, binary, dir string, plan *Plan) (*Outcome, error) {
	began := time.Now()
	rig, err := OpenRig(ctx, binary, dir, plan.Apart)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Plan: plan, Struck: map[Strike]int{}}
	err = o.carryOut(ctx, rig)
	if err := errors.Join(err, rig.Close(ctx)); err != nil {
		return nil, err
	}
	o.Took = time.Since(began)
	return o, nil
}

func (o *Outcome) carryOut(ctx context.Context, rig *Rig) error {
	if err := rig.Serve(o.Plan.nextSetup()); err != nil {
		return err
	}
	keys, err := rig.CreateProjects(ctx, o.Plan.World.Projects)
	if err != nil {
		return err
	}
	if err := rig.Alter(ctx, "events", Poisoned); err != nil {
		return err
	}
	door := &FrontDoor{Address: rig.URL, Keys: keys, Patience: 10 * time.Second}
	if err := AwaitKeys(ctx, door, o.Plan.World.Projects); err != nil {
		return err
	}
	ledger := NewLedger()
	blows := chaos{rig: rig, plan: o.Plan, struck: o.Struck}
	if err := underLoad(ctx, o.Plan, door, ledger, blows.run); err != nil {
		return err
	}
	if err := rig.Stop(); err != nil {
		return fmt.Errorf("the last stop, when all was well: %w", err)
	}
	if err := rig.Serve(o.Plan.nextSetup()); err != nil {
		return err
	}
	conn, err := rig.Open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return o.judge(ctx, conn, door, ledger)
}

// AwaitKeys returns when the keys of all projects are accepted: a running serve
// learns of new ones within a second.
func AwaitKeys(ctx context.Context, door Door, projects []Project) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for _, p := range projects {
		nothing := &Batch{Project: p.Name, Kind: Events, Body: []byte("[]")}
		for a, err := (Answer{}), error(nil); a.Status != http.StatusOK; wait(ctx, 20*time.Millisecond) {
			if ctx.Err() != nil {
				return fmt.Errorf("the key of %s is not accepted: %d %s: %w", p.Name, a.Status, a.Code, errors.Join(err, ctx.Err()))
			}
			a, err = door.Send(ctx, nothing, len(nothing.Body))
		}
	}
	return nil
}

// underLoad lets producers send while faults strike, and returns when each has
// its last batch acknowledged.
func underLoad(ctx context.Context, plan *Plan, door Door, ledger *Ledger, faults func(context.Context) error) error {
	stop, noMore := context.WithCancel(ctx)
	defer noMore()
	hard, giveUp := context.WithCancel(ctx)
	defer giveUp()
	done := produce(hard, stop, plan, door, ledger)
	err := faults(ctx)
	noMore()
	if err != nil {
		giveUp()
		<-done
		return err
	}
	select {
	case <-done:
		return ctx.Err()
	case <-time.After(drainWithin):
		giveUp()
		<-done
		return fmt.Errorf("the last batches are not acknowledged %s after the last fault", drainWithin)
	}
}

// produce starts the producers of a plan; the channel is closed when all have
// ended.
func produce(ctx, stop context.Context, plan *Plan, door Door, ledger *Ledger) <-chan struct{} {
	var running sync.WaitGroup
	for i := range plan.Producers {
		p := &producer{
			name: fmt.Sprintf("p%d", i), door: door, world: &plan.World, ledger: ledger,
			random: seeded(plan.Seed, partProducers+2*i), luck: seeded(plan.Seed, partProducers+2*i+1),
			batch: plan.Batch, pause: 20 * time.Millisecond, budget: budgetItems,
		}
		running.Go(func() { p.run(ctx, stop) })
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	return done
}

// judge waits until all is loaded, and compares.
func (o *Outcome) judge(ctx context.Context, conn driver.Conn, door Door, ledger *Ledger) error {
	if err := settle(ctx, &o.Plan.World, door, ledger); err != nil {
		return err
	}
	audit, err := ledger.Audit(ctx, conn, o.Plan.World.Projects)
	if err != nil {
		return err
	}
	o.Tally, o.Audit, o.Complaints = ledger.Tally(), *audit, ledger.Complaints()
	return nil
}

// settle sends a last batch that waits: once it can be queried, so can all that
// was acknowledged before.
func settle(ctx context.Context, w *World, door Door, ledger *Ledger) error {
	ctx, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	p := producer{name: "last", door: door, world: w, ledger: ledger, random: seeded(0, 0), luck: seeded(0, 1)}
	b := w.Batch(p.random, "last", BatchOptions{MaxItems: 10, WaitPercent: 100})
	ledger.Offer(b)
	p.persist(ctx, b, true)
	return ctx.Err()
}
