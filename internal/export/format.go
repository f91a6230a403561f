package export

import (
	"io"
	"mime"
	"strconv"
	"strings"
)

// Format is how an answer is written.
type Format string

// The formats.
const (
	JSON    Format = "json"
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	XLSX    Format = "xlsx"
	Parquet Format = "parquet"
)

// formats in the order of the documentation, with their media types.
var formats = []struct {
	format    Format
	mediaType string
}{
	{JSON, "application/json"},
	{CSV, "text/csv"},
	{NDJSON, "application/x-ndjson"},
	{XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{Parquet, "application/vnd.apache.parquet"},
}

// ParseFormat reads a format's name.
func ParseFormat(name string) (Format, bool) {
	for _, f := range formats {
		if string(f.format) == name {
			return f.format, true
		}
	}
	return "", false
}

// FormatNames lists the names of all formats.
func FormatNames() string { return "json, csv, ndjson, xlsx, parquet" }

// MediaType is what Content-Type says of a file.
func (f Format) MediaType() string {
	for _, known := range formats {
		if known.format == f && (f == CSV || f == NDJSON || f == JSON) {
			return known.mediaType + "; charset=utf-8"
		} else if known.format == f {
			return known.mediaType
		}
	}
	return "application/octet-stream"
}

// AcceptedFormat returns the format that an Accept header likes best. It is
// JSON where nothing else is asked for: browsers and clients that take anything
// get what they always got.
func AcceptedFormat(accept string) Format {
	best, liked := JSON, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, given := parameters["q"]; given {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if format, known := formatOf(name); known && quality > liked {
			best, liked = format, quality
		}
	}
	return best
}

func formatOf(mediaType string) (Format, bool) {
	switch mediaType {
	case "*/*", "application/*":
		return JSON, true
	case "application/ndjson", "application/jsonl":
		return NDJSON, true
	}
	for _, f := range formats {
		if f.mediaType == mediaType {
			return f.format, true
		}
	}
	return "", false
}

// open returns the writer of one table in a flat format.
func (f Format) open(to io.Writer, columns []Column, header bool) (rowWriter, error) {
	switch f {
	case CSV:
		return newCSV(to, columns, header)
	case NDJSON:
		return newNDJSON(to, columns), nil
	default:
		return newParquet(to, columns), nil
	}
}
