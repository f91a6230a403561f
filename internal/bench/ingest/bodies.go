package main

import (
	"bytes"
	"fmt"
	"time"

	"ibarura/internal/bench/peer"
	"ibarura/internal/bench/wire"
	"ibarura/internal/event"
	"ibarura/internal/loadgen"
)

// variety is how many different events the requests of one way hold at most;
// they are used over and over, with new ids.
const (
	variety     = 400_000
	maxRequests = 20_000
)

// bodyMaker appends n events in a way's own format.
type bodyMaker func(g *loadgen.Generator, dst []byte, n int) ([]byte, []int)

// load prepares a measurement. The same events go into the requests of every
// way.
func (w *way) load(batch, connections int, a amount) (*wire.Load, error) {
	if need := max(connections, min(variety/batch, maxRequests)); len(w.made[batch]) < need {
		requests, err := w.newRequests(batch, need)
		if err != nil {
			return nil, err
		}
		w.made = map[int][]*wire.Request{batch: requests} // those of other sizes have had their time
	}
	l := &wire.Load{
		Target: &w.target, Requests: w.made[batch], Connections: connections, For: a.time, Check: w.accept,
		Count: (a.rows + batch - 1) / batch,
	}
	if a.rate > 0 {
		l.Every = time.Duration(float64(batch) / a.rate * float64(time.Second))
	}
	return l, nil
}

func (w *way) newRequests(batch, n int) ([]*wire.Request, error) {
	g, err := newGenerator(w.days)
	if err != nil {
		return nil, err
	}
	requests := make([]*wire.Request, n)
	for i := range requests {
		body, ids := w.bodies(g, nil, batch)
		if len(ids) != batch {
			return nil, fmt.Errorf("a body has %d ids, want %d", len(ids), batch)
		}
		requests[i] = w.target.New(bytes.Clone(body), ids) // no spare capacity
	}
	return requests, nil
}

// now is a fixed moment in the middle of a month: no run differs by the
// calendar.
var now = time.Date(2026, 6, 17, 18, 0, 0, 0, time.UTC)

func newGenerator(days int) (*loadgen.Generator, error) {
	return loadgen.New(loadgen.Options{
		Seed: 1, Run: 1, Users: 100_000, Posts: 50_000, Days: days, Clock: func() time.Time { return now },
	})
}

func ourBodies(g *loadgen.Generator, dst []byte, n int) ([]byte, []int) {
	text := g.AppendJSON(dst, n)
	return text, lineIDs(text)
}

func rowBodies(g *loadgen.Generator, dst []byte, n int) ([]byte, []int) {
	stamp := loadgen.RowStamp{Project: "default", Zone: time.UTC, Received: event.MillisOf(now), Seq: 1}
	text := g.AppendClickHouseRows(dst, n, stamp)
	return text, lineIDs(text)
}

func peerBodies(g *loadgen.Generator, dst []byte, n int) ([]byte, []int) {
	logs := peer.AppendLogs(dst, g, n)
	return logs, peer.IDs(logs)
}

func lineIDs(text []byte) []int {
	var ids []int
	at := 0
	for line := range bytes.Lines(text) {
		ids = append(ids, at+loadgen.IDOffset)
		at += len(line)
	}
	return ids
}
