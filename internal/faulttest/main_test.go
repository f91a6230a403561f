package faulttest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"ibarura/internal/enginetest"
	"ibarura/internal/faulttest"
)

var (
	rounds = flag.Int("rounds", 0, "rounds of random faults; 0: one with a fixed seed and one with a random one")
	seed   = flag.Uint64("seed", 0, "seed of the first round, the next ones follow; 0: a random one")
	given  = flag.String("binary", "", "the program to try; empty: it is built")
	race   = flag.Bool("race-binary", false, "run the program with the race detector")
)

func TestMain(m *testing.M) {
	code := enginetest.Run(m)
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// built is the program, built once for all tests.
var built struct {
	once   sync.Once
	dir    string
	binary string
	err    error
}

func binary(t *testing.T) string {
	t.Helper()
	if *given != "" {
		return *given
	}
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "ibarura-faults-binary-"); built.err == nil {
			built.binary, built.err = faulttest.Build(context.Background(), built.dir, *race)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.binary
}

// seeds are those of the rounds that were asked for.
func seeds() []uint64 {
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	if *rounds == 0 {
		return []uint64{1, first}
	}
	var all []uint64
	for i := range *rounds {
		all = append(all, first+uint64(i))
	}
	return all
}

func TestRandomFaultsLoseNothingAndCountNothingTwice(t *testing.T) {
	program := binary(t)
	var total faulttest.Summary
	for _, s := range seeds() {
		if o := round(t, program, s); o != nil {
			total.Add(o)
		}
	}
	if err := total.Print(os.Stdout); err != nil {
		t.Error(err)
	}
}

// round carries out one round. The folder of one that is not good stays.
func round(t *testing.T, program string, s uint64) *faulttest.Outcome {
	t.Helper()
	dir, err := os.MkdirTemp("", fmt.Sprintf("ibarura-faults-%d-", s))
	if err != nil {
		t.Fatal(err)
	}
	plan := faulttest.NewPlan(s)
	o, err := faulttest.Round(t.Context(), program, dir, plan)
	replay := fmt.Sprintf("data and logs: %s\nreplay: make test-faults SEED=%d ROUNDS=1\n%s", dir, s, plan)
	switch {
	case err != nil:
		t.Errorf("seed %d: %v\n%s", s, err, replay)
		return nil
	case !o.Good():
		t.Errorf("%s\n%s\n%s", o.Line(), o.Details(), replay)
	default:
		fmt.Println(o.Line())
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
	return o
}
