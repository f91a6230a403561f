// Package loader takes checked rows and brings them into ClickHouse: it
// collects them in column blocks, one table and one month each, and inserts a
// block with the same token until that succeeds. On the way from POST to chart
// it stands between ingest and the raw tables.
package loader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/event"
)

// Inserter writes one block into a table. The token names the block: an insert
// that is repeated with the same token changes nothing. The columns belong to
// the caller; several goroutines may call at once.
type Inserter interface {
	Insert(ctx context.Context, table string, columns proto.Input, token string) error
}

// Config bounds the loader.
type Config struct {
	BatchRows        int           // a block is due when it has so many rows
	BatchBytes       int           // or about so many bytes
	BatchAge         time.Duration // or when its first row has waited so long
	MaxBufferedRows  int           // over all blocks; above it Room reports false
	MaxBufferedBytes int           // likewise, in bytes
	Inserters        int           // inserts at once
	RetryMin         time.Duration // first pause after a failed insert
	RetryMax         time.Duration // longest pause
}

// ErrStopped is returned to those who wait for rows that a stopped loader will
// not bring in any more.
var ErrStopped = errors.New("the loader has stopped")

var utc = time.UTC

// Loader is the bounded batcher and its inserters. Rows leave its memory when
// their insert has succeeded, not before. It is safe for concurrent use.
type Loader struct {
	config   Config
	inserter Inserter
	log      *zap.Logger
	metrics  *metrics
	series   string // names this loader's blocks in tokens

	queue queue
	rows  atomic.Int64 // in memory: collected, waiting or being inserted
	bytes atomic.Int64

	stop    context.CancelFunc // gives up retries
	workers sync.WaitGroup
	once    sync.Once
}

// Start returns a running loader.
func Start(config Config, inserter Inserter, log *zap.Logger, reg prometheus.Registerer) *Loader {
	ctx, stop := context.WithCancel(context.Background())
	l := &Loader{config: config, inserter: inserter, log: log, series: uuid.NewString(), stop: stop}
	l.metrics = newMetrics(reg, l)
	l.queue.init(config, uint64(time.Now().UnixMicro()))
	for range max(1, config.Inserters) {
		l.workers.Add(1)
		go l.work(ctx)
	}
	return l
}

// AddEvent copies one row into its block. It never fails: callers ask Room
// before they take rows in.
func (l *Loader) AddEvent(r *event.Row) {
	l.count(l.queue.add(blockKey{"events", monthOf(r.Day)}, func(b *batch, seq uint64) int {
		return b.block.(*eventBlock).append(r, seq)
	}))
}

// AddPageView copies one row into its block, like AddEvent.
func (l *Loader) AddPageView(r *event.PageRow) {
	l.count(l.queue.add(blockKey{"page_views", monthOf(r.Day)}, func(b *batch, seq uint64) int {
		return b.block.(*pageBlock).append(r, seq)
	}))
}

func (l *Loader) count(bytes int) {
	l.rows.Add(1)
	l.bytes.Add(int64(bytes))
}

// Room reports whether more rows may be taken in. It is a mark and not a hard
// limit: a request that began below it may end above.
func (l *Loader) Room() bool {
	return l.rows.Load() < int64(l.config.MaxBufferedRows) && l.bytes.Load() < int64(l.config.MaxBufferedBytes)
}

// Buffered returns the rows and bytes in memory.
func (l *Loader) Buffered() (rows, bytes int64) { return l.rows.Load(), l.bytes.Load() }

// Flush returns when every row added before the call can be queried. It does
// not wait for rows added later. When ctx ends first its error is returned and
// the rows are still brought in.
func (l *Loader) Flush(ctx context.Context) error {
	for _, b := range l.queue.hurry() {
		select {
		case <-b.done:
			if b.err != nil {
				return b.err
			}
		case <-ctx.Done():
			return fmt.Errorf("wait for the rows to be loaded: %w", ctx.Err())
		}
	}
	return nil
}

// Stop brings in what is in memory and ends the loader; when ctx ends first it
// gives up and says how many rows are lost. It may be called twice. Nobody may
// add rows any more.
func (l *Loader) Stop(ctx context.Context) error {
	l.once.Do(func() { l.queue.close() })
	idle := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		l.stop()
		<-idle
	}
	l.stop()
	if rows := l.rows.Load(); rows > 0 {
		return fmt.Errorf("%w with %d rows that could not be loaded", ErrStopped, rows)
	}
	return nil
}

// work inserts due blocks until the queue is closed and empty.
func (l *Loader) work(ctx context.Context) {
	defer l.workers.Done()
	for {
		b := l.queue.take(ctx)
		if b == nil {
			return
		}
		err := l.insert(ctx, b)
		if err == nil {
			l.rows.Add(-int64(b.block.rows()))
			l.bytes.Add(-int64(b.bytes))
		}
		l.queue.finish(b, err)
	}
}

// insert repeats the block with its token until it succeeds or ctx ends.
func (l *Loader) insert(ctx context.Context, b *batch) error {
	token := fmt.Sprintf("ibarura:%s:%d", l.series, b.number)
	pause := newPause(l.config.RetryMin, l.config.RetryMax)
	for attempt := 1; ; attempt++ {
		start := time.Now()
		err := l.inserter.Insert(ctx, b.key.table, b.block.input(), token)
		l.metrics.observe(b, time.Since(start), err)
		if err == nil {
			return nil
		}
		l.log.Warn("insert failed, it will be tried again",
			zap.String("table", b.key.table), zap.Int("rows", b.block.rows()),
			zap.Int("attempt", attempt), zap.Error(err))
		select {
		case <-time.After(pause.next()):
		case <-ctx.Done():
			return ErrStopped
		}
	}
}
