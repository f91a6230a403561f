package ingest

import (
	"sync"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// batch is the rows of a request that are not in the log yet, by table and
// month. The zero value is empty.
type batch struct {
	parts []*part
	rows  int
	bytes int // about, of the rows
}

// part is rows of one table and month, and their keys; a row that nobody can
// send again has the zero key.
type part struct {
	table rowblock.Table
	month rowblock.Month
	block *rowblock.Block
	keys  []Key
}

// recordRows bounds a record of the log, and so what the loader takes at once.
const recordRows = 4096

// block returns the block that the next row belongs into, and notes its key and
// about how many bytes its own texts take.
func (b *batch) block(table rowblock.Table, day event.Day, key Key, bytes int) *rowblock.Block {
	p := b.part(table, rowblock.MonthOf(day))
	p.keys = append(p.keys, key)
	b.rows++
	b.bytes += rowBytes + bytes
	return p.block
}

// rowBytes is about what a row takes beside its long texts.
const rowBytes = 200

// weight is about what properties take.
func weight(properties []event.Property) int {
	bytes := 0
	for i := range properties {
		bytes += len(properties[i].Key) + len(properties[i].Value)
	}
	return bytes
}

// part looks from the newest on: items that come together are of one month.
func (b *batch) part(table rowblock.Table, month rowblock.Month) *part {
	for i := len(b.parts) - 1; i >= 0; i-- {
		if p := b.parts[i]; p.table == table && p.month == month && len(p.keys) < recordRows {
			return p
		}
	}
	p := takePart(table)
	p.month = month
	b.parts = append(b.parts, p)
	return p
}

// records encodes the parts for the log. The data is valid until the buffer is
// used again.
func (b *batch) records(buffer []byte) ([]spool.Record, []byte) {
	records := make([]spool.Record, 0, len(b.parts))
	for _, p := range b.parts {
		rows := p.block.Rows()
		if rows == 0 {
			continue
		}
		start := len(buffer)
		buffer = p.block.Encode(buffer)
		records = append(records, spool.Record{Table: uint8(p.table), Month: int32(p.month), Rows: uint32(rows), Data: buffer[start:len(buffer):len(buffer)]})
	}
	return records, buffer
}

// release empties the batch.
func (b *batch) release() {
	for _, p := range b.parts {
		p.release()
	}
	*b = batch{parts: b.parts[:0]}
}

// keep drops the rows for which which says false.
func (p *part) keep(which []bool) {
	p.block.Keep(which)
	kept := p.keys[:0]
	for i, keep := range which {
		if keep {
			kept = append(kept, p.keys[i])
		}
	}
	p.keys = kept
}

// copyOf returns a part of its own with the rows for which which says true.
func (p *part) copyOf(which []bool) *part {
	c := takePart(p.table)
	c.month = p.month
	if err := c.block.Merge(p.block.Encode(nil), 0); err != nil {
		panic(err) // Encode has just written it
	}
	c.keys = append(c.keys, p.keys...)
	c.keep(which)
	return c
}

var parts = map[rowblock.Table]*sync.Pool{
	rowblock.Events:    {New: func() any { return &part{table: rowblock.Events, block: rowblock.New(rowblock.Events)} }},
	rowblock.PageViews: {New: func() any { return &part{table: rowblock.PageViews, block: rowblock.New(rowblock.PageViews)} }},
}

// keptPart is the largest part that goes back into the pool, in bytes.
const keptPart = 1 << 20

func takePart(table rowblock.Table) *part { return parts[table].Get().(*part) }

func (p *part) release() {
	if p.block.Size() > keptPart {
		return
	}
	p.block.Reset()
	p.keys = p.keys[:0]
	parts[p.table].Put(p)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}
