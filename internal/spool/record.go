package spool

import "time"

// LSN is a position in the log: bytes since the spool was made. It never
// decreases, and the position of a record that was once readable is never given
// to another one, not even after a crash. Positions are multiples of 8. They have gaps where a
// segment ended early.
type LSN uint64

// Record is rows of one table and month, encoded by the caller.
type Record struct {
	Table uint8
	Month int32  // months since January 1970
	Rows  uint32 // at least 1
	Data  []byte // at least 1 byte; copied or compressed by Append before it returns
}

// Entry is a record as it is read back.
type Entry struct {
	At, End LSN // where its frame begins, and where the next one does
	Table   uint8
	Month   int32
	Rows    uint32
	Seq     uint64    // number of its first row; the others follow
	Data    []byte    // only valid during the call, and not to be changed
	Written time.Time // when its group was written, to the millisecond
}
