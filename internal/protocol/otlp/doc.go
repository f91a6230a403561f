// Package otlp reads log records as OpenTelemetry's exporters send them over
// HTTP, in protobuf or JSON, and takes those with an event name as events. It
// stands between POST /v1/logs and ingest, as a pure function from bytes to a
// sink.
//
// docs/protocols.md has the table of fields. In short: the event name is the
// type, a few attributes say who and what, the others are properties. A record
// without a name is a log line and no event, and is rejected.
//
// Only single records are unmarshalled. A body of small fields would otherwise
// become fifty times its size in memory, before any limit is looked at.
package otlp
