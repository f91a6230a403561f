package rowblock

import (
	"encoding/binary"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// labels is a LowCardinality(String) column: each distinct value once, in the
// order of arrival, and for each row the number of its value. A chunk brings
// its own dictionary, so that merging it costs a look-up a value, not a row.
type labels struct {
	names []string
	known map[string]uint32 // the place of each name
	bytes int               // of the names
	rows  []uint32
	remap []uint32 // from a chunk's numbers to ours
}

func newLabels() *labels { return &labels{known: map[string]uint32{}} }

// append adds a row. Rows that come together are often alike, so the newest
// row's value is compared first.
func (c *labels) append(v string) {
	if n := len(c.rows); n > 0 && c.names[c.rows[n-1]] == v {
		c.rows = append(c.rows, c.rows[n-1])
		return
	}
	number, ok := c.known[v]
	if !ok {
		number = c.learn(strings.Clone(v))
	}
	c.rows = append(c.rows, number)
}

// number returns the number of a value; v is not kept.
func (c *labels) number(v []byte) uint32 {
	if number, ok := c.known[string(v)]; ok {
		return number
	}
	return c.learn(string(v))
}

func (c *labels) learn(v string) uint32 {
	number := uint32(len(c.names))
	c.known[v] = number
	c.names = append(c.names, v)
	c.bytes += len(v)
	return number
}

// appendNames writes the dictionary as a column of texts.
func (c *labels) appendNames(to []byte) []byte {
	for _, name := range c.names {
		to = binary.AppendUvarint(to, uint64(len(name)))
		to = append(to, name...)
	}
	return to
}

// keyWidth is how many bytes hold every number below n.
func keyWidth(n int) int {
	switch {
	case n <= 1<<8:
		return 1
	case n <= 1<<16:
		return 2
	default:
		return 4
	}
}

func appendKeys(to []byte, rows []uint32, width int) []byte {
	switch width {
	case 1:
		for _, v := range rows {
			to = append(to, byte(v))
		}
	case 2:
		for _, v := range rows {
			to = binary.LittleEndian.AppendUint16(to, uint16(v))
		}
	default:
		for _, v := range rows {
			to = binary.LittleEndian.AppendUint32(to, v)
		}
	}
	return to
}

func key(from []byte, row, width int) uint32 {
	switch width {
	case 1:
		return uint32(from[row])
	case 2:
		return uint32(binary.LittleEndian.Uint16(from[2*row:]))
	default:
		return binary.LittleEndian.Uint32(from[4*row:])
	}
}

// encode writes the number of values, the values, and the rows' numbers, if
// there is more than one value to choose from.
func (c *labels) encode(to []byte) []byte {
	if len(c.names) == 0 {
		return append(to, allZero)
	}
	to = binary.AppendUvarint(append(to, plain), uint64(len(c.names)))
	to = c.appendNames(to)
	if len(c.names) == 1 {
		return to
	}
	return appendKeys(to, c.rows, keyWidth(len(c.names)))
}

func (c *labels) merge(from []byte, rows int) ([]byte, error) {
	zero, from, err := head(from)
	if err != nil {
		return nil, err
	}
	if zero {
		if rows > 0 {
			return nil, errMalformed // a row has a value, if only the empty one
		}
		return from, nil
	}
	if from, err = c.mergeNames(from); err != nil {
		return nil, err
	}
	if len(c.remap) > 1 {
		return c.mergeRows(from, rows, keyWidth(len(c.remap)))
	}
	for range rows {
		c.rows = append(c.rows, c.remap[0])
	}
	return from, nil
}

// mergeNames reads a chunk's dictionary and fills remap.
func (c *labels) mergeNames(from []byte) ([]byte, error) {
	count, read := binary.Uvarint(from)
	if read <= 0 || count == 0 || count > uint64(len(from)) {
		return nil, errMalformed
	}
	from = from[read:]
	c.remap = c.remap[:0]
	for range count {
		name, rest, err := cut(from)
		if err != nil {
			return nil, err
		}
		c.remap = append(c.remap, c.number(name))
		from = rest
	}
	return from, nil
}

func (c *labels) mergeRows(from []byte, rows, width int) ([]byte, error) {
	if len(from) < rows*width {
		return nil, errMalformed
	}
	for row := range rows {
		number := key(from, row, width)
		if number >= uint32(len(c.remap)) {
			return nil, errMalformed
		}
		c.rows = append(c.rows, c.remap[number])
	}
	return from[rows*width:], nil
}

// keep leaves values that no row has any more in the dictionary; they do no harm.
func (c *labels) keep(which []bool) {
	kept := c.rows[:0]
	for row, keep := range which {
		if keep {
			kept = append(kept, c.rows[row])
		}
	}
	c.rows = kept
}

// labelSize is what a value takes beside its bytes: its entry in the map.
const labelSize = 64

func (c *labels) size() int {
	return 4*len(c.rows) + c.bytes + labelSize*len(c.names)
}

// keptLabels is how many values' room in the map outlives a reset.
const keptLabels = 4096

func (c *labels) reset() {
	if len(c.names) > keptLabels {
		c.known = map[string]uint32{}
		c.names = nil
	} else {
		clear(c.known)
		clear(c.names)
	}
	c.names = c.names[:0]
	c.bytes = 0
	c.rows = c.rows[:0]
}

// Type is LowCardinality(String).
func (c *labels) Type() proto.ColumnType {
	return proto.ColumnTypeLowCardinality.Sub(proto.ColumnTypeString)
}

// Rows is the number of rows.
func (c *labels) Rows() int { return len(c.rows) }

// The constants of ClickHouse's LowCardinality serialization.
const (
	sharedDictionaries = 1      // version: each block brings its own dictionary
	ownKeysAndUpdate   = 3 << 9 // additional keys are there, the dictionary is new
)

// EncodeState writes the version of the serialization.
func (c *labels) EncodeState(b *proto.Buffer) { b.PutInt64(sharedDictionaries) }

// EncodeColumn writes dictionary and numbers; nothing if there is no row.
func (c *labels) EncodeColumn(b *proto.Buffer) {
	if len(c.rows) == 0 {
		return
	}
	width := keyWidth(len(c.names))
	b.PutInt64(ownKeysAndUpdate | int64(width>>1)) // 0, 1, 2: one, two, four bytes
	b.PutInt64(int64(len(c.names)))
	b.Buf = c.appendNames(b.Buf)
	b.PutInt64(int64(len(c.rows)))
	b.Buf = appendKeys(b.Buf, c.rows, width)
}

// WriteColumn writes what EncodeColumn does.
func (c *labels) WriteColumn(w *proto.Writer) { w.ChainBuffer(c.EncodeColumn) }
