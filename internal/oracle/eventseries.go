package oracle

import (
	"cmp"
	"slices"
)

// EventSeriesPoint is how often something happened in a period.
type EventSeriesPoint struct {
	Period     string  `json:"period"`
	Type       *string `json:"type,omitempty"`
	Role       *string `json:"role,omitempty"`
	ObjectType *string `json:"object_type,omitempty"`
	Events     int     `json:"events"`
	Users      int     `json:"users"`
}

// EventSeries gives a point a period to each of the most frequent types, or
// roles or kinds of object.
func EventSeries(events []Event, q Question) []EventSeriesPoint {
	count, people := map[string]map[string]int{}, map[[2]string]set{}
	total := map[string]int{}
	for _, e := range inside(events, q) {
		value, p := q.told(e), q.periodOf(e.At)
		if count[value] == nil {
			count[value] = map[string]int{}
		}
		total[value]++
		count[value][p]++
		people[[2]string{value, p}] = people[[2]string{value, p}].add(e.Person())
	}
	var values []string
	for value := range total {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b))
	})
	answer := []EventSeriesPoint{}
	for _, value := range top(q, values) {
		for _, p := range q.periods() {
			point := EventSeriesPoint{Period: p, Events: count[value][p], Users: people[[2]string{value, p}].people()}
			*map[string]**string{"": &point.Type, "type": &point.Type, "role": &point.Role, "object_type": &point.ObjectType}[q.By] = &value
			answer = append(answer, point)
		}
	}
	return answer
}

// told is what events are told apart by.
func (q Question) told(e Event) string {
	switch q.By {
	case "role":
		return e.Role
	case "object_type":
		return e.ObjectType
	}
	return e.Type
}

// LoginPoint is the logins of a period.
type LoginPoint struct {
	Period string `json:"period"`
	Logins int    `json:"logins"`
	Users  int    `json:"users"`
}

// Logins counts logins, and who logged in, by period.
func Logins(events []Event, q Question) []LoginPoint {
	people := map[string]set{}
	for _, e := range inside(events, q) {
		if slices.Contains(logins, e.Type) {
			people[q.periodOf(e.At)] = people[q.periodOf(e.At)].add(e.Person())
		}
	}
	answer := []LoginPoint{}
	for _, c := range Counts(events, q, logins...) {
		answer = append(answer, LoginPoint{c.Period, c.Events, people[c.Period].people()})
	}
	return answer
}

// AttendanceReport is who came to the events that people attend.
type AttendanceReport struct {
	Totals Attendance        `json:"totals"`
	Events []EventAttendance `json:"events"`
}

// EventAttendance is who came to one event.
type EventAttendance struct {
	Event string `json:"event"`
	Attendance
}

// AttendanceByEvent ranks the events that people attend by who registered.
func AttendanceByEvent(events []Event, q Question) AttendanceReport {
	answer := AttendanceReport{Totals: AttendanceTotal(events, q), Events: []EventAttendance{}}
	for id, c := range q.came(events) {
		a := Attendance{Registered: c.registered.people(), Attended: c.attended.people(), Cancelled: c.cancelled.people()}
		a.ShowRate = rate(c.registered.both(c.attended), a.Registered)
		if a.Registered+a.Attended+a.Cancelled > 0 { // somebody's, not only nobody's
			answer.Events = append(answer.Events, EventAttendance{id, a})
		}
	}
	slices.SortFunc(answer.Events, func(a, b EventAttendance) int {
		return cmp.Or(cmp.Compare(b.Registered, a.Registered), cmp.Compare(b.Attended, a.Attended), cmp.Compare(a.Event, b.Event))
	})
	answer.Events = top(q, answer.Events)
	return answer
}
