package faulttest_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/faulttest"
)

func TestASeedReplaysThePlanAndEveryByteThatIsSent(t *testing.T) {
	plans := map[string]uint64{}
	for s := range uint64(200) {
		first, again := faulttest.NewPlan(s), faulttest.NewPlan(s)
		if diff := cmp.Diff(first.String(), again.String()); diff != "" {
			t.Fatalf("seed %d (-first +again):\n%s", s, diff)
		}
		if other, known := plans[first.String()]; known {
			t.Errorf("seeds %d and %d are the same plan", other, s)
		}
		plans[first.String()] = s
		a := first.World.Batch(rand.New(rand.NewPCG(s, 1)), "p", first.Batch)
		b := again.World.Batch(rand.New(rand.NewPCG(s, 1)), "p", again.Batch)
		if !bytes.Equal(a.Body, b.Body) || a.Items != b.Items || a.Items == 0 {
			t.Errorf("seed %d: two batches of one random sequence differ", s)
		}
	}
}

func TestEveryKindOfFaultComesUpAndEveryRoundKills(t *testing.T) {
	seen := map[faulttest.Strike]bool{}
	for s := range uint64(500) {
		kills := false
		for _, f := range faulttest.NewPlan(s).Faults {
			seen[f.Strike] = true
			kills = kills || strings.HasPrefix(string(f.Strike), "kill")
		}
		if !kills {
			t.Errorf("seed %d kills nothing", s)
		}
	}
	for _, kind := range faulttest.Strikes() {
		if !seen[kind] {
			t.Errorf("no plan of 500 has: %s", kind)
		}
	}
}
