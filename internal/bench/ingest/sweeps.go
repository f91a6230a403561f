package main

import (
	"context"
	"fmt"
	"os"

	"ibarura/internal/bench/markdown"
)

// sweeps shows how the rate depends on the size of a request and on the number
// of connections.
func (b *bench) sweeps(ctx context.Context) error {
	for _, part := range []struct {
		section string
		run     func(context.Context) error
	}{
		{batchSection, b.byBatch}, {connectionsSection, b.byConnections}, {singleSection, b.singles},
	} {
		if !b.o.wants(part.section) {
			continue
		}
		if err := part.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// batchSteps are the sizes of a request, and the numbers of connections of
// which each gets its best.
var batchSteps = []struct {
	batch       int
	connections []int
}{
	{1, []int{64, 256}}, {10, []int{32, 128}}, {100, []int{16, 64}}, {500, []int{4, 16}}, {5000, []int{2, 8}},
}

func (b *bench) byBatch(ctx context.Context) error {
	fmt.Printf("\n### Events a request\n\n%s each, the better of two numbers of connections.\n", b.o.Step)
	t := markdown.New("events a request", "connections", "events/s", "requests/s", "p50, ms", "p99, ms", "serve, MB resident")
	for _, step := range batchSteps {
		var best round
		connections := 0
		for _, n := range step.connections {
			r, err := b.measure(ctx, b.ours, step.batch, n, amount{time: b.o.Step})
			if err != nil {
				return err
			}
			if r.rate > best.rate {
				best, connections = r, n
			}
		}
		t.Add(thousands(float64(step.batch)), connections, thousands(best.rate), best.requestRate(),
			millis(best.Latency.Percentile(50)), millis(best.Latency.Percentile(99)), megabytes(best.memory.Max))
	}
	return t.Print(os.Stdout)
}

func (b *bench) byConnections(ctx context.Context) error {
	fmt.Printf("\n### Connections\n\n%s each, %d events a request.\n", b.o.Step, ourBatch)
	return b.overConnections(ctx, ourBatch, []int{1, 4, 16, 64, 256, 1000})
}

func (b *bench) singles(ctx context.Context) error {
	fmt.Printf("\n### One event a request\n\n%s each.\n", b.o.Step)
	return b.overConnections(ctx, 1, []int{1, 16, 64, 256, 1000})
}

func (b *bench) overConnections(ctx context.Context, batch int, connections []int) error {
	t := markdown.New("connections", "events/s", "requests/s", "p50, ms", "p95, ms", "p99, ms", "max, ms", "serve, MB resident", "turned away")
	for _, n := range connections {
		r, err := b.measure(ctx, b.ours, batch, n, amount{time: b.o.Step})
		if err != nil {
			return err
		}
		l := r.Latency
		t.Add(thousands(float64(n)), thousands(r.rate), r.requestRate(), millis(l.Percentile(50)), millis(l.Percentile(95)),
			millis(l.Percentile(99)), millis(l.Percentile(100)), megabytes(r.memory.Max), r.TurnedAway)
	}
	return t.Print(os.Stdout)
}

// requestRate is requests a second, as far as they were answered.
func (r *round) requestRate() string { return thousands(float64(r.Requests) / r.Took.Seconds()) }
