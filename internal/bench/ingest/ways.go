package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ibarura/internal/producer"
)

// sendAll sends n requests over several connections; the requests use the
// bodies one after the other.
func sendAll(ctx context.Context, bodies []*body, n, connections int, send func(context.Context, *body) error) error {
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() error {
			for {
				i := int(next.Add(1) - 1)
				if i >= n {
					return nil
				}
				b := bodies[i%len(bodies)]
				b.mu.Lock()
				b.renew()
				err := send(ctx, b)
				b.mu.Unlock()
				if err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

// httpWay is ours: a producer like any other, which comes back when it is
// turned away.
type httpWay struct {
	client     *producer.Client
	bodies     []*body
	turnedAway atomic.Int64
}

func newHTTPWay(s *server, bodies []*body) (*httpWay, error) {
	w := &httpWay{bodies: bodies}
	client, err := producer.New(producer.Options{
		URL: s.url, Key: s.key, Connections: maxConnections, Compression: producer.CompressNone,
		Observe: func(a producer.Attempt) {
			if a.Err != nil {
				w.turnedAway.Add(1)
			}
		},
	})
	w.client = client
	return w, err
}

// load sends the last request when all others are acknowledged, with wait=true:
// its answer says that everything can be queried.
func (w *httpWay) load(ctx context.Context, rows, connections int) error {
	err := sendAll(ctx, w.bodies, rows/ourBatch-1, connections, func(ctx context.Context, b *body) error { return w.post(ctx, b, false) })
	if err != nil {
		return err
	}
	return sendAll(ctx, w.bodies, 1, 1, func(ctx context.Context, b *body) error { return w.post(ctx, b, true) })
}

func (w *httpWay) post(ctx context.Context, b *body, wait bool) error {
	answer, err := w.client.Post(ctx, producer.Events, b.text, wait)
	if err == nil && answer.Accepted != ourBatch {
		err = fmt.Errorf("%d of %d accepted: %+v", answer.Accepted, ourBatch, answer)
	}
	return err
}

func (w *httpWay) notes() string { return fmt.Sprintf("%d times turned away", w.turnedAway.Swap(0)) }

// bulkWay is the reference.
type bulkWay struct {
	engine *engine
	bodies []*body
}

func newBulkWay(e *engine, bodies []*body) *bulkWay { return &bulkWay{e, bodies} }

// bulkInsert is the statement of the reference: a plain insert, whatever this
// release's default for async_insert is. All other settings are ClickHouse's
// defaults.
const bulkInsert = "INSERT INTO ibarura.events SETTINGS async_insert = 0 FORMAT JSONEachRow"

func (w *bulkWay) load(ctx context.Context, rows, connections int) error {
	return sendAll(ctx, w.bodies, rows/referenceBatch, connections, func(ctx context.Context, b *body) error {
		_, err := w.engine.query(ctx, bulkInsert, b.text)
		return err
	})
}

func (w *bulkWay) notes() string { return "" }
