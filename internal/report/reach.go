package report

import "time"

// reach is a scope whose calendar goes on beyond the periods of the answer:
// what somebody did before or after says who is new, kept or lost.
type reach struct {
	scope
	series []period // of the answer
	at     []int    // where each of them is among the scope's
}

// reaching lays out the answer's periods as own does, and beyond them as wide
// does.
func (a *asking) reaching(own, wide func(*time.Location, Interval, Date, Date) *calendar) reach {
	r := reach{scope: a.scope(wide, a.question.Interval), series: a.scope(own, a.question.Interval).periods}
	next := 0
	for _, p := range r.series {
		for r.periods[next].label != p.label {
			next++
		}
		r.at = append(r.at, next)
	}
	return r
}

// lagged is the calendar of whole periods, from the one before the range on.
// An hour may come between two of the last day that is of the next by its date
// (St. John's before 2012).
func lagged(zone *time.Location, interval Interval, from, to Date) *calendar {
	if interval == Hour {
		return newCalendar(zone, interval, from.AddDays(-2), to.AddDays(1)) // one day may have been skipped (Apia)
	}
	first := interval.floor(from)
	return snapped(zone, interval, first.AddDays(-1), to)
}

// trailing returns the calendar of days from so many days before the range on.
func trailing(days int) func(*time.Location, Interval, Date, Date) *calendar {
	return func(zone *time.Location, interval Interval, from, to Date) *calendar {
		return newCalendar(zone, interval, from.AddDays(-days), to)
	}
}

// followed returns the calendar of whole periods up to so many after the
// range, but no days that begin after now.
func followed(periods int, now time.Time) func(*time.Location, Interval, Date, Date) *calendar {
	return func(zone *time.Location, interval Interval, from, to Date) *calendar {
		if interval == Hour { // a day has 23 of them at least
			return newCalendar(zone, interval, from, to.AddDays(periods/23+1))
		}
		tomorrow := DateIn(now, zone).AddDays(1)
		end := to
		for n := 0; n < periods && end.Before(tomorrow); n++ {
			end = interval.next(interval.floor(end.AddDays(-1))).AddDays(1)
		}
		return snapped(zone, interval, from, earlier(end, later(tomorrow, to)))
	}
}

// dayNumberParams ask tables that are keyed by stored local days or months:
// day_periods is the period of every day from day_from on, and at its end that
// of all days after the range.
func (s scope) dayNumberParams() params {
	first, end := later(s.calendar.from, firstDate), earlier(s.calendar.to, lastDate)
	numbers := make([]int32, 0, end.days()-first.days()+1)
	for i, p := range s.periods {
		for range earlier(p.end, end).days() - later(p.first, first).days() {
			numbers = append(numbers, int32(i))
		}
	}
	return s.commonParams().with(s.pieceParams()).with(params{
		"day_from":    first.String(),
		"day_to":      end.String(),
		"day_periods": integers(append(numbers, s.pieces[len(s.pieces)-1].period)),
	})
}
