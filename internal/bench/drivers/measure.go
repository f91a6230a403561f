package main

import (
	"context"
	"runtime"
	"time"

	"ibarura/internal/bench/proc"
	"ibarura/internal/event"
	"ibarura/internal/loadgen"
)

// result is what a row costs.
type result struct {
	wall, cpu          float64 // nanoseconds; cpu is this process's alone
	allocations, bytes float64
}

// seq numbers the blocks, so that ClickHouse does not take two for one.
var seq uint64

func measure(ctx context.Context, d driver, table string, rows []event.Row, blocks int) (result, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began := proc.Self(), time.Now()
	for range blocks {
		seq++
		if err := d.insert(ctx, table, rows, seq); err != nil {
			return result{}, err
		}
	}
	wall, used := time.Since(began), proc.Self()-cpu
	runtime.ReadMemStats(&after)
	n := float64(blocks * len(rows))
	return result{
		wall: float64(wall) / n, cpu: float64(used) / n,
		allocations: float64(after.Mallocs-before.Mallocs) / n,
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / n,
	}, nil
}

// makeRows makes events as ingest hands them on.
func makeRows(n int) ([]event.Row, error) {
	now := time.Date(2026, 6, 17, 18, 0, 0, 0, time.UTC)
	g, err := loadgen.New(loadgen.Options{Seed: 1, Run: 1, Users: 100_000, Posts: 50_000, Clock: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	rows := make([]event.Row, n)
	for i := range rows {
		e := g.Event()
		rows[i] = event.Row{
			Event: e,
			Stamp: event.Stamp{
				Project: "default", Day: event.DayOf(e.OccurredAt, time.UTC), Person: event.PersonOf(e.Identity), ReceivedAt: event.MillisOf(now),
			},
			Active: e.Type != "notification_sent",
		}
	}
	return rows, nil
}
