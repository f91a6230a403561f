// Package export makes files of answers and of raw rows: CSV, NDJSON, XLSX and
// Parquet. It stands at the end of the way from POST to chart, beside the JSON
// of httpapi: an answer of report becomes tables with typed columns, raw rows
// become a stream of any length, and each format is one writer of rows.
package export
