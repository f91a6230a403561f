package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"ibarura/internal/producer"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// Format is how a file's lines are written.
type Format string

// The formats. FormatAuto looks at the first lines.
const (
	FormatAuto   Format = "auto"
	FormatNDJSON Format = "ndjson"
	FormatLog    Format = "log"
)

var (
	errUnknownFormat = errors.New("neither JSON objects, one a line, nor an access log in the common or combined format; say which with --format")
	errLogEvents     = errors.New("an access log holds page views, not events")
)

// recognize completes what was asked for by what the first lines look like. A
// file without any line is NDJSON: nothing will come of it in any format.
func recognize(src *source, format Format, kind producer.Kind) (Format, producer.Kind, error) {
	head, err := src.text.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", fmt.Errorf("read: %w", err)
	}
	head = bytes.TrimPrefix(head, byteOrderMark)
	if format == FormatAuto || format == "" {
		if format = formatOf(head); format == "" {
			return "", "", errUnknownFormat
		}
	}
	switch {
	case format == FormatLog && kind == producer.Events:
		return "", "", errLogEvents
	case format == FormatLog:
		kind = producer.PageViews
	case kind == "":
		kind = kindOf(head)
	}
	return format, kind, nil
}

// formatOf takes the format of the first line that has one: a log may begin
// with a broken line, a JSON file with a long one.
func formatOf(head []byte) Format {
	blank := true
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		blank = false
		if line[0] == '{' {
			return FormatNDJSON
		}
		var entry protocol.AccessLogEntry
		if protocol.ParseLogLine(line, &entry) == nil {
			return FormatLog
		}
	}
	if blank {
		return FormatNDJSON
	}
	return ""
}

// kindOf takes an item that has a url and no type for a page view.
func kindOf(head []byte) producer.Kind {
	for line := range bytes.Lines(head) {
		keys := keysOf(line)
		switch {
		case keys["type"]:
			return producer.Events
		case keys["url"]:
			return producer.PageViews
		}
	}
	return producer.Events
}

// keysOf returns the top-level keys of a JSON object, none of anything else.
func keysOf(line []byte) map[string]bool {
	keys := map[string]bool{}
	if strictjson.Check(line) != nil {
		return keys
	}
	c := strictjson.NewCursor(line)
	if c.Kind() != strictjson.Object {
		return keys
	}
	c.Enter()
	for c.More() {
		key, _, _ := c.Str(nil)
		keys[key] = true
		c.AfterKey()
		c.Skip()
	}
	return keys
}
