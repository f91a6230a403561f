package report

import (
	"time"

	"ibarura/internal/event"
)

// stretch is a time during which a zone's clocks do not change. Its ends are
// Unix seconds; end is out.
type stretch struct {
	start, end int64
	offset     int64 // seconds east of UTC
}

// maxOffset is more than any zone is away from UTC, in seconds.
const maxOffset = 27 * 60 * 60

// stretches cuts a time that surely contains the local dates [from, to) into
// stretches.
func stretches(zone *time.Location, from, to Date) []stretch {
	var list []stretch
	last := to.days()*secondsPerDay + maxOffset
	for at := from.days()*secondsPerDay - maxOffset; at < last; {
		t := time.Unix(at, 0).In(zone)
		_, offset := t.Zone()
		end := min(last, event.NextChange(zone, at))
		list = extend(list, stretch{at, end, int64(offset)})
		at = end
	}
	return list
}

// extend appends s, or makes the last stretch longer where only the name of
// the time changes and clocks go on.
func extend(list []stretch, s stretch) []stretch {
	if n := len(list); n > 0 && list[n-1].offset == s.offset {
		list[n-1].end = s.end
		return list
	}
	return append(list, s)
}

// midnight returns the Unix second at which the stretch's clock would show the
// beginning of a date, given in days since 1970-01-01, whether or not that
// lies in the stretch.
func (s stretch) midnight(days int64) int64 { return days*secondsPerDay - s.offset }

// localDays returns the date that the stretch's clock shows at a Unix second,
// in days since 1970-01-01.
func (s stretch) localDays(at int64) int64 { return floorDiv(at+s.offset, secondsPerDay) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
