package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"ibarura/internal/bench/peer"
	"ibarura/internal/bench/proc"
	"ibarura/internal/bench/server"
	"ibarura/internal/bench/wire"
)

// bench is what the sections share.
type bench struct {
	o          *options
	dir        string
	binary     string
	peerBinary string
	servers    int

	server *server.Server // that is running
	ours   *way           // into it

	ways                         []*way // of the comparison, ours first
	bulk, async, collected, peer *way   // nil: not compared
}

// withServer runs a part of the benchmark on a server of its own.
func (b *bench) withServer(ctx context.Context, o server.Options, part func(context.Context) error) error {
	b.servers++
	o.Binary, o.Dir = b.binary, filepath.Join(b.dir, fmt.Sprintf("server-%d", b.servers))
	s, err := server.Start(ctx, o)
	if err != nil {
		return err
	}
	b.server = s
	best := 0
	if b.ours != nil {
		best = b.ours.connections
	}
	b.ours = newOurWay(b, s)
	b.ours.connections = best
	return errors.Join(part(ctx), s.Stop())
}

// compare runs all sections that need no profile.
func (b *bench) compare(ctx context.Context) error {
	if err := b.describe(ctx); err != nil {
		return err
	}
	stop, err := b.addWays(ctx)
	if err != nil {
		return err
	}
	err = b.sideBySide(ctx)
	if err == nil {
		err = b.latency(ctx)
	}
	stop()
	if err != nil {
		return err
	}
	return b.sweeps(ctx)
}

// addWays makes the ways in that are compared. stop ends the peer, if there is
// one.
func (b *bench) addWays(ctx context.Context) (stop func(), err error) {
	b.ways = []*way{b.ours}
	if b.o.wants(ratioSection) {
		b.bulk = newBulkWay(b, b.server.Engine)
		b.ways = append(b.ways, b.bulk)
	}
	if b.o.wants(asyncSection) {
		b.async, b.collected = newAsyncWay(b, b.server.Engine), newCollectedWay(b, b.server.Engine)
		b.ways = append(b.ways, b.async, b.collected)
	}
	if !b.o.wants(peerSection) {
		return func() {}, nil
	}
	collector, err := peer.Start(ctx, b.peerBinary, b.dir, b.server.Engine)
	if err != nil {
		return nil, err
	}
	b.peer = newPeerWay(b, b.server.Engine, collector)
	b.ways = append(b.ways, b.peer)
	return collector.Stop, nil
}

// amount is how much one measurement sends; the first limit that is reached
// ends it.
type amount struct {
	rows int           // 0: no limit
	time time.Duration // 0: no limit
	rate float64       // rows a second, whether answers come or not; 0: as fast as they come
}

// round is what one measurement showed.
type round struct {
	wire.Result
	rate   float64       // rows per second, until the last one could be queried
	took   time.Duration // likewise
	memory proc.Memory   // of the way's own process; zero if it has none
	used   spent         // until the last row could be queried
}

// measure loads into empty tables, and checks that everything arrived.
func (b *bench) measure(ctx context.Context, w *way, batch, connections int, a amount) (round, error) {
	load, err := w.load(batch, connections, a)
	if err != nil {
		return round{}, err
	}
	if err := w.empty(ctx); err != nil {
		return round{}, err
	}
	watch := proc.WatchMemory(w.pids...)
	before, began := b.spent(), time.Now()
	result, err := load.Send(ctx)
	if err == nil {
		err = w.finish(ctx, result.Rows)
	}
	r := round{Result: result, took: time.Since(began), memory: watch.Stop(), used: b.spent().since(before)}
	if err != nil {
		return r, fmt.Errorf("%s, %d a request, %d connections: %w", w.name, batch, connections, err)
	}
	r.rate = float64(result.Rows) / r.took.Seconds()
	return r, w.check(ctx, result.Rows)
}

// choose tries the numbers of connections and keeps the fastest.
func (b *bench) choose(ctx context.Context, w *way) error {
	best := 0.0
	for _, n := range w.candidates {
		r, err := b.measure(ctx, w, w.batch, n, amount{rows: b.o.Trial, time: b.o.Longest / 4})
		if err != nil {
			return err
		}
		fmt.Printf("trial: %s, %d connections: %s rows/s\n", w.name, n, thousands(r.rate))
		if r.rate > best {
			best, w.connections = r.rate, n
		}
	}
	return nil
}
