package rowblock

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/proto"
)

// numbers is a column of values of a fixed width, little-endian.
type numbers struct {
	kind  proto.ColumnType
	width int
	data  []byte
}

func newNumbers(kind proto.ColumnType, width int) *numbers { return &numbers{kind: kind, width: width} }

func (c *numbers) uint64(v uint64) { c.data = binary.LittleEndian.AppendUint64(c.data, v) }
func (c *numbers) uint32(v uint32) { c.data = binary.LittleEndian.AppendUint32(c.data, v) }
func (c *numbers) uint16(v uint16) { c.data = binary.LittleEndian.AppendUint16(c.data, v) }

func (c *numbers) bool(v bool) {
	if v {
		c.data = append(c.data, 1)
		return
	}
	c.data = append(c.data, 0)
}

// at returns the value of a row, whatever its width.
func (c *numbers) at(row int) uint64 {
	var room [8]byte
	copy(room[:], c.data[row*c.width:(row+1)*c.width])
	return binary.LittleEndian.Uint64(room[:])
}

func (c *numbers) encode(to []byte) []byte {
	if isZero(c.data) {
		return append(to, allZero)
	}
	return append(append(to, plain), c.data...)
}

func (c *numbers) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	n := rows * c.width
	if zero {
		c.data = grow(c.data, n)
		return from, nil
	}
	if len(from) < n {
		return nil, errMalformed
	}
	c.data = append(c.data, from[:n]...)
	return from[n:], nil
}

func (c *numbers) keep(which []bool) {
	kept := c.data[:0]
	for row, keep := range which {
		if keep {
			kept = append(kept, c.data[row*c.width:(row+1)*c.width]...)
		}
	}
	c.data = kept
}

func (c *numbers) size() int { return len(c.data) }
func (c *numbers) reset()    { c.data = c.data[:0] }

// Type is the column's type in ClickHouse.
func (c *numbers) Type() proto.ColumnType { return c.kind }

// Rows is the number of values.
func (c *numbers) Rows() int { return len(c.data) / c.width }

// EncodeColumn writes the values.
func (c *numbers) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, c.data...) }

// WriteColumn sends the values without copying them.
func (c *numbers) WriteColumn(w *proto.Writer) { w.ChainWrite(c.data) }
