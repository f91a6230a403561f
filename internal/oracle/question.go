package oracle

import (
	"slices"
	"time"
)

// Question is what is asked. From and To are local dates (YYYY-MM-DD) in Zone,
// half-open; they are not checked.
type Question struct {
	Zone     *time.Location
	Interval string // hour, day, week, month, quarter, year
	From, To string
	Now      time.Time // when it is asked: what lasts longer is not over
	Limit    int       // of rankings
	Passive  []string  // types that make nobody active

	// Filters; empty lets everything through.
	Role       string
	Type       string
	ObjectType string
	Tag        string
	Properties map[string]string
	Device     string
	Browser    string
	Country    string
	Bot        string // true, false, or empty

	// Retention.
	Kind    string // on, on_or_after, streak
	Periods int    // cells after the first
	Cohort  string // type of the event that begins a cohort; empty: first seen

	// Funnels.
	Steps     []string
	Window    time.Duration
	Strict    bool   // no other step in between
	Breakdown string // property of the first step
}

// passes reports whether the filters let an event through.
func (q Question) passes(e Event) bool {
	for name, value := range q.Properties {
		if got, there := e.Properties[name]; !there || got != value {
			return false
		}
	}
	return (q.Role == "" || e.Role == q.Role) &&
		(q.Type == "" || e.Type == q.Type) &&
		(q.ObjectType == "" || e.ObjectType == q.ObjectType) &&
		(q.Tag == "" || slices.Contains(e.Tags, q.Tag))
}

// chosen returns the events that the filters let through, of all history.
func chosen(events []Event, q Question) []Event {
	var list []Event
	for _, e := range events {
		if q.passes(e) {
			list = append(list, e)
		}
	}
	return list
}

// inside returns those of the range.
func inside(events []Event, q Question) []Event {
	var list []Event
	for _, e := range chosen(events, q) {
		if q.within(e.At) {
			list = append(list, e)
		}
	}
	return list
}

// within reports whether a moment lies in the range.
func (q Question) within(at time.Time) bool {
	date := q.date(at)
	return q.From <= date && date < q.To
}

// active reports whether the event makes somebody active.
func (q Question) active(e Event) bool {
	return e.Person() != "" && !slices.Contains(q.Passive, e.Type)
}

// firstSeen returns the earliest active event of each person, whatever the
// filters are.
func firstSeen(events []Event, q Question) map[string]time.Time {
	return firsts(events, q.active)
}

// firsts returns the earliest event of each person that counts.
func firsts(events []Event, counts func(Event) bool) map[string]time.Time {
	first := map[string]time.Time{}
	for _, e := range events {
		if at, known := first[e.Person()]; e.Person() != "" && counts(e) && (!known || e.At.Before(at)) {
			first[e.Person()] = e.At
		}
	}
	return first
}

// activeIn returns who was active in each period, over all history.
func activeIn(events []Event, q Question) map[string]set {
	active := map[string]set{}
	for _, e := range chosen(events, q) {
		if q.active(e) {
			p := q.periodOf(e.At)
			active[p] = active[p].add(e.Person())
		}
	}
	return active
}
