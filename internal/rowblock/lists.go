package rowblock

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/proto"
)

// ends holds where each row's elements end, as ClickHouse's arrays do.
type ends struct{ data []uint64 }

func (e *ends) close(elements int) { e.data = append(e.data, uint64(elements)) }

// start is where a row's elements begin.
func (e *ends) start(row int) uint64 {
	if row == 0 {
		return 0
	}
	return e.data[row-1]
}

// encode writes the number of elements of each row.
func (e *ends) encode(to []byte) []byte {
	before := uint64(0)
	for _, end := range e.data {
		to = binary.AppendUvarint(to, end-before)
		before = end
	}
	return to
}

// merge reads the numbers of elements of so many rows, and returns their sum.
func (e *ends) merge(from []byte, rows, elements int) (total int, rest []byte, err error) {
	end := uint64(elements)
	for range rows {
		n, read := binary.Uvarint(from)
		if read <= 0 || n > maxElements {
			return 0, nil, errMalformed
		}
		from = from[read:]
		end += n
		e.data = append(e.data, end)
	}
	total = int(end) - elements
	if total > maxElements {
		return 0, nil, errMalformed
	}
	return total, from, nil
}

// maxElements bounds the elements of a chunk's column, so that bytes that are
// no chunk cannot ask for much memory: far above what a record holds.
const maxElements = 1 << 27

// keep drops rows and returns which elements stay.
func (e *ends) keep(which []bool) []bool {
	var elements []bool
	kept := e.data[:0]
	before, count := uint64(0), uint64(0)
	for row, end := range e.data {
		for range end - before {
			elements = append(elements, which[row])
		}
		if which[row] {
			count += end - before
			kept = append(kept, count)
		}
		before = end
	}
	e.data = kept
	return elements
}

func (e *ends) put(b *proto.Buffer) {
	for _, end := range e.data {
		b.PutUInt64(end)
	}
}

// labelLists is an Array(LowCardinality(String)) column.
type labelLists struct {
	ends   ends
	labels *labels
}

func newLabelLists() *labelLists { return &labelLists{labels: newLabels()} }

func (c *labelLists) append(list []string) {
	for _, v := range list {
		c.labels.append(v)
	}
	c.ends.close(len(c.labels.rows))
}

func (c *labelLists) encode(to []byte) []byte {
	if len(c.labels.rows) == 0 {
		return append(to, allZero)
	}
	return c.labels.encode(c.ends.encode(append(to, plain)))
}

func (c *labelLists) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	before := len(c.labels.rows)
	if zero {
		for range rows {
			c.ends.close(before)
		}
		return from, nil
	}
	elements, from, err := c.ends.merge(from, rows, before)
	if err != nil {
		return nil, err
	}
	return c.labels.merge(from, elements)
}

func (c *labelLists) keep(which []bool) { c.labels.keep(c.ends.keep(which)) }
func (c *labelLists) size() int         { return 8*len(c.ends.data) + c.labels.size() }

func (c *labelLists) reset() {
	c.ends.data = c.ends.data[:0]
	c.labels.reset()
}

// Type is Array(LowCardinality(String)).
func (c *labelLists) Type() proto.ColumnType { return proto.ColumnTypeArray.Sub(c.labels.Type()) }

// Rows is the number of lists.
func (c *labelLists) Rows() int { return len(c.ends.data) }

// EncodeState writes the state of the labels.
func (c *labelLists) EncodeState(b *proto.Buffer) { c.labels.EncodeState(b) }

// EncodeColumn writes where the lists end, and the labels.
func (c *labelLists) EncodeColumn(b *proto.Buffer) {
	c.ends.put(b)
	c.labels.EncodeColumn(b)
}

// WriteColumn writes what EncodeColumn does.
func (c *labelLists) WriteColumn(w *proto.Writer) { w.ChainBuffer(c.EncodeColumn) }
