// Package peer builds and runs what events are sent through elsewhere: the
// OpenTelemetry collector with its ClickHouse exporter. It gets the same events
// as ibarura, as logs in OTLP, and writes them into the same engine, in its own
// table. It stands beside the way from POST to chart.
package peer
