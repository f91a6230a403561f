package rowblock

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/proto"
)

// texts is a String column: each value's length as a varint, and its bytes.
type texts struct {
	data []byte
	rows int
}

func (c *texts) append(v string) {
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
	for rest := c.data; len(rest) > 0; {
		n, read := binary.Uvarint(rest)
		end := read + int(n)
		if !do(rest[read:end]) {
			return
		}
		rest = rest[end:]
	}
}

func (c *texts) encode(to []byte) []byte {
	if len(c.data) == c.rows { // each value is its length alone, 0
		return append(to, allZero)
	}
	to = binary.AppendUvarint(append(to, plain), uint64(len(c.data)))
	return append(to, c.data...)
}

func (c *texts) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	c.rows += rows
	if zero {
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
	kept := c.data[:0]
	row, rows := 0, 0
	for rest := c.data; row < len(which); row++ {
		n, read := binary.Uvarint(rest)
		end := read + int(n)
		if which[row] {
			kept = append(kept, rest[:end]...)
			rows++
		}
		rest = rest[end:]
	}
	c.data, c.rows = kept, rows
}

func (c *texts) size() int { return len(c.data) }
func (c *texts) reset()    { c.data, c.rows = c.data[:0], 0 }

// Type is String.
func (c *texts) Type() proto.ColumnType { return proto.ColumnTypeString }

// Rows is the number of values.
func (c *texts) Rows() int { return c.rows }

// EncodeColumn writes the values.
func (c *texts) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, c.data...) }

// WriteColumn sends the values without copying them.
func (c *texts) WriteColumn(w *proto.Writer) { w.ChainWrite(c.data) }
