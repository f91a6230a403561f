// Package spool is the durable log: what is acknowledged is in it. On the way
// from POST to chart it stands between ingest, which appends encoded rows and
// answers once they are synced, and the loader, which reads them in order and
// brings them into ClickHouse. It knows nothing of events: a record is bytes,
// with the table, the month and the number of rows that they hold.
//
// The log is a folder of segments. One goroutine writes: it takes whatever is
// in line as one group, closes it with a commit frame, writes and syncs it, and
// meanwhile the next group forms. A group is read after a crash if its commit
// frame is whole, and not at all otherwise. docs/spool.md has the format byte
// by byte, the rules of recovery, and what an operator may do with the files.
package spool
