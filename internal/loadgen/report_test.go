package loadgen

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestQuantilesAreWithinFivePercent(t *testing.T) {
	var l latencies
	for i := range 10_000 {
		l.add(time.Duration(i+1) * 10 * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 50 * time.Millisecond, 0.95: 95 * time.Millisecond, 0.99: 99 * time.Millisecond} {
		if got := l.quantile(q); got < want || float64(got) > 1.05*float64(want) {
			t.Errorf("quantile %.2f is %s, want %s", q, got, want)
		}
	}
	if got := l.quantile(1); got != 100*time.Millisecond {
		t.Errorf("the longest is %s", got)
	}
	l.add(3 * time.Hour)
	if got := l.quantile(1); got != 3*time.Hour {
		t.Errorf("beyond the last bound it is %s", got)
	}
}

func TestDrawsFollowTheirWeights(t *testing.T) {
	weights := []float64{5, 0, 1, 4}
	a, rng := newAlias(weights), rand.New(rand.NewPCG(1, 2))
	const n = 100_000
	var got [4]float64
	for range n {
		got[a.draw(rng)]++
	}
	for i, w := range weights {
		if want := w / 10 * n; got[i] < want-1000 || got[i] > want+1000 {
			t.Errorf("index %d was drawn %.0f times, want %.0f", i, got[i], want)
		}
	}
}
