package spool

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// segment is one file of the log. Spool.mu guards what changes.
type segment struct {
	path   string
	first  LSN       // position of the first byte after the header block
	end    LSN       // where its acknowledged frames end
	size   int64     // of the file
	loaded time.Time // since when all of it is released; zero: it is not
}

const (
	segmentEnding = ".seg"
	newSegment    = "new-segment.tmp" // a segment that has no name yet
	lockName      = "lock"
)

func segmentName(first LSN) string { return fmt.Sprintf("%020d%s", uint64(first), segmentEnding) }

// firstOf reads the position out of a segment's name.
func firstOf(name string) (LSN, bool) {
	digits, is := strings.CutSuffix(name, segmentEnding)
	if !is || len(digits) != 20 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return LSN(first), err == nil && first%frameAlign == 0
}

// offset is where a position stands in the segment's file.
func (g *segment) offset(at LSN) int64 { return headerBlock + int64(at-g.first) }

// done reports whether nothing is left in the segment for who has loaded all
// before released. Behind the last record there is only its commit frame.
func (g *segment) done(released LSN) bool {
	return g.end == g.first || released+frameSize >= g.end
}
