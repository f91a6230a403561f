package loader

import (
	"context"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// blockKey says which rows may share a block: those of one table and one
// month, so that a block is one part and its token covers it whole.
type blockKey struct {
	table string
	month int32 // months since 1970
}

func monthOf(d event.Day) int32 {
	t := time.Unix(int64(d)*86400, 0).UTC()
	return int32(t.Year()-1970)*12 + int32(t.Month()) - 1
}

// block is what a batch needs of its columns.
type block interface {
	input() proto.Input
	rows() int
	reset()
}

// batch is a block with its place in line. Once taken nobody changes it.
type batch struct {
	key    blockKey
	number uint64 // unique in this loader
	block  block
	bytes  int
	opened time.Time
	urgent bool          // somebody waits for it
	done   chan struct{} // closed when it is inserted or given up
	err    error         // valid once done is closed
}

// keptBlocks is how many emptied blocks of a table are kept for reuse; more
// would keep the memory of a burst for ever.
const keptBlocks = 2

// queue hands due batches to inserters. A batch is due when it is full, has
// aged, when somebody waits for it, or when the queue is closed. While all
// inserters are busy, an open batch goes on collecting.
type queue struct {
	config Config

	mu      sync.Mutex
	open    map[blockKey]*batch
	line    []*batch        // full ones, first come first served
	pending map[*batch]bool // not finished: open, in line or being inserted
	spare   map[string][]block
	next    uint64 // number of the next batch
	seq     uint64 // of the newest row
	closed  bool
	changed chan struct{} // closed and replaced whenever an inserter may find more
}

// init starts the row sequence; it continues to grow over restarts because it
// begins at the present time in microseconds and no loader is faster than that.
func (q *queue) init(config Config, seq uint64) {
	q.config = config
	q.seq = seq
	q.open = map[blockKey]*batch{}
	q.pending = map[*batch]bool{}
	q.spare = map[string][]block{}
	q.changed = make(chan struct{})
}

// add lets write append one row to the open batch of key and returns its size.
func (q *queue) add(key blockKey, write func(b *batch, seq uint64) int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.open[key]
	if b == nil {
		b = q.begin(key)
	}
	q.seq++
	size := write(b, q.seq)
	b.bytes += size
	if b.block.rows() >= q.config.BatchRows || b.bytes >= q.config.BatchBytes {
		delete(q.open, key)
		q.line = append(q.line, b)
		q.wake()
	}
	return size
}

func (q *queue) begin(key blockKey) *batch {
	q.next++
	b := &batch{key: key, number: q.next, opened: time.Now(), done: make(chan struct{}), block: q.emptyBlock(key.table)}
	q.open[key] = b
	q.pending[b] = true
	q.wake()
	return b
}

func (q *queue) emptyBlock(table string) block {
	if spare := q.spare[table]; len(spare) > 0 {
		b := spare[len(spare)-1]
		q.spare[table] = spare[:len(spare)-1]
		return b
	}
	if table == "events" {
		return newEventBlock()
	}
	return newPageBlock()
}

// hurry marks all that is collected as waited for and returns the batches
// that are not finished.
func (q *queue) hurry() []*batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]*batch, 0, len(q.pending))
	for b := range q.pending {
		list = append(list, b)
	}
	for _, b := range q.open {
		b.urgent = true
	}
	q.wake()
	return list
}

// close makes everything due; take returns nil once nothing is left.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// take waits for a due batch. It returns nil when the queue is closed and
// empty, or ctx has ended.
func (q *queue) take(ctx context.Context) *batch {
	for {
		q.mu.Lock()
		b, wait := q.pick(time.Now())
		changed, over := q.changed, q.closed && len(q.open) == 0 && len(q.line) == 0
		q.mu.Unlock()
		if b != nil {
			return b
		}
		if over {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}

// pick removes the batch that is due and was opened first, whether it is full,
// has aged or is waited for, so that a flood into one block does not keep the
// others back; or tells how long it is until one will be due.
func (q *queue) pick(now time.Time) (*batch, time.Duration) {
	oldest, wait := q.oldestDue(now)
	if len(q.line) > 0 && (oldest == nil || !oldest.opened.Before(q.line[0].opened)) {
		b := q.line[0]
		q.line = q.line[1:]
		return b, 0
	}
	if oldest != nil {
		delete(q.open, oldest.key)
	}
	return oldest, wait
}

// oldestDue finds the open batch that is due and was opened first; or how long
// it is until one will be due.
func (q *queue) oldestDue(now time.Time) (*batch, time.Duration) {
	wait := time.Hour
	var oldest *batch
	for _, b := range q.open {
		left := q.config.BatchAge - now.Sub(b.opened)
		if b.urgent || q.closed || left <= 0 {
			if oldest == nil || b.opened.Before(oldest.opened) {
				oldest = b
			}
			continue
		}
		wait = min(wait, left)
	}
	return oldest, wait
}

// finish tells those who wait and keeps the block's memory for the next.
func (q *queue) finish(b *batch, err error) {
	b.err = err
	q.mu.Lock()
	delete(q.pending, b)
	if err == nil && len(q.spare[b.key.table]) < keptBlocks {
		b.block.reset()
		q.spare[b.key.table] = append(q.spare[b.key.table], b.block)
	}
	b.block = nil
	q.mu.Unlock()
	close(b.done)
}

// depth returns the number of batches that are not finished.
func (q *queue) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending)
}
