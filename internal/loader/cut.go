package loader

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// cut is a stretch of the log as batches: every whole record between two
// positions.
type cut struct {
	from, to spool.LSN
	batches  []*batch
	rows     int
	bytes    int
	opened   time.Time // when its oldest row was written into the log
}

// batch is the rows of a cut that belong to one table and one month.
type batch struct {
	table rowblock.Table
	month rowblock.Month
	block *rowblock.Block
	hash  *xxhash.Digest // of the records, in order
	token string
	fate  fate
}

// add merges a record. A record that cannot be read as rows was damaged before
// its checksum was made, or written by a newer program: it is an error of ours
// and not of the data, and nothing behind it may be loaded.
func (c *cut) add(e spool.Entry) error {
	b, err := c.batch(rowblock.Table(e.Table), rowblock.Month(e.Month))
	if err != nil {
		return fmt.Errorf("record at %d: %w", e.At, err)
	}
	if err := b.block.Merge(e.Data, e.Seq); err != nil {
		return fmt.Errorf("record at %d: %w", e.At, err)
	}
	_, _ = b.hash.Write(e.Data)
	if c.rows == 0 {
		c.opened = e.Written
	}
	c.rows += int(e.Rows)
	c.bytes += len(e.Data)
	c.to = e.End
	return nil
}

var errUnknownTable = errors.New("it is of a table that this program does not know")

func (c *cut) batch(table rowblock.Table, month rowblock.Month) (*batch, error) {
	for i := len(c.batches) - 1; i >= 0; i-- {
		if b := c.batches[i]; b.table == table && b.month == month {
			return b, nil
		}
	}
	blocks, ok := blockPools[table]
	if !ok {
		return nil, errUnknownTable
	}
	b := &batch{table: table, month: month, block: blocks.Get().(*rowblock.Block), hash: xxhash.New()}
	c.batches = append(c.batches, b)
	return b, nil
}

// seal names the batches. The token holds what the batch is made of, the log,
// the stretch and the content, so that no other rows can ever have it.
func (c *cut) seal(log string) {
	for _, b := range c.batches {
		b.token = fmt.Sprintf("ibarura:%s:%s:%s:%d-%d:%d:%016x", log, b.table, b.month, c.from, c.to, b.block.Rows(), b.hash.Sum64())
	}
}

// tokens lists the batches as the journal writes them down.
func (c *cut) tokens() []string {
	list := make([]string, 0, len(c.batches))
	for _, b := range c.batches {
		list = append(list, b.token)
	}
	return list
}

// days lists the local days that the cut has rows of, each once.
func (c *cut) days() []clickhouse.ProjectDay {
	known := map[clickhouse.ProjectDay]bool{}
	for _, b := range c.batches {
		b.block.EachDay(func(project string, day event.Day) {
			known[clickhouse.ProjectDay{Project: project, Day: day}] = true
		})
	}
	return slices.Collect(maps.Keys(known))
}

// landing names the cut for the marks of its days, by what its batches are.
func (c *cut) landing(log string) string {
	hash := xxhash.New()
	for _, token := range c.tokens() {
		_, _ = hash.WriteString(token)
	}
	return fmt.Sprintf("ibarura:%s:landed:%d-%d:%016x", log, c.from, c.to, hash.Sum64())
}

var blockPools = map[rowblock.Table]*sync.Pool{
	rowblock.Events:    {New: func() any { return rowblock.New(rowblock.Events) }},
	rowblock.PageViews: {New: func() any { return rowblock.New(rowblock.PageViews) }},
}

// release gives the block's memory back.
func (b *batch) release() {
	b.block.Reset()
	blockPools[b.table].Put(b.block)
	b.block = nil
}

// read collects records into the open cut until it is full or the log has no
// more. Only who may cut calls it.
func (l *Loader) read() error {
	if l.open == nil {
		l.open = &cut{from: l.position, to: l.position}
	}
	if l.full() {
		return nil
	}
	var failed error
	end, err := l.log.Read(l.position, func(e spool.Entry) bool {
		if failed = l.open.add(e); failed != nil {
			return false
		}
		return !l.full()
	})
	if failed != nil {
		l.position = l.open.from // what is in it will be read again
		l.open = nil
		return failed
	}
	l.position, l.open.to = end, end // also after an error: so far the cut has it
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	return nil
}

func (l *Loader) full() bool {
	return l.open.rows >= l.config.BatchRows || l.open.bytes >= l.config.BatchBytes
}

// stretch reads the log between two positions, calling each with cuts of about
// the usual size.
func (l *Loader) stretch(from, to spool.LSN, each func(*cut) error) error {
	for from < to {
		c := &cut{from: from, to: from}
		var failed error
		end, err := l.log.Read(from, func(e spool.Entry) bool {
			if e.At >= to {
				return false
			}
			failed = c.add(e)
			return failed == nil && c.rows < l.config.BatchRows && c.bytes < l.config.BatchBytes
		})
		if err := errors.Join(failed, err); err != nil {
			return fmt.Errorf("read the spool from %d to %d again: %w", from, to, err)
		}
		if c.rows == 0 {
			return nil
		}
		c.to = min(end, to)
		from = end
		if err := each(c); err != nil {
			return err
		}
	}
	return nil
}

// recut reads a recorded stretch of the log again, as one cut.
func (l *Loader) recut(recorded recordedCut) (*cut, error) {
	c := &cut{from: recorded.From, to: recorded.From}
	var failed error
	_, err := l.log.Read(recorded.From, func(e spool.Entry) bool {
		if e.At >= recorded.To {
			return false
		}
		failed = c.add(e)
		return failed == nil
	})
	if err := errors.Join(failed, err); err != nil {
		return nil, fmt.Errorf("read the spool from %d to %d again: %w", recorded.From, recorded.To, err)
	}
	c.to = recorded.To
	c.seal(l.log.IDString())
	return c, nil
}

// logUnreadable tells once in a while that the log cannot be read on.
func (l *Loader) logUnreadable(err error) {
	l.metrics.unreadable.Inc()
	l.logger.Error("the spool cannot be read on; nothing behind this place is loaded", zap.Error(err))
}
