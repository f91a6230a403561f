package protocol

import (
	"time"

	"ibarura/internal/event"
)

// ParseTime reads an RFC 3339 time, accepting what time.Parse(time.RFC3339)
// accepts, and cuts it to milliseconds. The usual form is read without an
// allocation; for anything else, time.Parse decides.
func ParseTime(s string) (event.Millis, bool) {
	if at, ok := parseUsualTime(s); ok {
		return at, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return event.MillisOf(t), err == nil
}

// parseUsualTime reads YYYY-MM-DDTHH:MM:SS, a fraction of any length or none,
// and Z or ±HH:MM.
func parseUsualTime(s string) (event.Millis, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") ||
		s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	valid := true
	year := number(s[0:4], 9999, &valid)
	month := number(s[5:7], 12, &valid)
	day := number(s[8:10], 31, &valid)
	hour := number(s[11:13], 23, &valid)
	minute := number(s[14:16], 59, &valid)
	second := number(s[17:19], 59, &valid)
	millis, zone := fraction(s[19:])
	offset, zoned := zoneOffset(zone)
	if !valid || !zoned || month == 0 || day == 0 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return 0, false // a 30 February became a day in March
	}
	return event.Millis((t.Unix()-int64(offset))*1000 + int64(millis)), true
}

// number reads digits and clears valid if there is something else or the
// number is above limit.
func number(s string, limit int, valid *bool) int {
	n := 0
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			*valid = false
		}
		n = n*10 + int(d)
	}
	if n > limit {
		*valid = false
	}
	return n
}

// fraction reads the milliseconds of a fraction such as .5 or .123456, if
// there is one, and returns what follows.
func fraction(s string) (millis int, rest string) {
	if len(s) < 2 || s[0] != '.' || s[1]-'0' > 9 {
		return 0, s
	}
	i := 1
	for unit := 100; i < len(s) && s[i]-'0' <= 9; i++ {
		millis += int(s[i]-'0') * unit
		unit /= 10
	}
	return millis, s[i:]
}

// zoneOffset reads Z or ±HH:MM as seconds east of UTC.
func zoneOffset(s string) (seconds int, ok bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != len("+00:00") || s[3] != ':' || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	ok = true
	seconds = number(s[1:3], 23, &ok)*3600 + number(s[4:6], 59, &ok)*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok
}
