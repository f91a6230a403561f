package spool

import (
	"fmt"
	"hash/crc32"
	"sync"
)

// unit is what is ready to be put in line: packed and summed up before the line
// is locked.
type unit struct {
	parts  []part
	packed []byte
	size   int // with headers and padding
}

type part struct {
	frame
	data []byte
}

var units = sync.Pool{New: func() any { return new(unit) }}

// maxIdlePacked is the largest buffer that is kept for the next unit.
const maxIdlePacked = 1 << 20

func (u *unit) release() {
	clear(u.parts)
	u.parts, u.size = u.parts[:0], 0
	if u.packed = u.packed[:0]; cap(u.packed) > maxIdlePacked {
		u.packed = nil
	}
	units.Put(u)
}

func (u *unit) prepare(records []Record, c Compression) error {
	if len(records) == 0 {
		return ErrInvalid
	}
	for i := range records {
		r := &records[i]
		if r.Rows == 0 || len(r.Data) == 0 {
			return fmt.Errorf("record %d: %w", i, ErrInvalid)
		}
		if len(r.Data) > maxGroupBytes {
			return fmt.Errorf("record %d: %w: %d bytes", i, ErrTooLarge, len(r.Data))
		}
		u.add(r, c)
	}
	return nil
}

func (u *unit) add(r *Record, c Compression) {
	p := part{data: r.Data, frame: frame{kind: recordFrame, table: r.Table, month: r.Month, rows: r.Rows, raw: uint32(len(r.Data))}}
	from := len(u.packed)
	var pays bool
	if u.packed, pays = c.pack(u.packed, r.Data); pays {
		p.data, p.codec = u.packed[from:], c
	}
	p.stored = uint32(len(p.data))
	p.crc = crc32.Checksum(p.data, castagnoli)
	u.parts = append(u.parts, p)
	u.size += frameSize + aligned(len(p.data))
}
