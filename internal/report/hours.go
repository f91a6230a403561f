package report

import "time"

const secondsPerHour = 60 * 60

// addHours makes a period of each local hour of the range. An hour ends early
// where clocks change, and the hour that they repeat is a period of its own.
func (c *calendar) addHours() {
	for _, s := range stretches(c.zone, c.from, c.to) {
		for at := s.start; at < s.end; {
			next := min(s.end, (floorDiv(at+s.offset, secondsPerHour)+1)*secondsPerHour-s.offset)
			c.addHour(at, next, s.localDays(at))
			at = next
		}
	}
}

func (c *calendar) addHour(start, end, days int64) {
	switch {
	case days < c.from.days():
		c.addPiece(start, beforeRange)
		return
	case days >= c.to.days():
		c.addPiece(start, afterRange)
		return
	}
	c.addPiece(start, int32(len(c.periods)))
	c.periods = append(c.periods, period{
		label:   time.Unix(start, 0).In(c.zone).Format(time.RFC3339),
		hourEnd: end * 1000,
	})
}
