package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/wire"
	"ibarura/internal/loadgen"
)

// atOnce lets many readers ask all questions, each the next one in line.
func (b *bench) atOnce(ctx context.Context) error {
	return b.read(ctx, b.o.Readers, func(r *result) *wire.Latency { return &r.atOnce })
}

// read lets readers ask until the time is over and everything has been asked.
func (b *bench) read(ctx context.Context, readers int, where func(*result) *wire.Latency) error {
	var next atomic.Int64
	var mu sync.Mutex
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range readers {
		group.Go(func() error {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(b.asked) && time.Since(began) > b.o.Load {
					return nil
				}
				r := b.asked[n%len(b.asked)]
				_, took, err := b.client.ask(ctx, r.target(false))
				if ctx.Err() != nil {
					return ctx.Err()
				}
				mu.Lock()
				if err != nil {
					b.fail(r, err)
				} else {
					*where(r) = append(*where(r), took)
				}
				mu.Unlock()
			}
		})
	}
	err := group.Wait()
	for _, r := range b.asked {
		slices.Sort(*where(r))
	}
	return err
}

const (
	ingestBatch       = 500
	ingestConnections = 16
	ingestVariety     = 200 // requests, used over and over with new ids
)

// whileIngesting lets one reader ask while events of the last day of the year
// come in, at a steady rate whether answers come or not.
func (b *bench) whileIngesting(ctx context.Context) error {
	load, err := b.ingest()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	var sent wire.Result
	go func() {
		var err error
		sent, err = load.Send(ctx)
		ended <- err
	}()
	err = b.read(ctx, 1, func(r *result) *wire.Latency { return &r.whileIngesting })
	cancel()
	if sendErr := <-ended; sendErr != nil && err == nil && sent.Rows == 0 {
		err = sendErr
	}
	fmt.Printf("\nIngest beside one reader: %s events/s in %d requests, p50 %s ms, p99 %s ms until they were on the disk.\n",
		thousands(float64(sent.Rows)/sent.Took.Seconds()), sent.Requests, millis(sent.Latency.Percentile(50)), millis(sent.Latency.Percentile(99)))
	return err
}

func (b *bench) ingest() (*wire.Load, error) {
	noon := yearEnds.Add(-12 * time.Hour)
	events, err := b.o.events()
	if err != nil {
		return nil, err
	}
	g, err := loadgen.New(loadgen.Options{
		Seed: b.o.Seed, Run: 1, Users: max(1000, events/100), Posts: max(1000, events/100), Clock: func() time.Time { return noon },
	})
	if err != nil {
		return nil, err
	}
	target := &wire.Target{Address: b.server.Address, Path: "/api/v1/events", Headers: []string{
		"Authorization: Bearer " + b.server.Key, "Content-Type: application/x-ndjson",
	}}
	load := &wire.Load{
		Target: target, Connections: ingestConnections, Count: 1 << 30,
		Every: time.Duration(float64(ingestBatch) / float64(b.o.Rate) * float64(time.Second)), Check: accepted,
	}
	for range ingestVariety {
		body := g.AppendJSON(nil, ingestBatch)
		load.Requests = append(load.Requests, target.New(body, idsOf(body)))
	}
	return load, nil
}

// idsOf returns where the ids of lines begin.
func idsOf(text []byte) []int {
	ids := []int{loadgen.IDOffset}
	for i, c := range text[:len(text)-1] {
		if c == '\n' {
			ids = append(ids, i+1+loadgen.IDOffset)
		}
	}
	return ids
}

func accepted(a *wire.Answer, r *wire.Request) error {
	var said struct{ Accepted, Duplicates int }
	if a.Status == http.StatusOK && json.Unmarshal(a.Body, &said) == nil && said.Accepted+said.Duplicates == r.Rows {
		return nil
	}
	return fmt.Errorf("answer %d to %d events: %.300s", a.Status, r.Rows, a.Body)
}

// printUnderLoad shows how long answers take in all circumstances.
func (b *bench) printUnderLoad() error {
	fmt.Printf("\n### Under load\n\nMilliseconds. %d readers that ask all questions in turn, for at least %s; and one reader while %s events/s of the year's last day come in.\n",
		b.o.Readers, b.o.Load, thousands(float64(b.o.Rate)))
	t := markdown.New("question:", "range:", "bar", "alone, p95", "within:", fmt.Sprintf("%d readers, p50", b.o.Readers), "p95", "with ingest, p50", "p95")
	for _, r := range b.asked {
		t.Add(r.path, r.about, r.barText(), shown(r.endpoint, 95), r.within(),
			shown(r.atOnce, 50), shown(r.atOnce, 95), shown(r.whileIngesting, 50), shown(r.whileIngesting, 95))
	}
	return t.Print(os.Stdout)
}

func (r *result) barText() string {
	if r.bar == 0 {
		return "-"
	}
	return millis(r.bar)
}

// within says whether one reader's p95 is below the bar.
func (r *result) within() string {
	switch {
	case r.bar == 0 || len(r.endpoint) == 0:
		return "-"
	case r.endpoint.Percentile(95) < r.bar:
		return "yes"
	default:
		return "no"
	}
}

func shown(l wire.Latency, percent float64) string {
	if len(l) == 0 {
		return "-"
	}
	return millis(l.Percentile(percent))
}
