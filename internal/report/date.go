package report

import (
	"fmt"
	"math"
	"time"
)

const (
	dateLayout    = "2006-01-02"
	secondsPerDay = 24 * 60 * 60
)

// Date is a civil date, without a zone. The zero value is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

var (
	firstDate = Date{1970, time.January, 1}
	lastDate  = dateOfDays(math.MaxUint16) // 2149-06-06, the end of ClickHouse's Date
)

// ParseDate reads a date written YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-01-31", s)
	}
	return dateOf(t), nil
}

// DateIn returns the date that a clock in zone shows at t.
func DateIn(t time.Time, zone *time.Location) Date { return dateOf(t.In(zone)) }

// dateOf returns the date that t shows in its own zone.
func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// dateOfDays is the inverse of days.
func dateOfDays(n int64) Date { return dateOf(time.Unix(n*secondsPerDay, 0).UTC()) }

// days returns the days since 1970-01-01, negative before.
func (d Date) days() int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// AddDays returns the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return dateOfDays(d.days() + int64(n)) }

// addMonths returns the first of the month n months later.
func (d Date) addMonths(n int) Date {
	return dateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

// addYears keeps the day of the month, but for the 29th of February where
// there is none.
func (d Date) addYears(n int) Date {
	moved := dateOf(time.Date(d.Year+n, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
	if moved.Month != d.Month {
		return moved.AddDays(-1)
	}
	return moved
}

// months counts the months since the year 0.
func (d Date) months() int { return d.Year*12 + int(d.Month) - 1 }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.days() < other.days() }

func (d Date) weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// String returns the date as YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

func earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}
