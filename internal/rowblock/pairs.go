package rowblock

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// pairs is a Map(LowCardinality(String), String) column.
type pairs struct {
	ends   ends
	keys   *labels
	values texts
}

func newPairs() *pairs { return &pairs{keys: newLabels()} }

func (c *pairs) append(list []event.Property) {
	for i := range list {
		c.keys.append(list[i].Key)
		c.values.append(list[i].Value)
	}
	c.ends.close(len(c.keys.rows))
}

func (c *pairs) encode(to []byte) []byte {
	if len(c.keys.rows) == 0 {
		return append(to, allZero)
	}
	return c.values.encode(c.keys.encode(c.ends.encode(append(to, plain))))
}

func (c *pairs) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	before := len(c.keys.rows)
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
	if from, err = c.keys.merge(from, elements); err != nil {
		return nil, err
	}
	return c.values.merge(from, elements)
}

func (c *pairs) keep(which []bool) {
	elements := c.ends.keep(which)
	c.keys.keep(elements)
	c.values.keep(elements)
}

func (c *pairs) size() int { return 8*len(c.ends.data) + c.keys.size() + c.values.size() }

func (c *pairs) reset() {
	c.ends.data = c.ends.data[:0]
	c.keys.reset()
	c.values.reset()
}

// Type is Map(LowCardinality(String), String).
func (c *pairs) Type() proto.ColumnType {
	return proto.ColumnTypeMap.Sub(c.keys.Type(), c.values.Type())
}

// Rows is the number of maps.
func (c *pairs) Rows() int { return len(c.ends.data) }

// EncodeState writes the state of the keys.
func (c *pairs) EncodeState(b *proto.Buffer) { c.keys.EncodeState(b) }

// EncodeColumn writes where the maps end, the keys and the values.
func (c *pairs) EncodeColumn(b *proto.Buffer) {
	c.ends.put(b)
	c.keys.EncodeColumn(b)
	if c.keys.Rows() > 0 {
		c.values.EncodeColumn(b)
	}
}

// WriteColumn writes what EncodeColumn does, the values without copying them.
func (c *pairs) WriteColumn(w *proto.Writer) {
	w.ChainBuffer(func(b *proto.Buffer) {
		c.ends.put(b)
		c.keys.EncodeColumn(b)
	})
	if c.keys.Rows() > 0 {
		c.values.WriteColumn(w)
	}
}
