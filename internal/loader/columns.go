package loader

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// dictionary is a LowCardinality(String) column that keeps each distinct value
// once, as it arrives: one map look-up a row, no second pass, and no reference
// to the caller's string.
type dictionary struct {
	proto.ColLowCardinalityRaw
	values proto.ColStr
	known  map[string]uint32
	keys   []uint32
}

func newDictionary() *dictionary {
	d := &dictionary{known: map[string]uint32{}}
	d.Index = &d.values
	return d
}

// Append adds one row and returns about how many bytes the column grew; the
// string is copied if it is new.
func (d *dictionary) Append(v string) int {
	key, ok := d.known[v]
	if ok {
		d.keys = append(d.keys, key)
		return keySize
	}
	key = uint32(len(d.known))
	d.known[strings.Clone(v)] = key
	d.values.Append(v)
	d.keys = append(d.keys, key)
	return keySize + 2*len(v) + entrySize
}

const (
	keySize   = 6  // of a key as it is collected and as it is sent
	entrySize = 80 // of a new value: its map entry, two string headers
)

// Rows is the number of values added.
func (d *dictionary) Rows() int { return len(d.keys) }

// Prepare picks the narrowest key width; the driver calls it before every
// encoding, so it starts anew each time.
func (d *dictionary) Prepare() error {
	d.Keys8, d.Keys16, d.Keys32 = d.Keys8[:0], d.Keys16[:0], d.Keys32[:0]
	switch n := len(d.known); {
	case n <= 1<<8:
		d.Key = proto.KeyUInt8
		for _, k := range d.keys {
			d.Keys8 = append(d.Keys8, uint8(k))
		}
	case n <= 1<<16:
		d.Key = proto.KeyUInt16
		for _, k := range d.keys {
			d.Keys16 = append(d.Keys16, uint16(k))
		}
	default:
		d.Key = proto.KeyUInt32
		d.Keys32 = append(d.Keys32, d.keys...)
	}
	return nil
}

// Reset empties the column and keeps its memory.
func (d *dictionary) Reset() {
	d.values.Reset()
	clear(d.known)
	d.keys = d.keys[:0]
}

// list is an Array column over any element column: offsets and elements.
type list[T proto.ColInput] struct {
	offsets  proto.ColUInt64
	elements T
}

// End closes the row whose elements were appended since the last End.
func (l *list[T]) End() { l.offsets.Append(uint64(l.elements.Rows())) }

// Type is Array of the element's type.
func (l *list[T]) Type() proto.ColumnType { return proto.ColumnTypeArray.Sub(l.elements.Type()) }

// Rows is the number of rows ended.
func (l *list[T]) Rows() int { return l.offsets.Rows() }

// Prepare prepares the elements.
func (l *list[T]) Prepare() error { return prepare(l.elements) }

// EncodeState writes the state of the elements.
func (l *list[T]) EncodeState(b *proto.Buffer) { encodeState(b, l.elements) }

// EncodeColumn writes offsets, then elements.
func (l *list[T]) EncodeColumn(b *proto.Buffer) {
	l.offsets.EncodeColumn(b)
	if l.elements.Rows() > 0 {
		l.elements.EncodeColumn(b)
	}
}

// WriteColumn writes offsets, then elements.
func (l *list[T]) WriteColumn(w *proto.Writer) {
	l.offsets.WriteColumn(w)
	if l.elements.Rows() > 0 {
		l.elements.WriteColumn(w)
	}
}

// mapping is a Map(LowCardinality(String), String) column.
type mapping struct {
	offsets proto.ColUInt64
	keys    *dictionary
	values  proto.ColStr
}

func newMapping() *mapping { return &mapping{keys: newDictionary()} }

// Append adds a pair to the current row and returns about how many bytes the
// column grew.
func (m *mapping) Append(key, value string) int {
	m.values.Append(value)
	return m.keys.Append(key) + len(value) + positionSize
}

// positionSize is what a text column keeps of a value beside its bytes.
const positionSize = 16

// End closes the row whose pairs were appended since the last End.
func (m *mapping) End() { m.offsets.Append(uint64(m.keys.Rows())) }

// Type is the type of the column in ClickHouse.
func (m *mapping) Type() proto.ColumnType {
	return proto.ColumnTypeMap.Sub(m.keys.Type(), m.values.Type())
}

// Rows is the number of rows ended.
func (m *mapping) Rows() int { return m.offsets.Rows() }

// Prepare prepares the keys.
func (m *mapping) Prepare() error { return m.keys.Prepare() }

// EncodeState writes the state of the keys.
func (m *mapping) EncodeState(b *proto.Buffer) { m.keys.EncodeState(b) }

// EncodeColumn writes offsets, keys and values.
func (m *mapping) EncodeColumn(b *proto.Buffer) {
	m.offsets.EncodeColumn(b)
	if m.keys.Rows() > 0 {
		m.keys.EncodeColumn(b)
		m.values.EncodeColumn(b)
	}
}

// WriteColumn writes offsets, keys and values.
func (m *mapping) WriteColumn(w *proto.Writer) {
	m.offsets.WriteColumn(w)
	if m.keys.Rows() > 0 {
		m.keys.WriteColumn(w)
		m.values.WriteColumn(w)
	}
}

// Reset empties the column and keeps its memory.
func (m *mapping) Reset() {
	m.offsets.Reset()
	m.keys.Reset()
	m.values.Reset()
}

func prepare(c proto.ColInput) error {
	if p, ok := c.(proto.Preparable); ok {
		return p.Prepare()
	}
	return nil
}

func encodeState(b *proto.Buffer, c proto.ColInput) {
	if s, ok := c.(proto.StateEncoder); ok {
		s.EncodeState(b)
	}
}
