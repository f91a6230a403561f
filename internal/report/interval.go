package report

import (
	"fmt"
	"slices"
	"strings"
)

// Interval is the length of the periods of a series. The zero value leaves the
// choice to the package, which takes Day.
type Interval string

// The intervals. All but Hour consist of whole local days.
const (
	Hour    Interval = "hour"
	Day     Interval = "day"
	Week    Interval = "week" // from Monday, ISO 8601
	Month   Interval = "month"
	Quarter Interval = "quarter"
	Year    Interval = "year"
)

// whole is the interval of totals: one period, the asked range itself.
const whole Interval = "range"

// Intervals lists the intervals that a question may ask for, shortest first.
func Intervals() []Interval { return []Interval{Hour, Day, Week, Month, Quarter, Year} }

// ParseInterval reads an interval's name.
func ParseInterval(s string) (Interval, error) {
	if !slices.Contains(Intervals(), Interval(s)) {
		return "", fmt.Errorf("%q is no interval; it is one of %s", s, intervalNames())
	}
	return Interval(s), nil
}

func intervalNames() string {
	var names []string
	for _, i := range Intervals() {
		names = append(names, string(i))
	}
	return strings.Join(names, ", ")
}

// floor returns the first day of the period that d lies in. It must not be
// called for Hour and whole.
func (i Interval) floor(d Date) Date {
	switch i {
	case Week:
		sinceMonday := (int(d.weekday()) + 6) % 7
		return d.AddDays(-sinceMonday)
	case Month:
		return Date{d.Year, d.Month, 1}
	case Quarter:
		return Date{d.Year, (d.Month-1)/3*3 + 1, 1}
	case Year:
		return Date{d.Year, 1, 1}
	default:
		return d
	}
}

// next returns the first day of the period after the one that begins on d.
func (i Interval) next(d Date) Date {
	switch i {
	case Week:
		return d.AddDays(7)
	case Month:
		return d.addMonths(1)
	case Quarter:
		return d.addMonths(3)
	case Year:
		return d.addMonths(12)
	default:
		return d.AddDays(1)
	}
}

// count returns how many periods the range [from, to) has, partial ones
// included. Hours are counted as 24 a day, whatever the zone does.
func (i Interval) count(from, to Date) int64 {
	days := to.days() - from.days()
	months := func(d Date) int64 { return int64(d.Year)*12 + int64(d.Month) - 1 }
	last := to.AddDays(-1)
	switch i {
	case Hour:
		return days * 24
	case Week:
		return (Week.floor(last).days()-Week.floor(from).days())/7 + 1
	case Month:
		return months(last) - months(from) + 1
	case Quarter:
		return months(last)/3 - months(from)/3 + 1
	case Year:
		return int64(last.Year-from.Year) + 1
	default:
		return days
	}
}
