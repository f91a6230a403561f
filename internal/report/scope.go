package report

import (
	"slices"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/freshness"
)

// scope is one part of an answer: a completed question, seen through a
// calendar.
type scope struct {
	Question
	*calendar
	offset int // of the first row of a ranking
}

// storedDays returns days in the project's zone that hold the range: the range
// itself if the zones are the same, else one day wider at both ends than the
// moments need, as dates at a clock change may come twice.
func (s scope) storedDays() (from, to Date) {
	if s.localDays() {
		return later(s.calendar.from, firstDate), earlier(s.calendar.to, lastDate)
	}
	start, end := s.span()
	from = DateIn(time.UnixMilli(start), s.ProjectZone).AddDays(-1)
	to = DateIn(time.UnixMilli(end), s.ProjectZone).AddDays(2)
	return later(from, firstDate), earlier(to, lastDate)
}

// eve is the stored day before the range: a date that a zone left out when it
// crossed the date line is none.
func (s scope) eve() Date {
	from, _ := s.storedDays()
	before := from.AddDays(-1)
	shows := func(p stretch) bool {
		return p.localDays(p.start) <= before.days() && before.days() <= p.localDays(p.end-1)
	}
	if !slices.ContainsFunc(stretches(s.ProjectZone, before, from), shows) {
		before = before.AddDays(-1)
	}
	return later(before, firstDate)
}

// rangeDays are the stored days that hold the range.
func (s scope) rangeDays() freshness.Days {
	from, to := s.storedDays()
	return freshness.Days{From: event.Day(from.days()), To: event.Day(to.days())}
}

// daysUpTo are all stored days up to the end of the range.
func (s scope) daysUpTo() freshness.Days { return freshness.Days{From: 0, To: s.rangeDays().To} }

// steadyDays reports whether tables keyed by stored local day can answer, and the
// first day of a person is the day of the first moment: no clock goes back from a
// date to the one before, as some did at a minute past midnight.
func (s scope) steadyDays() bool {
	for i, p := range s.pieces[1 : len(s.pieces)-1] {
		if last := s.pieces[i].period; p.period < 0 || last >= 0 && p.period <= last {
			return false
		}
	}
	return s.wholeDays()
}

// wholeDays reports whether tables keyed by stored local day can answer.
func (s scope) wholeDays() bool { return s.localDays() && s.calendar.interval != Hour }

// wholeWeeks reports whether tables keyed by stored local week can answer.
func (s scope) wholeWeeks() bool { return s.wholeDays() && s.cutAt(Week) }

// wholeMonths reports whether tables keyed by stored local month can answer.
func (s scope) wholeMonths() bool { return s.wholeDays() && s.cutAt(Month) }

// innerMonths returns the whole months in the range.
func (s scope) innerMonths() (from, to Date) { return monthsWithin(s.calendar.from, s.calendar.to) }

// monthsWithin returns the whole months in a range of days, half-open; both are
// its end if there are none.
func monthsWithin(first, end Date) (from, to Date) {
	from, to = Month.floor(first), Month.floor(end)
	if from != first {
		from = Month.next(from)
	}
	if !from.Before(to) {
		return end, end
	}
	return from, to
}

// holdsMonths reports whether tables keyed by stored local month can answer for
// the better part, and raw rows for the days around it. Without a whole month
// there would be nothing but raw rows, read twice.
func (s scope) holdsMonths() bool {
	from, to := s.innerMonths()
	return s.wholeDays() && from.Before(to)
}

// holdsMonthsNow is holdsMonths of the last period alone: of the range that was
// asked for, and not of the one before it.
func (s scope) holdsMonthsNow() bool {
	from, to := monthsWithin(s.now().first, s.now().end)
	return s.wholeDays() && from.Before(to)
}

// now is the last period, which is the asked range where there is one before it.
func (s scope) now() period { return s.periods[len(s.periods)-1] }

// cutAt reports whether the periods begin, and the range ends, only where
// periods of that interval begin.
func (s scope) cutAt(i Interval) bool {
	for _, days := range s.cuts() {
		if d := dateOfDays(days); i.floor(d) != d {
			return false
		}
	}
	return true
}

// quarterHours reports whether every piece begins on a quarter of an hour, so
// that counters_15m can answer. Offsets before 1972 had odd minutes, and some
// clocks changed at one past midnight.
func (s scope) quarterHours() bool {
	const quarter = 15 * 60 * 1000
	for _, p := range s.pieces[1:] {
		if p.start%quarter != 0 {
			return false
		}
	}
	return true
}
