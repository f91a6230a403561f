package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"ibarura/internal/bench/markdown"
	"ibarura/internal/bench/proc"
	"ibarura/internal/bench/server"
	"ibarura/internal/bench/wire"
	"ibarura/internal/loadgen"
)

const (
	batch    = 500 // events a request
	requests = 800 // different ones, used over and over with new ids
)

type bench struct {
	o        *options
	server   *server.Server
	target   wire.Target
	requests []*wire.Request
	quiet    side
	watched  side
}

// side is what was measured with or without readers.
type side struct {
	rates   []float64 // rows a second by round, until the last row could be queried
	memory  proc.Memory
	p50     time.Duration // of the last round's acknowledgements
	p99     time.Duration
	bytes   int64 // that readers got
	rows    int
	serve   time.Duration // of CPU, by serve
	self    time.Duration // likewise, by the producer and the readers
	readers int
}

// run is the table of contents: a round to warm up, and the two sides in turn.
func (b *bench) run(ctx context.Context) error {
	if err := b.prepare(); err != nil {
		return err
	}
	var warming side
	if err := b.round(ctx, &warming, 0); err != nil {
		return err
	}
	for range b.o.Rounds {
		if err := b.round(ctx, &b.quiet, 0); err != nil {
			return err
		}
		if err := b.round(ctx, &b.watched, b.o.Readers); err != nil {
			return err
		}
	}
	return b.print()
}

func (b *bench) prepare() error {
	headers := []string{"Authorization: Bearer " + b.server.Key, "Content-Type: application/x-ndjson"}
	b.target = wire.Target{Address: b.server.Address, Path: "/api/v1/events", Headers: headers}
	g, err := loadgen.New(loadgen.Options{Seed: 1, Run: 1, Users: 100_000, Posts: 50_000, Clock: time.Now})
	if err != nil {
		return err
	}
	for range requests {
		text := g.AppendJSON(nil, batch)
		b.requests = append(b.requests, b.target.New(bytes.Clone(text), lineIDs(text)))
	}
	return nil
}

func lineIDs(text []byte) (ids []int) {
	at := 0
	for line := range bytes.Lines(text) {
		ids = append(ids, at+loadgen.IDOffset)
		at += len(line)
	}
	return ids
}

// round loads into empty tables, with so many readers, who all have to be there
// still at the end.
func (b *bench) round(ctx context.Context, s *side, readers int) error {
	if err := b.server.Engine.Empty(ctx); err != nil {
		return err
	}
	crowd, err := b.gather(ctx, readers)
	if err != nil {
		return err
	}
	defer crowd.leave()
	watch := proc.WatchMemory(b.server.PID())
	began, serve, self := time.Now(), proc.CPU(b.server.PID()), proc.Self()
	result, err := b.post(ctx)
	took := time.Since(began)
	s.rows, s.serve, s.self = s.rows+result.Rows, s.serve+proc.CPU(b.server.PID())-serve, s.self+proc.Self()-self
	memory := watch.Stop()
	if err := errors.Join(err, crowd.check()); err != nil {
		return err
	}
	s.rates = append(s.rates, float64(result.Rows)/took.Seconds())
	s.memory.Max, s.memory.Median = max(s.memory.Max, memory.Max), max(s.memory.Median, memory.Median)
	s.p50, s.p99 = result.Latency.Percentile(50), result.Latency.Percentile(99)
	s.bytes, s.readers = s.bytes+crowd.bytes.Load(), readers
	fmt.Printf("%d readers: %.0f rows/s\n", readers, s.rates[len(s.rates)-1])
	return nil
}

// post sends the load and waits until its last row can be queried.
func (b *bench) post(ctx context.Context) (wire.Result, error) {
	load := wire.Load{Target: &b.target, Requests: b.requests, Connections: b.o.Connections, Count: b.o.Rows / batch, Check: accepted}
	result, err := load.Send(ctx)
	if err != nil {
		return result, err
	}
	wait := b.target
	wait.Path += "?wait=true"
	last := wire.Load{Target: &wait, Requests: []*wire.Request{wait.New(nil, nil)}, Connections: 1, Count: 1, Check: accepted}
	_, err = last.Send(ctx)
	return result, errors.Join(err, b.server.Engine.CheckComplete(ctx, result.Rows))
}

func accepted(a *wire.Answer, r *wire.Request) error {
	if a.Status != http.StatusOK || !bytes.Contains(a.Body, fmt.Appendf(nil, `{"accepted":%d,`, r.Rows)) {
		return fmt.Errorf("answer %d to %d items: %.300s", a.Status, r.Rows, a.Body)
	}
	return nil
}

func (b *bench) print() error {
	fmt.Printf("\n%d cores for everything, readers and producer included; %d rounds a side, in turn, of %d events, %d a request over %d connections.\n",
		runtime.NumCPU(), b.o.Rounds, b.o.Rows, batch, b.o.Connections)
	t := markdown.New("readers", "rows/s by round:", "median", "last round's acknowledgement p50, p99:", "`serve`, MB resident, max and median",
		"µs of CPU a row: `serve`", "producer and readers", "MB to readers")
	for _, s := range []*side{&b.quiet, &b.watched} {
		t.Add(s.readers, rates(s.rates), fmt.Sprintf("%.0f", median(s.rates)), fmt.Sprint(s.p50.Round(10*time.Microsecond), ", ", s.p99.Round(10*time.Microsecond)),
			fmt.Sprintf("%.0f, %.0f", float64(s.memory.Max)/1e6, float64(s.memory.Median)/1e6),
			s.each(s.serve), s.each(s.self), fmt.Sprintf("%.0f", float64(s.bytes)/1e6))
	}
	if err := t.Print(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("ratio: %.2f\n", median(b.watched.rates)/median(b.quiet.rates))
	return nil
}

// each is a share of each row, in microseconds.
func (s *side) each(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d.Microseconds())/float64(s.rows))
}

func rates(all []float64) string {
	var texts []string
	for _, r := range all {
		texts = append(texts, fmt.Sprintf("%.0f", r))
	}
	return strings.Join(texts, " · ")
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
