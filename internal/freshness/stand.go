package freshness

import (
	"maps"
	"slices"
	"time"

	"ibarura/internal/event"
)

// Mark is what has landed on one local day: the sums, modulo 2^64, of the marks
// of all landings that have begun and of those that have ended.
type Mark struct{ Begun, Ended uint64 }

// Run is the derivation of a part that is in force.
type Run struct {
	ID    uint64
	AsOf  time.Time     // when it began to read, by the clock of the server
	Took  time.Duration // how long it took
	Kept  event.Day     // first day of the first month that it was made from
	Roles []string      // that have rows of their own
	// Seen is what had landed when it began, on the days on which nothing was
	// under way.
	Seen map[event.Day]uint64
}

// Stand is what has landed in a project and what is derived from it, at one
// moment.
type Stand struct {
	At    time.Time // by the clock of the server
	Marks map[event.Day]Mark
	Runs  map[Part]Run
}

// Part is a derived table.
type Part string

// The parts.
const (
	Gaps  Part = "gaps"  // gap_day
	Cells Part = "cells" // retention_cells
)

// Parts lists the parts.
func Parts() []Part { return []Part{Gaps, Cells} }

// Days is a stretch of local days, half-open.
type Days struct{ From, To event.Day }

// Has reports whether a day lies in the stretch.
func (d Days) Has(day event.Day) bool { return d.From <= day && day < d.To }

// Version names what has landed on some days. It is the same at two moments
// only if the same landings have begun on them. quiet reports whether all have
// ended.
func (s *Stand) Version(days Days) (version uint64, quiet bool) {
	quiet = true
	for day, mark := range s.Marks {
		if days.Has(day) {
			version += mark.Begun
			quiet = quiet && mark.Begun == mark.Ended
		}
	}
	return version, quiet
}

// Ended names the landings on some days whose rows can all be queried.
func (s *Stand) Ended(days Days) uint64 {
	var sum uint64
	for day, mark := range s.Marks {
		if days.Has(day) {
			sum += mark.Ended
		}
	}
	return sum
}

// Quiet returns the version of every day on which nothing is under way: what a
// run that begins now will have seen.
func (s *Stand) Quiet() map[event.Day]uint64 {
	seen := make(map[event.Day]uint64, len(s.Marks))
	for day, mark := range s.Marks {
		if mark.Begun == mark.Ended {
			seen[day] = mark.Begun
		}
	}
	return seen
}

// Changed lists the days, in order, of which a run may lack something: where
// a landing has begun that it has not seen.
func (s *Stand) Changed(r Run) []event.Day {
	changed := map[event.Day]bool{}
	for day, mark := range s.Marks {
		if seen, known := r.Seen[day]; !known || seen != mark.Begun {
			changed[day] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

// AsOf returns the moment for which the run's rows about some days hold, if
// they are no older than maxAge when the stand is as old as elapsed: the stand's
// own moment if nothing has landed on these days since.
func (s *Stand) AsOf(r Run, days Days, maxAge, elapsed time.Duration) (time.Time, bool) {
	if !s.lacks(r, days) {
		return s.At, true
	}
	if maxAge > 0 && s.At.Sub(r.AsOf)+elapsed <= maxAge {
		return r.AsOf, true
	}
	return time.Time{}, false
}

// lacks reports whether the run may lack something of these days.
func (s *Stand) lacks(r Run, days Days) bool {
	for day, mark := range s.Marks {
		if !days.Has(day) {
			continue
		}
		if seen, known := r.Seen[day]; !known || seen != mark.Begun {
			return true
		}
	}
	return false
}
