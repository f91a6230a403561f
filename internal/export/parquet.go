package export

import (
	"io"
	"maps"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
)

// rowGroup is the number of rows that a Parquet file keeps together. The writer
// holds one such group, compressed, in memory.
const rowGroup = 50_000

// pending is the number of rows that are handed to the library at once.
const pending = 256

// parquetWriter writes Parquet by the row interface of the library: no
// reflection, and columns in our order.
type parquetWriter struct {
	to      *parquet.GenericWriter[any]
	columns []Column
	rows    []parquet.Row
}

func newParquet(to io.Writer, columns []Column) *parquetWriter {
	schema := parquet.NewSchema("rows", newGroup(columns))
	return &parquetWriter{
		to: parquet.NewGenericWriter[any](to, schema, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(rowGroup),
			parquet.CreatedBy("ibarura", "1", "")),
		columns: columns,
		rows:    make([]parquet.Row, 0, pending),
	}
}

func (w *parquetWriter) write(row []any) error {
	w.rows = w.rows[:len(w.rows)+1] // a full one was flushed
	values, leaf := w.rows[len(w.rows)-1][:0], 0
	for i, c := range w.columns {
		values = appendValues(values, c, row[i], leaf)
		leaf += c.leaves()
	}
	w.rows[len(w.rows)-1] = values
	if len(w.rows) == cap(w.rows) {
		return w.flush()
	}
	return nil
}

func (w *parquetWriter) flush() error {
	_, err := w.to.WriteRows(w.rows)
	w.rows = w.rows[:0]
	return err
}

func (w *parquetWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.to.Close()
}

// appendValues adds the values of a cell whose first leaf column has that index.
func appendValues(values []parquet.Value, c Column, cell any, leaf int) []parquet.Value {
	switch v := cell.(type) {
	case []string:
		return appendTexts(values, v, leaf)
	case map[string]string:
		names := slices.Sorted(maps.Keys(v))
		texts := make([]string, len(names))
		for i, name := range names {
			texts[i] = v[name]
		}
		return appendTexts(appendTexts(values, names, leaf), texts, leaf+1)
	case nil:
		for i := range c.leaves() {
			values = append(values, parquet.NullValue().Level(0, 0, leaf+i))
		}
		return values
	}
	level := 0
	if c.Nullable {
		level = 1
	}
	return append(values, valueOf(c.Kind, cell).Level(0, level, leaf))
}

// appendTexts adds a repeated leaf: the first value begins the row, an empty one
// is a null that says so.
func appendTexts(values []parquet.Value, texts []string, leaf int) []parquet.Value {
	if len(texts) == 0 {
		return append(values, parquet.NullValue().Level(0, 0, leaf))
	}
	for i, text := range texts {
		values = append(values, textValue(text).Level(min(i, 1), 1, leaf))
	}
	return values
}

func textValue(text string) parquet.Value { return parquet.ByteArrayValue([]byte(text)) }

func valueOf(kind Kind, cell any) parquet.Value {
	switch v := cell.(type) {
	case string:
		return textValue(v)
	case int64:
		return parquet.Int64Value(v)
	case float64:
		return parquet.DoubleValue(v)
	case bool:
		return parquet.BooleanValue(v)
	case time.Time:
		if kind == Date {
			return parquet.Int32Value(int32(v.Unix() / secondsPerDay))
		}
		return parquet.Int64Value(v.UnixMilli())
	}
	return parquet.NullValue()
}

const secondsPerDay = 24 * 60 * 60
