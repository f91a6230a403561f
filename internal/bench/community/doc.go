// Package community makes the history of a community in ClickHouse: a year of
// its events and page views, as many as a benchmark of reading wants. It stands
// beside the way from POST to chart, and goes round its first half: the rows are
// made by INSERT … SELECT inside the engine, ten times as fast as a producer
// could send them, into the raw tables, so that all views run. They keep to what
// ingest promises of its rows: day and person are worked out likewise, passive
// types make nobody active, and seq is of no log's numbers.
//
// A history is the same each time for the same options.
package community
