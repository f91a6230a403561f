package export

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// csvWriter writes RFC 4180: UTF-8, CRLF at the end of a record, quotes where
// they are needed.
type csvWriter struct {
	to      *csv.Writer
	columns []Column
	record  []string
}

func newCSV(to io.Writer, columns []Column, header bool) (*csvWriter, error) {
	w := &csvWriter{to: csv.NewWriter(bufio.NewWriterSize(to, 64<<10)), columns: columns, record: make([]string, len(columns))}
	w.to.UseCRLF = true
	if !header {
		return w, nil
	}
	for i, c := range columns {
		w.record[i] = harmless(c.Name)
	}
	return w, w.to.Write(w.record)
}

func (w *csvWriter) write(row []any) error {
	for i, c := range w.columns {
		text := textOf(c.Kind, row[i])
		if c.Kind == Text || c.Kind == List || c.Kind == Pairs {
			text = harmless(text)
		}
		w.record[i] = text
	}
	return w.to.Write(w.record)
}

func (w *csvWriter) close() error {
	w.to.Flush()
	return w.to.Error()
}

// harmless keeps a spreadsheet from taking somebody's text for a formula: what
// begins like one gets an apostrophe before it. Numbers are no text.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// textOf writes a cell as text; nothing is empty.
func textOf(kind Kind, cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return timeText(kind, v)
	default:
		return string(appendJSON(nil, kind, v))
	}
}

// timeText writes a date, or a moment as RFC 3339.
func timeText(kind Kind, t time.Time) string {
	if kind == Date {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T15:04:05.999Z07:00")
}
