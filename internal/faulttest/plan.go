package faulttest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Plan is everything about a round that its seed decides.
type Plan struct {
	Seed      uint64
	Apart     bool // the engine is a process of its own, behind a proxy
	World     World
	Producers int
	Batch     BatchOptions
	Faults    []Fault
	setups    *rand.Rand // of the next starts
}

// The parts of a round that have random numbers of their own; producers come
// after them.
const (
	partPlan = iota
	partSetups
	partChaos
	partProducers
)

// NewPlan draws the plan of a round. At least one process is killed in it.
func NewPlan(seed uint64) *Plan {
	r := seeded(seed, partPlan)
	p := &Plan{
		Seed: seed, World: NewWorld(r), Producers: 4 + r.IntN(5), setups: seeded(seed, partSetups),
		Apart: chance(r, 2), Batch: BatchOptions{MaxItems: pick(r, 10, 500, 2000), WaitPercent: pick(r, 0, 10, 50), Poison: pick(r, 0, 0, 500)},
	}
	for range 3 + r.IntN(4) {
		p.Faults = append(p.Faults, drawFault(r, p.Apart))
	}
	if !slices.ContainsFunc(p.Faults, func(f Fault) bool { return lives[f.Strike] > 0 }) {
		p.Faults[r.IntN(len(p.Faults))].Strike = pick(r, KillServe, KillEngine, KillBoth)
	}
	return p
}

// nextSetup draws how serve is started next.
func (p *Plan) nextSetup() Setup { return drawSetup(p.setups, p.Batch.MaxItems) }

// String tells the plan in a few lines.
func (p *Plan) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d, engine apart %t, %d producers, %d projects, %+v\n", p.Seed, p.Apart, p.Producers, len(p.World.Projects), p.Batch)
	for _, f := range p.Faults {
		fmt.Fprintf(&text, "  %s\n", f)
	}
	return text.String()
}

// Strike is a kind of fault.
type Strike string

// The kinds of faults of processes and connections.
const (
	KillServe    Strike = "kill serve"
	KillStarting Strike = "kill serve, and again while it starts"
	KillEngine   Strike = "kill the engine"
	KillBoth     Strike = "kill serve and the engine"
	PauseEngine  Strike = "pause the engine"
	StopServe    Strike = "stop serve"
	TooManyParts Strike = "too many parts"
	CutInsert    Strike = "cut an insert"
	HalfClose    Strike = "half-close an insert"
	LoseAnswer   Strike = "lose the answer to an insert"
	CutAll       Strike = "cut every connection"
	SlowNetwork  Strike = "slow network"
)

var strikes = []Strike{KillServe, KillServe, KillServe, KillStarting, KillEngine, KillEngine, KillBoth, KillBoth, PauseEngine, StopServe, TooManyParts}

var strikesApart = append([]Strike{CutInsert, CutInsert, HalfClose, LoseAnswer, LoseAnswer, CutAll, SlowNetwork}, strikes...)

// Strikes returns every kind of fault.
func Strikes() []Strike {
	all := slices.Clone(strikesApart)
	slices.Sort(all)
	return slices.Compact(all)
}

// Fault is one blow of a round.
type Fault struct {
	Strike Strike
	After  time.Duration // of quiet before it
	For    time.Duration // how long it lasts; how long serve stays away
	Bytes  int64         // after which a connection breaks
	Table  string        // that has too many parts
}

// String names the fault and what it was drawn with.
func (f Fault) String() string {
	return fmt.Sprintf("after %s: %s (%s, %d bytes, %s)", f.After, f.Strike, f.For, f.Bytes, f.Table)
}

func drawFault(r *rand.Rand, apart bool) Fault {
	kinds := strikes
	if apart {
		kinds = strikesApart
	}
	return Fault{
		Strike: pick(r, kinds...),
		After:  time.Duration(50+r.IntN(1200)) * time.Millisecond,
		For:    time.Duration(r.IntN(800)) * time.Millisecond,
		Bytes:  int64(r.IntN(1 << pick(r, 8, 12, 16, 20))),
		Table:  pick(r, "events", "page_views", "metrics_daily", "user_day", "sessions", "metrics_weekly", "user_month"),
	}
}
