package event

import (
	"fmt"
	"math"
	"time"
)

const (
	secondsPerDay = 86400
	dayLayout     = "2006-01-02"
)

// MaxDay is the last date that a Day can hold, 2149-06-06.
const MaxDay = Day(math.MaxUint16)

// DayOf returns the date on which m falls in loc. A moment before 1970-01-01
// or after MaxDay there, which validation lets nobody send, becomes the
// nearest date there is.
func DayOf(m Millis, loc *time.Location) Day {
	t := time.UnixMilli(int64(m)).In(loc)
	_, offset := t.Zone()
	return dayOfSeconds(t.Unix() + int64(offset))
}

// dayOfSeconds returns the date of a local clock reading in seconds since
// 1970-01-01T00:00:00 on that clock.
func dayOfSeconds(local int64) Day {
	return Day(min(max(local/secondsPerDay, 0), int64(MaxDay)))
}

// NextChange returns the first Unix second after at at which the clocks of a zone
// may change, math.MaxInt64 if they never do again.
//
// ZoneBounds ends a stretch at the turn of a year, too, and the one that begins
// there with itself (seen for 2041-01-01 in UTC, in zones whose rules go on).
func NextChange(loc *time.Location, at int64) int64 {
	for _, look := range []int64{at, at + 1} {
		_, change := time.Unix(look, 0).In(loc).ZoneBounds()
		if change.IsZero() {
			return math.MaxInt64
		}
		if change.Unix() > at {
			return change.Unix()
		}
	}
	return at + secondsPerDay // clocks may change, though they hardly do
}

// ParseDay reads a date written YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return 0, fmt.Errorf("parse day %q: want YYYY-MM-DD", s)
	}
	days := t.Unix() / secondsPerDay
	if t.Unix() < 0 || days > int64(MaxDay) {
		return 0, fmt.Errorf("parse day %q: out of range, want 1970-01-01 to %s", s, MaxDay)
	}
	return Day(days), nil
}

// Time returns the date's midnight in UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String returns the date as YYYY-MM-DD.
func (d Day) String() string { return d.Time().Format(dayLayout) }
