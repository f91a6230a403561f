// Command ingest measures how fast events are taken in over HTTP, 500 a
// request, against ClickHouse's own bulk insert, 50,000 rows a request of the
// same events into the same tables with the same views. It starts the real
// thing, drives each side at the number of connections that suits it best, in
// turn, and prints the ratio of the medians as its last line.
//
// It stands beside the way from POST to chart, with a stopwatch. Run it in the
// root of the checkout: go run ./internal/bench/ingest
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Rounds      int    `default:"5" help:"Rounds a side; medians are compared."`
	Rows        int    `default:"1000000" help:"Rows a round, a multiple of 50,000."`
	Trial       int    `default:"300000" help:"Rows of a trial, by which each side's number of connections is chosen. A multiple of 50,000."`
	Connections []int  `default:"1,2,4,8" help:"Numbers of connections to try."`
	Days        int    `default:"0" help:"Spread the events over so many days. 0: live traffic, all of one moment."`
	Binary      string `type:"existingfile" help:"The ibarura to measure. Empty: built from this checkout."`
}

const (
	ourBatch       = 500
	referenceBatch = 50_000
)

func main() {
	var o options
	kong.Parse(&o)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-ingest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ibarura-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := startServer(ctx, o.Binary, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	b, err := newBench(o, server)
	if err != nil {
		return err
	}
	return b.run(ctx)
}

func (o *options) check() error {
	if o.Rounds < 1 || o.Rows <= 0 || o.Rows%referenceBatch != 0 || o.Trial <= 0 || o.Trial%referenceBatch != 0 {
		return fmt.Errorf("rounds is at least 1, rows and trial are multiples of %d", referenceBatch)
	}
	for _, n := range o.Connections {
		if n < 1 || n > maxConnections {
			return fmt.Errorf("connections are 1 to %d", maxConnections)
		}
	}
	return nil
}

// bench is the two sides and what they work on.
type bench struct {
	o      *options
	server *server
	engine *engine
	sides  [2]*side
}

// side is one of the two ways in, and what was measured of it.
type side struct {
	name        string
	in          wayIn
	connections int
	rounds      []round
}

// wayIn brings rows into the tables and returns once they can be queried.
type wayIn interface {
	load(ctx context.Context, rows, connections int) error
	// notes tells what else was seen since the last call.
	notes() string
}

type round struct {
	took     time.Duration
	rate     float64 // rows per second
	resident int64   // of serve, at most, in bytes
	notes    string
}

func newBench(o *options, s *server) (*bench, error) {
	e := newEngine(s)
	bodies, err := makeBodies(o.Days, maxConnections*referenceBatch)
	if err != nil {
		return nil, err
	}
	ours, err := newHTTPWay(s, bodies.ours)
	if err != nil {
		return nil, err
	}
	return &bench{o: o, server: s, engine: e, sides: [2]*side{
		{name: fmt.Sprintf("ibarura, POST /api/v1/events, %d a request", ourBatch), in: ours},
		{name: fmt.Sprintf("ClickHouse, INSERT … FORMAT JSONEachRow, %d a request", referenceBatch), in: newBulkWay(e, bodies.reference)},
	}}, nil
}

func (b *bench) run(ctx context.Context) error {
	if err := b.describe(ctx); err != nil {
		return err
	}
	for _, s := range b.sides {
		if err := b.choose(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for n := range b.o.Rounds {
		for _, s := range b.sides {
			r, err := b.measure(ctx, s, b.o.Rows, s.connections)
			if err != nil {
				return fmt.Errorf("round %d, %s: %w", n+1, s.name, err)
			}
			s.rounds = append(s.rounds, r)
		}
	}
	b.print(os.Stdout)
	return nil
}

// choose tries the numbers of connections and keeps the fastest.
func (b *bench) choose(ctx context.Context, s *side) error {
	best := 0.0
	for _, n := range b.o.Connections {
		r, err := b.measure(ctx, s, b.o.Trial, n)
		if err != nil {
			return err
		}
		fmt.Printf("trial: %-58s %d connections %9.0f rows/s\n", s.name, n, r.rate)
		if r.rate > best {
			best, s.connections = r.rate, n
		}
	}
	return nil
}

// measure loads into empty tables, and checks that everything arrived.
func (b *bench) measure(ctx context.Context, s *side, rows, connections int) (round, error) {
	if err := b.engine.empty(ctx); err != nil {
		return round{}, err
	}
	watch := b.server.watchMemory()
	began := time.Now()
	err := s.in.load(ctx, rows, connections)
	took := time.Since(began)
	resident := watch.stop()
	if err != nil {
		return round{}, err
	}
	if err := b.engine.checkComplete(ctx, rows); err != nil {
		return round{}, err
	}
	return round{took: took, rate: float64(rows) / took.Seconds(), resident: resident, notes: s.in.notes()}, nil
}
