package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/wire"
)

const (
	// steadyConnections are enough that a request hardly ever waits for one.
	steadyConnections = 64
	// steadySteps is how long the steady load goes on, in steps.
	steadySteps = 6
)

// latency prints how long an acknowledgement takes: at the highest rate, from
// the rounds of the comparison; and under a steady load that does not wait for
// answers.
func (b *bench) latency(ctx context.Context) error {
	if !b.o.wants(latencySection) {
		return nil
	}
	fmt.Printf("\n### Latency of an acknowledgement\n\nMilliseconds; under a steady load counted from when a request was due. %d events a request.\n", ourBatch)
	t := markdown.New("load:", "connections", "rows/s", "p50", "p95", "p99", "max", "MB resident, max and median")
	for _, w := range b.ways {
		if w.batch == ourBatch {
			t.Add(latencyRow(w.name+", as fast as it goes", w.connections, w.median(), w.pooled(), w.memoryText())...)
		}
	}
	rate := b.ours.median() * float64(b.o.Load) / 100
	r, err := b.measure(ctx, b.ours, ourBatch, steadyConnections, amount{time: steadySteps * b.o.Step, rate: rate})
	if err != nil {
		return err
	}
	t.Add(latencyRow(fmt.Sprintf("ibarura, a steady %d%% of that", b.o.Load), steadyConnections, float64(r.Rows)/r.Took.Seconds(), r.Latency,
		memoryText(r.memory))...)
	return t.Print(os.Stdout)
}

func latencyRow(name string, connections int, rate float64, l wire.Latency, memory string) []any {
	return []any{name, connections, thousands(rate), millis(l.Percentile(50)), millis(l.Percentile(95)), millis(l.Percentile(99)),
		millis(l.Percentile(100)), memory}
}

// pooled is the latency over all rounds.
func (w *way) pooled() wire.Latency {
	var all wire.Latency
	for _, r := range w.rounds {
		all = append(all, r.Latency...)
	}
	slices.Sort(all)
	return all
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}
