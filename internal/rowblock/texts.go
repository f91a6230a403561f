package rowblock

import (
	"encoding/binary"
	"sync"

	"github.com/ClickHouse/ch-go/proto"
)

// texts is a String column: each value's length as a varint, and its bytes. They
// lie in pieces, none of which a value crosses: a column that grew as one slice
// would be copied again and again, and the copies left behind would take more
// memory than the rows.
type texts struct {
	full   [][]byte // the pieces before data
	filled int      // bytes in full
	data   []byte
	rows   int
}

// pieceBytes is the size from which on a piece does not grow. A longer record
// gets a piece of its own size.
const pieceBytes = 256 << 10

// pieces are those of blocks that were emptied.
var pieces = sync.Pool{New: func() any { return new([pieceBytes]byte) }}

// room makes sure that n bytes can be appended to data, and leaves it to append
// to make a small piece larger.
func (c *texts) room(n int) {
	if len(c.data)+n <= max(cap(c.data), pieceBytes) {
		return
	}
	if len(c.data) > 0 {
		c.full = append(c.full, c.data)
		c.filled += len(c.data)
	}
	if n > pieceBytes {
		c.data = make([]byte, 0, n)
		return
	}
	c.data = pieces.Get().(*[pieceBytes]byte)[:0]
}

func (c *texts) append(v string) {
	c.room(binary.MaxVarintLen64 + len(v))
	c.data = binary.AppendUvarint(c.data, uint64(len(v)))
	c.data = append(c.data, v...)
	c.rows++
}

// at returns a row's value. It walks there.
func (c *texts) at(row int) string {
	var value string
	c.each(func(v []byte) bool {
		value = string(v)
		row--
		return row >= 0
	})
	return value
}

// each calls do for the values in order, as long as it returns true.
func (c *texts) each(do func(v []byte) bool) {
	walk := c.walk()
	for range c.rows {
		if !do(walk.next()) {
			return
		}
	}
}

// walk begins before the first value.
func (c *texts) walk() textWalk {
	if len(c.full) == 0 {
		return textWalk{rest: c.data}
	}
	return textWalk{rest: c.full[0], column: c, piece: 1}
}

// textWalk goes through the values of a column. A copy of it goes on from the
// same place.
type textWalk struct {
	rest   []byte
	column *texts // nil: rest is the last piece
	piece  int    // that follows
}

// next returns the value after the last one; there has to be one.
func (w *textWalk) next() []byte {
	for len(w.rest) == 0 { // keep may have left a piece empty
		w.rest = w.column.piece(w.piece)
		w.piece++
	}
	n, read := binary.Uvarint(w.rest)
	end := read + int(n)
	value := w.rest[read:end]
	w.rest = w.rest[end:]
	return value
}

func (c *texts) piece(i int) []byte {
	if i < len(c.full) {
		return c.full[i]
	}
	return c.data
}

func (c *texts) encode(to []byte) []byte {
	size := c.size()
	if size == c.rows { // each value is its length alone, 0
		return append(to, allZero)
	}
	to = binary.AppendUvarint(append(to, plain), uint64(size))
	for _, piece := range c.full {
		to = append(to, piece...)
	}
	return append(to, c.data...)
}

func (c *texts) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	c.rows += rows
	if zero {
		c.room(rows)
		c.data = grow(c.data, rows)
		return from, nil
	}
	data, rest, err := cut(from)
	if err != nil {
		return nil, err
	}
	if !isTexts(data, rows) {
		return nil, errMalformed
	}
	c.room(len(data))
	c.data = append(c.data, data...)
	return rest, nil
}

// isTexts reports whether data is so many values and nothing else: a wrong
// length would shift every value behind it.
func isTexts(data []byte, rows int) bool {
	at := 0
	for range rows {
		if at < len(data) && data[at] < 0x80 {
			at += 1 + int(data[at])
			continue
		}
		if at >= len(data) {
			return false
		}
		n, read := binary.Uvarint(data[at:])
		if read <= 0 || n > uint64(len(data)) {
			return false
		}
		at += read + int(n)
	}
	return at == len(data)
}

func (c *texts) keep(which []bool) {
	c.filled, c.rows = 0, 0
	for i, piece := range c.full {
		c.full[i], which = c.keepOf(piece, which)
		c.filled += len(c.full[i])
	}
	c.data, _ = c.keepOf(c.data, which)
}

// keepOf drops values of a piece, and returns what is said of the pieces behind.
func (c *texts) keepOf(piece []byte, which []bool) (kept []byte, behind []bool) {
	kept = piece[:0]
	for rest := piece; len(rest) > 0; which = which[1:] {
		n, read := binary.Uvarint(rest)
		end := read + int(n)
		if which[0] {
			kept = append(kept, rest[:end]...)
			c.rows++
		}
		rest = rest[end:]
	}
	return kept, which
}

func (c *texts) size() int { return c.filled + len(c.data) }

// reset keeps the last piece, and lends the others to whoever needs one next.
func (c *texts) reset() {
	for i, piece := range c.full {
		if cap(piece) == pieceBytes {
			pieces.Put((*[pieceBytes]byte)(piece[:pieceBytes]))
		}
		c.full[i] = nil
	}
	c.full, c.filled, c.data, c.rows = c.full[:0], 0, c.data[:0], 0
}

// Type is String.
func (c *texts) Type() proto.ColumnType { return proto.ColumnTypeString }

// Rows is the number of values.
func (c *texts) Rows() int { return c.rows }

// EncodeColumn writes the values.
func (c *texts) EncodeColumn(b *proto.Buffer) {
	for _, piece := range c.full {
		b.Buf = append(b.Buf, piece...)
	}
	b.Buf = append(b.Buf, c.data...)
}

// WriteColumn sends the values without copying them.
func (c *texts) WriteColumn(w *proto.Writer) {
	for _, piece := range c.full {
		w.ChainWrite(piece)
	}
	w.ChainWrite(c.data)
}
