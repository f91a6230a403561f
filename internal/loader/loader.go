// Package loader brings what the spool holds into ClickHouse, each row exactly
// once: it cuts the log into batches of one table and one month, writes down
// where it has cut before the first attempt, and inserts a batch with the same
// token until that succeeds. On the way from POST to chart it stands between
// the spool and the raw tables.
//
// What is written down in the journal is what exactness rests on: a batch that
// is cut again after a crash has the same rows in the same order under the same
// token, so that ClickHouse knows it in raw and in every view.
package loader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/spool"
)

// Log is the durable log that rows come from; a spool.Spool is one.
type Log interface {
	// ID names the log in tokens.
	IDString() string
	First() spool.LSN
	Durable() spool.LSN
	// AwaitBeyond returns when more than after is durable.
	AwaitBeyond(ctx context.Context, after spool.LSN) (spool.LSN, error)
	// Read calls each for every durable record from a position on.
	Read(from spool.LSN, each func(spool.Entry) bool) (spool.LSN, error)
	// Release says that everything before a position is loaded.
	Release(before spool.LSN)
	// Confirm says that at a moment ClickHouse still had everything loaded before.
	Confirm(at time.Time)
	// Number is above the 40 low bits of every seq of the log, or one below it.
	Number() uint64
}

// Inserter writes one block into a table. The token names the block: an insert
// that is repeated with the same token changes nothing. Before anything is sent,
// sending is told which process of ClickHouse gets it, empty if that is not
// known, and may keep it back; nil: nobody asks. The columns belong to the
// caller; several goroutines may call at once.
type Inserter interface {
	Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error
}

// Tables answers questions about raw rows, and keeps those that ClickHouse refuses.
type Tables interface {
	// Present returns the numbers from low to high, both included, that rows of
	// a table's month have.
	Present(ctx context.Context, table string, month time.Time, low, high uint64) (map[uint64]bool, error)
	// Kept returns the numbers from low to high of a table's rows that were
	// refused and stored.
	Kept(ctx context.Context, table string, low, high uint64) (map[uint64]bool, error)
	// Quarantine stores a refused row. Repeated with the same id it changes nothing.
	Quarantine(ctx context.Context, refused clickhouse.Refused) error
	// OtherWriters reports whether rows came lately whose seq is not of a log's number.
	OtherWriters(ctx context.Context, number uint64) (bool, error)
	// Erased returns which rows of a log must not come back.
	Erased(ctx context.Context, log string) (clickhouse.ErasedRows, error)
	// Rebuild makes every aggregate of some months anew from raw. Nothing may
	// be inserted meanwhile.
	Rebuild(ctx context.Context, months []time.Time) error
}

// Landed keeps the watermarks that caches and derived tables are held against.
// Both calls change nothing when they are repeated with the same token.
type Landed interface {
	// Begin says that rows of some days are about to land, before the first of
	// them can be seen.
	Begin(ctx context.Context, days []clickhouse.ProjectDay, token string) error
	// End says that all of them can be queried.
	End(ctx context.Context, days []clickhouse.ProjectDay, token string) error
	// Settle says, after a loss, that other rows are there than before on every
	// day of some months, and that nothing is under way.
	Settle(ctx context.Context, months []time.Time) error
}

// Config bounds the loader.
type Config struct {
	Journal    string        // file of the journal; its folder exists
	BatchRows  int           // a cut is due when it has so many rows
	BatchBytes int           // or about so many bytes
	BatchAge   time.Duration // or when its first row has waited so long
	Inserters  int           // cuts that are inserted at once
	RetryMin   time.Duration // first pause after a failed insert
	RetryMax   time.Duration // longest pause
	// Boot names the boot of the host that ClickHouse runs on, by an id, or by the
	// host and the moment in Unix seconds; empty if it is never told, an error if
	// it is not for the moment. When it changes, what the last one may have lost
	// is looked for. Nil: it never changes.
	Boot func(ctx context.Context) (string, error)
	// Alone says that no other process writes, whatever the tables say.
	Alone bool
	// Unsure says that what the last process had begun may be counted already,
	// whatever its tokens say: an operator had declared the loader gone.
	Unsure bool
}

// Deps is what the loader works with.
type Deps struct {
	Log      Log
	Inserter Inserter
	Tables   Tables
	Landed   Landed
	Logger   *zap.Logger
	Registry prometheus.Registerer
}

// ErrStopped is returned to those who wait for rows that a stopped loader will
// not bring in any more. They stay in the log, for the next start.
var ErrStopped = errors.New("the loader has stopped")

// Loader reads the log and inserts. It is safe for concurrent use.
type Loader struct {
	config   Config
	log      Log
	inserter Inserter
	tables   Tables
	landed   Landed
	logger   *zap.Logger
	metrics  *metrics
	journal  *journal

	back     chan struct{} // tells that ClickHouse is back, capacity 1
	fencing  chan struct{} // holds one token: who has it has the fence
	cutting  chan struct{} // holds one token: who has it may cut
	open     *cut          // being collected; only for who may cut
	position spool.LSN     // how far the log has been read; likewise
	progress progress
	doubts   *doubts

	unreconciled atomic.Bool // the spool has to be compared, and could not be yet

	stop    context.CancelFunc // gives up
	quiet   chan struct{}      // closed: load what is durable, then end
	once    sync.Once
	workers sync.WaitGroup
}

// Start returns a running loader that goes on where the journal says the last
// one stood. It first looks for what a crash of the host may have cost.
func Start(ctx context.Context, config Config, deps Deps) (*Loader, error) {
	j, err := openJournal(config.Journal, deps.Log.IDString(), deps.Log.Durable())
	if err != nil {
		return nil, err
	}
	l := &Loader{
		config: config, log: deps.Log, inserter: deps.Inserter, tables: deps.Tables, landed: deps.Landed, logger: deps.Logger, journal: j,
		back: make(chan struct{}, 1), cutting: make(chan struct{}, 1), quiet: make(chan struct{}),
		fencing: make(chan struct{}, 1), doubts: newDoubts(),
	}
	l.metrics = newMetrics(deps.Registry, l)
	again, err := l.recover(ctx)
	if err != nil {
		return nil, errors.Join(err, j.close())
	}
	running, stop := context.WithCancel(context.Background())
	l.stop = stop
	for range max(1, config.Inserters) {
		l.workers.Go(func() { l.work(running) })
	}
	l.workers.Go(func() { l.repeat(running, again) })
	l.workers.Go(func() { l.watchBoots(running) })
	l.workers.Go(func() { l.watchDoubts(running) })
	return l, nil
}

// Loaded is the position before which every row can be queried.
func (l *Loader) Loaded() spool.LSN { return l.progress.loaded() }

// Await returns when every row before a position can be queried, and makes the
// loader hurry. When ctx ends first its error is returned; the rows are still
// brought in.
func (l *Loader) Await(ctx context.Context, position spool.LSN) error {
	l.progress.hurry(position)
	for {
		loaded, changed := l.progress.look()
		if loaded >= position {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for the rows to be loaded: %w", ctx.Err())
		case <-l.progress.ended:
			if l.progress.loaded() >= position {
				return nil
			}
			return ErrStopped
		}
	}
}

// Fence keeps the loader from starting anything new and returns once nothing
// is under way or in doubt: until unfence is called, raw tables and aggregates
// hold whole batches and do not change through this loader. It waits for its
// turn: who is behind a fence may insert, and the next one must not see half of
// that.
func (l *Loader) Fence(ctx context.Context) (unfence func(), err error) {
	select {
	case l.fencing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("fence the loader: %w", ctx.Err())
	}
	l.progress.fence(+1)
	unfence = sync.OnceFunc(func() {
		l.progress.fence(-1)
		<-l.fencing
	})
	err = l.progress.awaitIdle(ctx)
	if err == nil {
		err = l.settle(ctx)
	}
	if err != nil {
		unfence()
		return nil, fmt.Errorf("fence the loader: %w", err)
	}
	return unfence, nil
}

// Resolved reports whether nothing that was begun is left to be sent again.
func (l *Loader) Resolved() bool {
	return !slices.ContainsFunc(l.journal.cuts(), func(c recordedCut) bool { return !c.done })
}

// Stop brings in what is durable and ends the loader; when ctx ends first it
// gives up, and the rest stays in the log for the next start. It may be called
// twice.
func (l *Loader) Stop(ctx context.Context) error {
	l.once.Do(func() { close(l.quiet) })
	idle := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		l.logger.Warn("the loader stops before everything is loaded; the rest is in the spool, for the next start",
			zap.Uint64("bytes", uint64(l.log.Durable()-l.Loaded())))
		l.stop()
		<-idle
	}
	l.stop()
	l.progress.end()
	return l.journal.close()
}
