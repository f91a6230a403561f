package faulttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

// Ending is how a phase of a round on a failing disk ends.
type Ending string

// The endings.
const (
	PowerLoss  Ending = "power loss"  // what was not synced is gone
	ProcessEnd Ending = "process end" // what was written stays
	PoliteStop Ending = "polite stop"
	GoesOn     Ending = "goes on" // the disk is well again, the service lives on
)

// Phase is a stretch of a round in which the disk fails in one way.
type Phase struct {
	Rates  faultfs.Rates
	Full   bool // every reservation of disk fails
	For    time.Duration
	Ending Ending
}

// DiskPlan is everything about a round on a failing disk that its seed decides.
type DiskPlan struct {
	Plan
	Phases []Phase
	Over   func(spool.FS) spool.FS // stands between the spool and the disk; nil: nothing does
}

// NewDiskPlan draws the plan of a round whose projects bear its seed, so that
// many can share an engine.
func NewDiskPlan(seed uint64) *DiskPlan {
	p := &DiskPlan{Plan: *NewPlan(seed)}
	p.Faults = nil
	p.World.Projects = append([]Project(nil), p.World.Projects...)
	for i := range p.World.Projects {
		p.World.Projects[i].Name = fmt.Sprintf("disk-%d-%s", seed, p.World.Projects[i].Name)
	}
	r := seeded(seed, partChaos)
	for range 3 + r.IntN(4) {
		p.Phases = append(p.Phases, drawPhase(r))
	}
	return p
}

func drawPhase(r *rand.Rand) Phase {
	p := Phase{
		For: time.Duration(100+r.IntN(900)) * time.Millisecond, Full: chance(r, 6),
		Ending: pick(r, PowerLoss, PowerLoss, PowerLoss, ProcessEnd, PoliteStop, GoesOn),
	}
	for _, rate := range []*float64{&p.Rates.Write, &p.Rates.Sync, &p.Rates.Allocate, &p.Rates.Name, &p.Rates.Slow} {
		if chance(r, 2) {
			*rate = r.Float64() / 4
		}
	}
	p.Rates.SlowUntil = time.Duration(r.IntN(100)) * time.Millisecond
	return p
}

func (p *DiskPlan) nextOptions() InsideOptions { return InsideOptions{Setup: p.nextSetup()} }

// diskRound is a round within this process, on a disk that fails.
type diskRound struct {
	*Outcome
	plan   *DiskPlan
	disk   *faultfs.FS
	inside *Inside
	luck   *rand.Rand
}

// DiskRound carries out a plan within this process, with its spool in an empty
// folder. Nothing of the target's tables has to be empty.
func DiskRound(ctx context.Context, target clickhouse.Target, dir string, plan *DiskPlan) (*Outcome, error) {
	began := time.Now()
	d := &diskRound{
		Outcome: &Outcome{Plan: &plan.Plan, Struck: map[Strike]int{}}, plan: plan,
		disk: faultfs.New(spool.OS{}, plan.Seed), luck: seeded(plan.Seed, partChaos+100),
	}
	if plan.Over == nil {
		plan.Over = func(fs spool.FS) spool.FS { return fs }
	}
	d.inside = &Inside{Target: target, Dir: dir, FS: plan.Over(d.disk), Zones: map[string]*time.Location{}}
	for _, p := range plan.World.Projects {
		d.inside.Zones[p.Name] = mustZone(p.Zone)
	}
	if err := errors.Join(d.carryOut(ctx), d.inside.Stop(ctx)); err != nil {
		return nil, err
	}
	d.Took = time.Since(began)
	return d.Outcome, nil
}

func (d *diskRound) carryOut(ctx context.Context) error {
	conn, err := clickhouse.Open(d.inside.Target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(ctx, "ALTER TABLE events "+Poisoned); err != nil {
		return err
	}
	if err := d.inside.Start(ctx, d.plan.nextOptions()); err != nil {
		return err
	}
	ledger := NewLedger()
	if err := underLoad(ctx, &d.plan.Plan, d.inside, ledger, d.fail); err != nil {
		return err
	}
	if err := d.inside.Stop(ctx); err != nil {
		return fmt.Errorf("the last stop, when all was well: %w", err)
	}
	if err := d.inside.Start(ctx, d.plan.nextOptions()); err != nil {
		return err
	}
	return d.judge(ctx, conn, d.inside, ledger)
}

// fail lets the disk fail, phase by phase.
func (d *diskRound) fail(ctx context.Context) error {
	for _, p := range d.plan.Phases {
		d.disk.SetHook(p.hook(d.luck.Uint64()))
		wait(ctx, p.For)
		if err := d.end(ctx, p.Ending); err != nil {
			return fmt.Errorf("%s: %w", p.Ending, err)
		}
		d.disk.SetHook(nil)
		d.Struck[Strike(p.Ending)]++
	}
	return nil
}

func (p *Phase) hook(seed uint64) faultfs.Hook {
	rates := p.Rates
	if p.Full {
		rates.Allocate = 1
	}
	return faultfs.Random(seed, rates)
}

func (d *diskRound) end(ctx context.Context, how Ending) error {
	switch how {
	case PowerLoss:
		if err := d.disk.PowerLoss(); err != nil {
			return err
		}
		d.inside.Abandon()
		if err := d.loseJournal(); err != nil {
			return err
		}
	case ProcessEnd:
		d.disk.Crash()
		d.inside.Abandon()
	case PoliteStop:
		_ = d.inside.Stop(ctx) // on a disk that fails it may not end well
	default:
		return nil
	}
	d.disk.PowerOn()
	d.disk.SetHook(nil)
	return d.inside.Start(ctx, d.plan.nextOptions())
}

func (d *diskRound) loseJournal() error {
	text, err := os.ReadFile(d.inside.journal())
	if err != nil {
		return err
	}
	return os.WriteFile(d.inside.journal(), journalLoss(text, d.luck.IntN), 0o600)
}
