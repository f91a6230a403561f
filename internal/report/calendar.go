package report

import (
	"math"
	"sort"
	"time"
)

// calendar is the periods of a range in a zone, in both forms in which the
// tables can be asked: by stored local day, and by moment.
type calendar struct {
	zone     *time.Location
	interval Interval
	from, to Date
	periods  []period
	// layOut made it, if it is not newCalendar.
	layOut func(*time.Location, Interval, Date, Date) *calendar
	// pieces cover all of time, in order. Usually there is one a period, one
	// before the range and one after it.
	pieces []piece
}

// period is one bucket of a series.
type period struct {
	label      string // first local moment
	first, end Date   // whole extent, though the range may cut it; unset for hours
	cut        bool   // the range cuts it
	hourEnd    int64  // Unix millisecond at which an hour is over
}

// piece is a stretch of time, up to the next piece, that belongs to one
// period. A period has none if its date was skipped (Apia, 2011-12-30), and
// several if clocks went back over its midnight (St. John's before 2012): a
// moment counts for the date that the clock on the wall showed.
type piece struct {
	start  int64 // Unix milliseconds
	period int32 // index, or beforeRange, or afterRange
}

// The periods of moments whose date is not in the range.
const (
	beforeRange int32 = -2
	afterRange  int32 = -1
)

// newCalendar lays out the periods of [from, to).
func newCalendar(zone *time.Location, interval Interval, from, to Date) *calendar {
	c := &calendar{zone: zone, interval: interval, from: from, to: to}
	c.pieces = []piece{{math.MinInt64, beforeRange}}
	if interval == Hour {
		c.addHours()
		return c
	}
	c.addPeriods()
	c.addPieces()
	return c
}

// snapped returns the calendar of whole periods: the range grows to the bounds
// of the periods at its ends.
func snapped(zone *time.Location, interval Interval, from, to Date) *calendar {
	if interval == Hour || interval == whole {
		return newCalendar(zone, interval, from, to)
	}
	end := interval.next(interval.floor(to.AddDays(-1)))
	return newCalendar(zone, interval, interval.floor(from), end)
}

func (c *calendar) addPeriods() {
	if c.interval == whole {
		c.periods = []period{{label: c.from.String(), first: c.from, end: c.to}}
		return
	}
	for first := c.interval.floor(c.from); first.Before(c.to); {
		end := c.interval.next(first)
		c.periods = append(c.periods, period{
			label: first.String(),
			first: first,
			end:   end,
			cut:   first.Before(c.from) || c.to.Before(end),
		})
		first = end
	}
}

// addPieces cuts each stretch of constant offset at the local midnights at
// which periods begin.
func (c *calendar) addPieces() {
	cuts := c.cuts()
	for _, s := range stretches(c.zone, c.from, c.to) {
		next := sort.Search(len(cuts), func(i int) bool { return s.midnight(cuts[i]) > s.start })
		c.addPiece(s.start, c.begunBy(next))
		for ; next < len(cuts) && s.midnight(cuts[next]) < s.end; next++ {
			c.addPiece(s.midnight(cuts[next]), c.begunBy(next+1))
		}
	}
}

// cuts returns the days at which periods begin, the first one not before the
// range, and then the end of the range, all in days since 1970-01-01.
func (c *calendar) cuts() []int64 {
	cuts := make([]int64, 0, len(c.periods)+1)
	for _, p := range c.periods {
		cuts = append(cuts, later(p.first, c.from).days())
	}
	return append(cuts, c.to.days())
}

// begunBy returns the period that is running when so many cuts have passed.
func (c *calendar) begunBy(cuts int) int32 {
	switch {
	case cuts == 0:
		return beforeRange
	case cuts > len(c.periods):
		return afterRange
	}
	return int32(cuts - 1)
}

// addPiece appends a piece, unless it only goes on with the one before.
func (c *calendar) addPiece(startSeconds int64, owner int32) {
	if c.pieces[len(c.pieces)-1].period != owner {
		c.pieces = append(c.pieces, piece{startSeconds * 1000, owner})
	}
}

// span returns the first moment of the range and the first one after its last,
// in Unix milliseconds. They are the same if no moment has a date in the range.
func (c *calendar) span() (start, end int64) {
	return c.pieces[1].start, c.pieces[len(c.pieces)-1].start
}

// partial lists the labels of the periods that the range cuts or that are not
// over at now.
func (c *calendar) partial(now time.Time) []string {
	labels := []string{}
	for _, p := range c.periods {
		if p.cut || c.running(p, now) {
			labels = append(labels, p.label)
		}
	}
	return labels
}

// running reports whether a period is not over at now.
func (c *calendar) running(p period, now time.Time) bool {
	if c.interval == Hour {
		return now.UnixMilli() < p.hourEnd
	}
	return DateIn(now, c.zone).Before(p.end)
}
