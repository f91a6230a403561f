package faulttest

import (
	"context"
	"fmt"
	"time"
)

// chaos carries out the faults of a plan, one after the other.
type chaos struct {
	rig    *Rig
	plan   *Plan
	struck map[Strike]int
}

func (c *chaos) run(ctx context.Context) error {
	for _, f := range c.plan.Faults {
		wait(ctx, f.After)
		if err := c.strike(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.Strike, err)
		}
		c.struck[f.Strike]++
	}
	return nil
}

func (c *chaos) strike(ctx context.Context, f Fault) error {
	switch f.Strike {
	case KillServe:
		c.rig.Kill()
	case KillStarting:
		c.rig.Kill()
		if err := c.rig.Launch(c.plan.nextSetup()); err != nil {
			return err
		}
		wait(ctx, 2*f.For)
		c.rig.Kill()
	case KillBoth:
		c.rig.KillBoth()
	case StopServe:
		_ = c.rig.Stop() // requests that do not end in time, and an engine that is away, are no fault of the stop
	default:
		return c.strikeEngine(ctx, f)
	}
	wait(ctx, f.For)
	return c.rig.Serve(c.plan.nextSetup())
}

// strikeEngine carries out what serve lives through.
func (c *chaos) strikeEngine(ctx context.Context, f Fault) error {
	switch f.Strike {
	case KillEngine:
		c.rig.KillEngine()
	case PauseEngine:
		c.rig.PauseEngine(2 * f.For)
	case TooManyParts:
		return c.tooManyParts(ctx, f)
	default:
		c.strikeConnections(ctx, f)
	}
	return nil
}

func (c *chaos) strikeConnections(ctx context.Context, f Fault) {
	switch f.Strike {
	case CutInsert:
		c.rig.proxy.CutOnce(Cut{After: f.Bytes})
	case HalfClose:
		c.rig.proxy.CutOnce(Cut{After: f.Bytes, HalfClose: true})
	case LoseAnswer:
		c.rig.proxy.CutOnce(Cut{After: f.Bytes, LoseAnswer: f.For + time.Millisecond})
	case SlowNetwork:
		c.rig.proxy.Delay(20 * time.Millisecond)
	default:
		c.rig.proxy.CutNow()
	}
	wait(ctx, f.For)
	c.rig.proxy.Calm()
}

// tooManyParts makes ClickHouse refuse inserts into a table for a while. If it
// is a view's target, raw is written by then.
func (c *chaos) tooManyParts(ctx context.Context, f Fault) error {
	if err := c.rig.Alter(ctx, f.Table, "MODIFY SETTING parts_to_throw_insert = 1"); err != nil {
		return err
	}
	wait(ctx, f.For)
	return c.rig.Alter(ctx, f.Table, "RESET SETTING parts_to_throw_insert")
}
