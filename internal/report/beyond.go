package report

import (
	"errors"
	"fmt"
	"slices"
)

// RetentionError says that a question reaches back to days of which rows were
// removed for their age, so that any answer would count low. All of it is fit for
// clients.
type RetentionError struct {
	// Tier is the one that would have had to be kept for longer.
	Tier Tier
	// Border is the first local day, in the project's zone, of which it has all
	// rows.
	Border Date
	// First is the first date from which on the same question, up to the same end,
	// can be answered; zero: from none, as it is about all of history.
	First Date
}

func (e *RetentionError) Error() string {
	then := "it is about all of history, so it cannot be answered any more"
	if !e.First.IsZero() {
		then = fmt.Sprintf("ask from %s on", e.First)
	}
	return fmt.Sprintf("from is too early: %s before %s were removed for their age; %s", e.Tier.rows(), e.Border, then)
}

// rows says what a tier keeps.
func (t Tier) rows() string {
	switch t {
	case TierPeople:
		return "persons' days"
	case TierCounters:
		return "counts"
	case TierRaw, keptForEver:
	}
	return "events and page views"
}

// Beyond is a part of an answer that is null, since rows that it is about were
// removed for their age.
type Beyond struct {
	Part string `json:"part"` // where it would stand in data
	Tier Tier   `json:"tier"`
	// FirstDate is the first one from which on it can be answered; absent: none.
	FirstDate string `json:"first_date,omitempty"`
}

// firstFrom returns the first date from which on what holds of the scope; zero:
// none.
func (s scope) firstFrom(holds func(scope) bool) Date {
	for _, from := range s.fromDates() {
		if holds(s.since(from)) {
			return from
		}
	}
	return Date{}
}

// since is the scope of the same question from another date on.
func (s scope) since(from Date) scope {
	q := s.Question
	q.From, q.To = from, later(q.To, from.AddDays(1))
	layOut := s.calendar.layOut
	if layOut == nil {
		layOut = newCalendar
	}
	again := layOut(q.Zone, s.calendar.interval, q.From, q.To)
	again.layOut = s.calendar.layOut
	return scope{q, again, s.offset}
}

// monthsBehind is how many months behind a border a range may have to begin: the
// period before it may be needed, which is two years at most.
const monthsBehind = 25

// fromDates are the dates behind the beginning of a range at which rows may
// suffice, in order: the next month, and each border with the days and months
// behind it.
func (s scope) fromDates() []Date {
	dates := []Date{Month.ceil(s.From.AddDays(1))}
	for _, border := range []Date{s.borders.Raw, s.borders.People, s.borders.Counters} {
		if border.IsZero() {
			continue
		}
		for day := range 32 {
			dates = append(dates, border.AddDays(day))
		}
		for month := range monthsBehind {
			dates = append(dates, border.addMonths(month+1))
		}
	}
	dates = slices.DeleteFunc(dates, func(d Date) bool { return !s.From.Before(d) || lastDate.Before(d.AddDays(1)) })
	slices.SortFunc(dates, func(a, b Date) int { return int(a.days() - b.days()) })
	return slices.Compact(dates)
}

// beyond describes why none of the sources has all rows that it needs. The one
// that has them for longest is the one that is told of.
func (s scope) beyond(sources []source) *RetentionError {
	var wrong RetentionError
	for _, f := range s.fitting(sources) {
		tier, border, gone := f.lacks(s)
		if gone && (wrong.Tier == "" || border.Before(wrong.Border)) {
			wrong = RetentionError{Tier: tier, Border: border}
		}
	}
	wrong.First = s.firstFrom(func(s scope) bool { return s.answers(sources) })
	return &wrong
}

// beyondRetention returns the RetentionError in err.
func beyondRetention(err error) (*RetentionError, bool) {
	var beyond *RetentionError
	return beyond, errors.As(err, &beyond)
}

// latestRemoved returns the error, of those that are not nil, that lets a question
// be asked from the latest date on; from none is the latest of all.
func latestRemoved(list []*RetentionError) error {
	var latest *RetentionError
	for _, e := range list {
		if e != nil && (latest == nil || e.First.IsZero() || !latest.First.IsZero() && latest.First.Before(e.First)) {
			latest = e
		}
	}
	return latest
}
