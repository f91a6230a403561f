package report

import (
	"ibarura/internal/event"
	"ibarura/internal/freshness"
)

// allDays are the days of all time.
var allDays = freshness.Days{From: 0, To: event.MaxDay}

// needs returns the days whose rows the answer to a complete question depends
// on, in the project's zone.
func (e Endpoint) needs(q Question) freshness.Days {
	if e.days == nil {
		return allDays
	}
	days := e.days(q)
	if then, exists := q.compared(); q.Compare != "" && exists {
		other := e.days(then)
		days = freshness.Days{From: min(days.From, other.From), To: max(days.To, other.To)}
	}
	return days
}

// ofRange are the days of the range itself.
func ofRange(q Question) freshness.Days {
	return scope{q, newCalendar(q.Zone, whole, q.From, q.To), 0}.rangeDays()
}

// ofHistory are all days up to the end of the range, or of the period that the
// range cuts there: when persons were first seen depends on nothing later.
func ofHistory(q Question) freshness.Days {
	days := scope{q, snapped(q.Zone, q.Interval, q.From, q.To), 0}.rangeDays()
	return freshness.Days{From: 0, To: days.To}
}
