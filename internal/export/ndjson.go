package export

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// ndjsonWriter writes an object a line, its names in the order of the columns.
type ndjsonWriter struct {
	to      *bufio.Writer
	columns []Column
	names   [][]byte // with what stands before them, and the colon
	line    []byte
}

func newNDJSON(to io.Writer, columns []Column) *ndjsonWriter {
	w := &ndjsonWriter{to: bufio.NewWriterSize(to, 64<<10), columns: columns}
	for i, c := range columns {
		before := []byte{','}
		if i == 0 {
			before = []byte{'{'}
		}
		w.names = append(w.names, append(quote(before, c.Name), ':'))
	}
	return w
}

func (w *ndjsonWriter) write(row []any) error {
	line := w.line[:0]
	for i, c := range w.columns {
		line = appendJSON(append(line, w.names[i]...), c.Kind, row[i])
	}
	w.line = append(line, '}', '\n')
	_, err := w.to.Write(w.line)
	return err
}

func (w *ndjsonWriter) close() error { return w.to.Flush() }

// appendJSON writes a cell. Pairs are in the order of their names, so that the
// same row is always the same bytes.
func appendJSON(b []byte, kind Kind, cell any) []byte {
	switch v := cell.(type) {
	case string:
		return quote(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	case bool:
		return strconv.AppendBool(b, v)
	case time.Time:
		return quote(b, timeText(kind, v))
	case []string:
		return appendList(b, v)
	case map[string]string:
		return appendPairs(b, v)
	default:
		return append(b, "null"...)
	}
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, text := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(b, text)
	}
	return append(b, ']')
}

func appendPairs(b []byte, pairs map[string]string) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(pairs)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(b, name), ':')
		b = quote(b, pairs[name])
	}
	return append(b, '}')
}

// quote writes a JSON string. Bytes that are no UTF-8 become U+FFFD, which its
// error only repeats.
func quote(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}
