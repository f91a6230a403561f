package live

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// everybody is what presence estimates: each person's newest slot, without a bound.
type everybody struct {
	now  slot
	last map[uint64]slot
}

func (e *everybody) see(person uint64, at slot) {
	if at = min(at, e.now); at+longWindow >= e.now {
		e.last[person] = max(e.last[person], at)
	}
}

func (e *everybody) count(window slot) (n uint64) {
	for _, at := range e.last {
		if at+window >= e.now {
			n++
		}
	}
	return n
}

func TestPresenceIsExactWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, e := newPresence(100, 1000), &everybody{1000, map[uint64]slot{}}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				e.now += slot(rapid.SampledFrom([]int{1, 1, 2, 7, 29, 100, 180, 181, 300}).Draw(t, "by"))
				p.advance(e.now)
			} else {
				person := rapid.Uint64Range(1, 80).Draw(t, "person") * 0x9E3779B97F4A7C15
				at := e.now + 3 - slot(rapid.IntRange(0, 200).Draw(t, "ago"))
				p.see(person, at)
				e.see(person, at)
			}
			for _, window := range []slot{shortWindow, longWindow} {
				got, exact := p.count(window)
				if want := e.count(window); got != want || !exact {
					t.Fatalf("%d persons in %d slots (exact: %v), want %d", got, window, exact, want)
				}
			}
		}
	})
}

// The sampling is held against the truth while a crowd comes, half of it stays,
// and all go: five standard errors off would be a mistake, not chance.
func TestPresenceBeyondItsBoundEstimatesAndSaysSo(t *testing.T) {
	const limit = 2000
	random := rand.New(rand.NewPCG(1, 2))
	p, e := newPresence(limit, 1000), &everybody{1000, map[uint64]slot{}}
	estimated := false
	for step := range 700 {
		e.now++
		p.advance(e.now)
		coming := 0
		switch {
		case step < 60:
			coming = 1000
		case step < 300:
			coming = 5
		}
		for range coming {
			person := random.Uint64()
			p.see(person, e.now)
			e.see(person, e.now)
		}
		if len(p.last) > limit {
			t.Fatalf("%d persons are known, the bound is %d", len(p.last), limit)
		}
		for _, window := range []slot{shortWindow, longWindow} {
			got, exact := p.count(window)
			want := e.count(window)
			estimated = estimated || !exact
			each := math.Exp2(float64(slices.Max(p.levels[:]))) // persons that one known one stands for
			if off := math.Abs(float64(got) - float64(want)); exact && off != 0 || off > 5*math.Sqrt(float64(want)*each)+each {
				t.Fatalf("step %d: %d in %d slots (exact: %v), want %d", step, got, window, exact, want)
			}
		}
	}
	if got, exact := p.count(longWindow); got != 0 || !exact || !estimated || p.level != 0 {
		t.Errorf("after everybody has gone: %d (exact: %v), level %d", got, exact, p.level)
	}
}

func TestARateIsTheMeanOfTheLastTenSeconds(t *testing.T) {
	var r rate
	r.add(100, Counts{10, 5})
	r.add(104, Counts{10, 0})
	for now, want := range map[int64]Rates{104: {2, 0.5}, 109: {2, 0.5}} {
		other := r
		if got := other.mean(now); got != want {
			t.Errorf("at %d: %v, want %v", now, got, want)
		}
	}
	if got := r.mean(110); got != (Rates{1, 0}) {
		t.Errorf("the first second is still in it: %v", got)
	}
	if got := r.mean(1000); got != (Rates{}) {
		t.Errorf("after silence: %v", got)
	}
}
