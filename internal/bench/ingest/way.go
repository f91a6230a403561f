package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ibarura/internal/bench/peer"
	"ibarura/internal/bench/server"
	"ibarura/internal/bench/wire"
)

// way is one of the ways in, and what was measured of it.
type way struct {
	name       string
	promise    promise
	batch      int // rows a request
	days       int // over which the events are spread
	candidates []int
	pids       []int // the processes that are its own

	target wire.Target
	bodies bodyMaker
	accept func(*wire.Answer, *wire.Request) error
	empty  func(context.Context) error
	finish func(ctx context.Context, rows int) error // returns when all rows can be queried
	check  func(ctx context.Context, rows int) error // counts what has arrived

	made        map[int][]*wire.Request // by rows a request
	connections int                     // the best number
	rounds      []round
}

// promise is what an acknowledgement means.
type promise struct{ acknowledged, again, views string }

func (b *bench) newWay(e *server.Engine, batch int, w way) *way {
	w.batch, w.days = batch, b.o.Days
	w.made = map[int][]*wire.Request{}
	if w.empty == nil {
		w.empty, w.check = e.Empty, e.CheckComplete
	}
	if w.finish == nil {
		w.finish = func(context.Context, int) error { return nil }
	}
	return &w
}

// newOurWay ends with a request that waits: its answer says that everything
// before it can be queried.
func newOurWay(b *bench, s *server.Server) *way {
	headers := []string{"Authorization: Bearer " + s.Key, "Content-Type: application/x-ndjson"}
	wait := wire.Target{Address: s.Address, Path: "/api/v1/events?wait=true", Headers: headers}
	return b.newWay(s.Engine, ourBatch, way{
		name:       "ibarura, POST /api/v1/events",
		promise:    promise{"on disk", "counted once", "all"},
		candidates: b.o.Connections,
		pids:       []int{s.PID()},
		target:     wire.Target{Address: s.Address, Path: "/api/v1/events", Headers: headers},
		bodies:     ourBodies,
		accept:     acceptOurs,
		finish: func(ctx context.Context, _ int) error {
			last := wire.Load{Target: &wait, Requests: []*wire.Request{wait.New(nil, nil)}, Connections: 1, Count: 1, Check: acceptOurs}
			_, err := last.Send(ctx)
			return err
		},
	})
}

// acceptOurs wants every item taken in; those of a request that had to be sent
// again may be known already.
func acceptOurs(a *wire.Answer, r *wire.Request) error {
	var said struct{ Accepted, Duplicates int }
	if a.Status == http.StatusOK {
		if string(a.Body) == fmt.Sprintf(`{"accepted":%d,"duplicates":0,"rejected":[]}`, r.Rows) {
			return nil
		}
		if err := json.Unmarshal(a.Body, &said); err == nil && said.Accepted+said.Duplicates == r.Rows {
			return nil
		}
	}
	return fmt.Errorf("answer %d to %d items: %.300s", a.Status, r.Rows, a.Body)
}

// The statements of ClickHouse's own ways in. All other settings are its
// defaults.
const (
	bulkInsert  = "INSERT INTO ibarura.events SETTINGS async_insert = 0 FORMAT JSONEachRow"
	asyncInsert = "INSERT INTO ibarura.events SETTINGS async_insert = 1, wait_for_async_insert = 1 FORMAT JSONEachRow"
)

func newBulkWay(b *bench, e *server.Engine) *way {
	return b.newWay(e, bulkBatch, way{
		name:       "ClickHouse, INSERT … FORMAT JSONEachRow",
		promise:    promise{"inserted, not fsynced", "counted once if it is the very same block", "all"},
		candidates: b.o.BulkConnections,
		target:     wire.Target{Address: e.Address, Path: server.Path(bulkInsert), Headers: e.Headers()},
		bodies:     rowBodies,
		accept:     acceptInsert,
	})
}

func newAsyncWay(b *bench, e *server.Engine) *way {
	return b.newWay(e, ourBatch, way{
		name:       "ClickHouse, the same with async_insert = 1, wait_for_async_insert = 1",
		promise:    promise{"inserted, not fsynced", "counted twice", "all"},
		candidates: b.o.AsyncConnections,
		target:     wire.Target{Address: e.Address, Path: server.Path(asyncInsert), Headers: e.Headers()},
		bodies:     rowBodies,
		accept:     acceptInsert,
	})
}

// newCollectedWay is what an asynchronous insert could do at best: bulk inserts
// of as much as its queue collects, async_insert_max_data_size.
func newCollectedWay(b *bench, e *server.Engine) *way {
	w := newBulkWay(b, e)
	w.name = "ClickHouse, INSERT … FORMAT JSONEachRow, 10 MiB a request: what an asynchronous insert collects at most"
	w.batch = collectedBatch
	return w
}

func acceptInsert(a *wire.Answer, _ *wire.Request) error {
	if a.Status != http.StatusOK || a.Exception {
		return fmt.Errorf("answer %d: %.500s", a.Status, a.Body)
	}
	return nil
}

// newPeerWay ends when the rows that the collector has acknowledged are in its
// table.
func newPeerWay(b *bench, e *server.Engine, c *peer.Collector) *way {
	count := func(ctx context.Context) (rows, ids int, err error) {
		err = e.Row(ctx, "SELECT count(), uniqExact(LogAttributes['id']) FROM "+peer.Table, &rows, &ids)
		return rows, ids, err
	}
	return b.newWay(e, ourBatch, way{
		name:       "OpenTelemetry collector " + peer.Version + ", OTLP over HTTP, ClickHouse exporter",
		promise:    promise{"in memory", "counted twice", "none, one raw table"},
		candidates: b.o.PeerConnections,
		pids:       []int{c.PID()},
		target:     wire.Target{Address: c.Address, Path: "/v1/logs", Headers: []string{"Content-Type: application/x-protobuf"}},
		bodies:     peerBodies,
		accept:     acceptInsert,
		empty: func(ctx context.Context) error {
			if _, err := e.Query(ctx, "TRUNCATE TABLE "+peer.Table+" SYNC"); err != nil {
				return err
			}
			return e.Settle(ctx)
		},
		finish: func(ctx context.Context, rows int) error { return waitForRows(ctx, e, rows) },
		check: func(ctx context.Context, rows int) error {
			got, ids, err := count(ctx)
			if err == nil && (got != rows || ids != rows) {
				err = fmt.Errorf("the peer acknowledged %d rows and stored %d, %d different ones", rows, got, ids)
			}
			return err
		},
	})
}

// peerTimeout is how long acknowledged rows may take to arrive at the peer's
// table: more than its retries take.
const peerTimeout = 5 * time.Minute

func waitForRows(ctx context.Context, e *server.Engine, rows int) error {
	ctx, cancel := context.WithTimeout(ctx, peerTimeout)
	defer cancel()
	for {
		got := 0
		if err := e.Row(ctx, "SELECT count() FROM "+peer.Table, &got); err != nil {
			return fmt.Errorf("%d of %d rows have arrived: %w", got, rows, err)
		}
		if got >= rows {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}
