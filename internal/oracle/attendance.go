package oracle

import (
	"cmp"
	"slices"
)

// Attendance is about events that people attend.
type Attendance struct {
	Registered int      `json:"registered"`
	Attended   int      `json:"attended"`
	Cancelled  int      `json:"cancelled"`
	ShowRate   *float64 `json:"show_rate"` // null without registrations
}

// came is who did what at one event.
type came struct{ registered, attended, cancelled set }

// came returns that for each event.
func (q Question) came(events []Event) map[string]came {
	at := map[string]came{}
	for _, e := range inside(events, q) {
		if e.ObjectType != "event" || e.ObjectID == "" {
			continue
		}
		c := at[e.ObjectID]
		switch e.Type {
		case "event_registered":
			c.registered = c.registered.add(e.Person())
		case "event_attended":
			c.attended = c.attended.add(e.Person())
		case "event_cancelled":
			c.cancelled = c.cancelled.add(e.Person())
		}
		at[e.ObjectID] = c
	}
	return at
}

// AttendanceTotal adds up the distinct persons of each event.
func AttendanceTotal(events []Event, q Question) Attendance {
	var all Attendance
	shown := 0
	for _, c := range q.came(events) {
		all.Registered += c.registered.people()
		all.Attended += c.attended.people()
		all.Cancelled += c.cancelled.people()
		shown += c.registered.both(c.attended)
	}
	all.ShowRate = rate(shown, all.Registered)
	return all
}

// rate is a share, or nil of nothing.
func rate(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	share := float64(part) / float64(whole)
	return &share
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

// AttendanceByEvent ranks the events by the persons who registered.
func AttendanceByEvent(events []Event, q Question) AttendanceReport {
	rows := []EventAttendance{}
	for event, c := range q.came(events) {
		a := Attendance{Registered: c.registered.people(), Attended: c.attended.people(), Cancelled: c.cancelled.people()}
		a.ShowRate = rate(c.registered.both(c.attended), a.Registered)
		if a.Registered+a.Attended+a.Cancelled > 0 {
			rows = append(rows, EventAttendance{event, a})
		}
	}
	slices.SortFunc(rows, func(a, b EventAttendance) int {
		return cmp.Or(cmp.Compare(b.Registered, a.Registered), cmp.Compare(b.Attended, a.Attended), cmp.Compare(a.Event, b.Event))
	})
	return AttendanceReport{AttendanceTotal(events, q), top(q, rows)}
}
