package oracle

import (
	"cmp"
	"slices"
)

// EventSeriesPoint is how often something happened in a period, and to how many
// persons; one of Type, Role and ObjectType says what.
type EventSeriesPoint struct {
	Period     string  `json:"period"`
	Type       *string `json:"type,omitempty"`
	Role       *string `json:"role,omitempty"`
	ObjectType *string `json:"object_type,omitempty"`
	Events     int     `json:"events"`
	Users      int     `json:"users"`
}

// EventSeries counts the events of each type, role or kind of object by period,
// the most frequent over the range first.
func EventSeries(events []Event, q Question) []EventSeriesPoint {
	of := map[string][]Event{}
	for _, e := range inside(events, q) {
		of[q.told(e)] = append(of[q.told(e)], e)
	}
	values := []string{}
	for value := range of {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(of[b]), len(of[a])), cmp.Compare(a, b))
	})
	answer := []EventSeriesPoint{}
	for _, value := range top(q, values) {
		for _, period := range q.periods() {
			answer = append(answer, q.point(of[value], period, value))
		}
	}
	return answer
}

// told is what an event is told apart by.
func (q Question) told(e Event) string {
	switch q.By {
	case "role":
		return e.Role
	case "object_type":
		return e.ObjectType
	}
	return e.Type
}

func (q Question) point(events []Event, period, value string) EventSeriesPoint {
	p := EventSeriesPoint{Period: period}
	switch q.By {
	case "role":
		p.Role = &value
	case "object_type":
		p.ObjectType = &value
	default:
		p.Type = &value
	}
	p.Events, p.Users = happened(events, q, period)
	return p
}

// happened counts the events of a period and the persons whom they name.
func happened(events []Event, q Question, period string) (n, users int) {
	var named set
	for _, e := range events {
		if q.periodOf(e.At) == period {
			n++
			named = named.add(e.Person())
		}
	}
	return n, named.people()
}

// Login is the logins of a period, and the persons who logged in.
type Login struct {
	Period string `json:"period"`
	Logins int    `json:"logins"`
	Users  int    `json:"users"`
}

// Logins counts the events of the types that are logins.
func Logins(events []Event, q Question) []Login {
	var list []Event
	for _, e := range inside(events, q) {
		if slices.Contains(logins, e.Type) {
			list = append(list, e)
		}
	}
	answer := []Login{}
	for _, period := range q.periods() {
		n, users := happened(list, q, period)
		answer = append(answer, Login{period, n, users})
	}
	return answer
}
