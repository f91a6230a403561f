package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"ibarura/internal/bench/wire"
)

// keptRuns is how often a kept answer is asked for.
const keptRuns = 10

// keptAnswers asks every question of a serve that keeps answers, and then again
// and again.
func (b *bench) keptAnswers(ctx context.Context) error {
	var all wire.Latency
	questions := 0
	for _, r := range b.asked {
		took, err := b.kept(ctx, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.fail(r, err)
			continue
		}
		if len(took) > 0 {
			questions++
		}
		all = append(all, took...)
	}
	slices.Sort(all)
	fmt.Printf("\nAnswers that serve keeps, of %d of %d questions: p50 %s ms, p95 %s ms, max %s ms.\n", questions, len(b.asked),
		millis(all.Percentile(50)), millis(all.Percentile(95)), millis(all.Percentile(100)))
	return nil
}

// kept returns how long the answers took that were kept.
func (b *bench) kept(ctx context.Context, r *result) (wire.Latency, error) {
	if _, _, err := b.client.ask(ctx, r.target(false)); err != nil {
		return nil, err
	}
	var all wire.Latency
	for range keptRuns {
		body, took, err := b.client.ask(ctx, r.target(false))
		if err != nil {
			return nil, err
		}
		var answer struct{ Meta struct{ Cached bool } }
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, err
		}
		if answer.Meta.Cached {
			all = append(all, took)
		}
	}
	return all, nil
}
