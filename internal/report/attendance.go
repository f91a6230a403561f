package report

import "context"

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

// attendance answers with an AttendanceReport: the event with most registered
// first, then with most attended, then by name.
var attendance = Endpoint{
	Path: "attendance", Definition: define("attendance"), Fields: ByRole | ByTag | ByProperty,
	Ranking: true,
	build:   func(ctx context.Context, a *asking) (any, error) { return a.attendanceReport(ctx) },
}

func (a *asking) attendanceReport(ctx context.Context) (*AttendanceReport, error) {
	var data AttendanceReport
	err := together(ctx,
		into(&data.Totals, a.total(), a.attendance),
		into(&data.Events, a.total(), a.attendanceRanking),
	)
	return &data, err
}

// attended is an event's row: its numbers, and how many registered persons came.
type attended struct {
	EventAttendance
	shown uint64
}

func (a *asking) attendanceRanking(ctx context.Context, s scope) ([]EventAttendance, error) {
	rows, err := ranking(ctx, a, s, s.plan(attendanceEventSources), func(r *attended) []any {
		return []any{&r.Event, &r.Registered, &r.Attended, &r.Cancelled, &r.shown}
	})
	list := make([]EventAttendance, len(rows))
	for i, r := range rows {
		r.ShowRate = share(r.shown, r.Registered)
		list[i] = r.EventAttendance
	}
	return list, err
}

// share is a part of a whole, 0 to 1; nil of nothing.
func share(part, whole uint64) *float64 {
	if whole == 0 {
		return nil
	}
	rate := float64(part) / float64(whole)
	return &rate
}
