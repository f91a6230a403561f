package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"ibarura/internal/event"
)

// maxBatchBytes bounds a request's body before compression, unless one item
// alone is larger.
const maxBatchBytes = 1 << 20

// batch is what one request carries, and the lines that it answers for.
type batch struct {
	seq     int    // place among the batches of this run, from 0
	body    []byte // items, one a line
	lines   []int  // the file's line number of each item
	rejects []Reject
	last    int // the file's line number of the last line answered for, blank ones included
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch(seq int) *batch {
	b := batches.Get().(*batch)
	*b = batch{seq: seq, body: b.body[:0], lines: b.lines[:0], rejects: b.rejects[:0]}
	return b
}

func (b *batch) release() { batches.Put(b) }

// full reports whether the next line belongs in another batch. Lines that were
// rejected here count as well: they take memory too.
func (b *batch) full(maxLines int) bool {
	return len(b.lines)+len(b.rejects) >= maxLines || len(b.body) >= maxBatchBytes
}

// add makes an item of a line, or notes why it is none.
func (b *batch) add(items itemizer, line []byte, number int) {
	body, rejection := items.appendItem(b.body, line)
	if rejection != nil {
		b.reject(number, rejection)
		return
	}
	b.body = append(body, '\n')
	b.lines = append(b.lines, number)
}

func (b *batch) reject(number int, r *event.Rejection) {
	b.rejects = append(b.rejects, Reject{Line: number, Code: r.Code, Field: r.Field, Message: r.Message})
}

// cutter reads a file into batches in a goroutine of its own.
type cutter struct {
	batches chan *batch
	done    chan struct{} // closed when the goroutine has ended
	err     error         // why reading ended early; to be read after batches is closed
}

// startCutter cuts what follows the first `from` lines. It ends with ctx.
func startCutter(ctx context.Context, src *source, items itemizer, from int, o *Options) *cutter {
	c := &cutter{batches: make(chan *batch, 1), done: make(chan struct{})}
	lines := &lineReader{in: src.text, limit: event.DefaultLimits().MaxItemBytes}
	go func() {
		defer close(c.done)
		defer close(c.batches)
		c.err = c.cut(ctx, lines, items, from, o.BatchLines)
	}()
	return c
}

// next returns the next batch, or nil after the last one.
func (c *cutter) next(ctx context.Context) (*batch, error) {
	select {
	case b, more := <-c.batches:
		if !more {
			return nil, c.err
		}
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *cutter) cut(ctx context.Context, lines *lineReader, items itemizer, from, maxLines int) error {
	b := newBatch(0)
	for {
		line, tooLong, err := lines.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, c.hand(ctx, b))
		}
		if b.full(maxLines) {
			if err := c.hand(ctx, b); err != nil {
				return err
			}
			b = newBatch(b.seq + 1)
		}
		passed := lines.number <= from
		if !passed {
			b.last = lines.number
		}
		switch {
		case tooLong && !passed:
			b.reject(lines.number, tooLarge())
		case tooLong || len(bytes.TrimSpace(line)) == 0:
		case passed:
			items.skip(line)
		default:
			b.add(items, line, lines.number)
		}
	}
}

// hand passes a batch on, unless there is no line in it.
func (c *cutter) hand(ctx context.Context, b *batch) error {
	if b.last == 0 {
		b.release()
		return nil
	}
	select {
	case c.batches <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func tooLarge() *event.Rejection {
	return event.Reject(event.CodeItemTooLarge, "", "the line is longer than the limit of %d bytes", event.DefaultLimits().MaxItemBytes)
}
