package digest

import (
	"fmt"
	"time"

	"ibarura/internal/report"
)

// Period is what a report is about: a local day, a week from Monday, a month.
type Period string

// The periods.
const (
	Day   Period = "day"
	Week  Period = "week"
	Month Period = "month"
)

// Periods are all of them, shortest first.
func Periods() []Period { return []Period{Day, Week, Month} }

// ParsePeriod reads the name of a period.
func ParsePeriod(s string) (Period, error) {
	switch p := Period(s); p {
	case Day, Week, Month:
		return p, nil
	default:
		return "", fmt.Errorf("%q is no period of reports; it is one of day, week, month", s)
	}
}

// Schedule is when reports are sent unless something else is set: a cron
// expression in the zone of the project.
func (p Period) Schedule() string {
	switch p {
	case Day:
		return "0 7 * * *"
	case Week:
		return "0 7 * * 1"
	default:
		return "0 7 1 * *"
	}
}

// Ended returns the last period that is over at a moment in a zone: its first day,
// and the first day after it.
func (p Period) Ended(at time.Time, zone *time.Location) (from, to report.Date) {
	to = p.begin(report.DateIn(at, zone))
	return p.begin(to.AddDays(-1)), to
}

// Beginning returns the period that begins on a day; false if none does.
func (p Period) Beginning(day report.Date) (from, to report.Date, begins bool) {
	if p.begin(day) != day {
		return day, day, false
	}
	const longest = 31
	to = day.AddDays(1)
	for range longest {
		if p.begin(to) == to {
			break
		}
		to = to.AddDays(1)
	}
	return day, to, true
}

// begin is the first day of the period that a day lies in.
func (p Period) begin(day report.Date) report.Date {
	switch p {
	case Week:
		sinceMonday := (int(midnight(day).Weekday()) + 6) % 7
		return day.AddDays(-sinceMonday)
	case Month:
		return report.Date{Year: day.Year, Month: day.Month, Day: 1}
	default:
		return day
	}
}

// interval is that of the series.
func (p Period) interval() report.Interval {
	if p == Day {
		return report.Hour
	}
	return report.Day
}

// midnight is a date as a moment without a zone, for its weekday and for tables.
func midnight(d report.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// FirstDay is the first day of the period, as tables keep days.
func (s Subject) FirstDay() time.Time { return midnight(s.From) }

// Begin makes the report be about the period that begins on a day, YYYY-MM-DD.
func (s *Subject) Begin(day string) error {
	from, err := report.ParseDate(day)
	if err != nil {
		return err
	}
	begins := false
	if s.From, s.To, begins = s.Period.Beginning(from); !begins {
		return fmt.Errorf("no %s begins on %s; weeks begin on Mondays, months on the 1st", s.Period, day)
	}
	return nil
}
