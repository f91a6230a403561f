package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// Schedule is a cron expression in a zone: minute, hour, day of month, month, day of
// week; or @hourly, @daily, @weekly, @monthly, or @every with a duration.
type Schedule struct {
	text string
	zone *time.Location
}

// ParseSchedule reads a cron expression. The error says what is wrong with it.
func ParseSchedule(text string, zone *time.Location) (Schedule, error) {
	s := Schedule{text, zone}
	if strings.HasPrefix(strings.TrimSpace(text), "TZ=") || strings.HasPrefix(strings.TrimSpace(text), "CRON_TZ=") {
		return s, fmt.Errorf("%q names a zone; the zone is %s", text, zone)
	}
	if every, is := strings.CutPrefix(text, "@every "); is {
		if pause, err := time.ParseDuration(every); err != nil || pause < time.Second {
			return s, fmt.Errorf("%q: want a duration of at least a second, such as @every 1h", text)
		}
	}
	if err := gocron.NewDefaultCron(false).IsValid(text, zone, time.Now()); err != nil {
		return s, fmt.Errorf("%q is no cron expression such as 0 7 * * 1 (minute, hour, day, month, weekday) or @every 1h: %w", text, err)
	}
	return s, nil
}

// Next is the first moment after another one; the zero time: there is none.
func (s Schedule) Next(after time.Time) time.Time {
	cron := gocron.NewDefaultCron(false)
	if err := cron.IsValid(s.text, s.zone, after); err != nil {
		return time.Time{}
	}
	return cron.Next(after.In(s.zone))
}

// LastBefore is the last moment of the schedule at or before now, but not longer ago
// than within; false: there is none.
func (s Schedule) LastBefore(now time.Time, within time.Duration) (time.Time, bool) {
	for back := min(time.Hour, within); ; back = min(24*back, within) { // few moments to pass, however many there are
		var last time.Time
		for at := s.Next(now.Add(-back)); !at.IsZero() && !at.After(now); at = s.Next(at) {
			last = at
		}
		if !last.IsZero() || back == within {
			return last, !last.IsZero()
		}
	}
}

// String is the expression.
func (s Schedule) String() string { return s.text }
