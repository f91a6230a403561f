package oracle

import (
	"fmt"
	"time"
)

const layout = "2006-01-02"

// tick is what every offset since 1970 is a multiple of: Monrovia's was 44
// minutes and a half until 1972.
const tick = 30 * time.Second

// date is what the calendar on the wall in Zone shows.
func (q Question) date(at time.Time) string { return at.In(q.Zone).Format(layout) }

// periodOf labels the period that a moment falls in.
func (q Question) periodOf(at time.Time) string {
	if q.Interval == "hour" {
		return q.hourOf(at)
	}
	return q.begin(q.date(at))
}

// after labels the period that follows one.
func (q Question) after(period string) string {
	if q.Interval == "hour" {
		t := q.startOf(period).Add(tick)
		for sameHour(t, t.Add(-tick)) {
			t = t.Add(tick)
		}
		return t.Format(time.RFC3339)
	}
	date := tomorrow(period)
	for q.begin(date) != date {
		date = tomorrow(date)
	}
	return date
}

// before labels the period that precedes one.
func (q Question) before(period string) string {
	if q.Interval == "hour" {
		return q.hourOf(q.startOf(period).Add(-tick))
	}
	return q.begin(yesterday(period))
}

// over reports whether a period had ended when the question was asked.
func (q Question) over(period string) bool {
	if q.Interval == "hour" {
		return !q.startOf(q.after(period)).After(q.Now)
	}
	return q.after(period) <= q.date(q.Now)
}

// periods labels the periods that begin before To, from the one that From lies
// in.
func (q Question) periods() []string {
	if q.Interval == "hour" {
		return q.hours()
	}
	var list []string
	for date := q.begin(q.From); date < q.To; date = tomorrow(date) {
		if q.begin(date) == date {
			list = append(list, date)
		}
	}
	return list
}

// begin returns the first date of the period that a date lies in.
func (q Question) begin(date string) string {
	t := parse(date)
	switch q.Interval {
	case "week":
		for t.Weekday() != time.Monday {
			t = t.AddDate(0, 0, -1)
		}
	case "month":
		return date[:len("2006-01")] + "-01"
	case "quarter":
		return fmt.Sprintf("%s-%02d-01", date[:len("2006")], map[time.Month]int{
			1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4, 7: 7, 8: 7, 9: 7, 10: 10, 11: 10, 12: 10,
		}[t.Month()])
	case "year":
		return date[:len("2006")] + "-01-01"
	}
	return t.Format(layout)
}

func tomorrow(date string) string {
	return parse(date).AddDate(0, 0, 1).Format(layout)
}

func yesterday(date string) string {
	return parse(date).AddDate(0, 0, -1).Format(layout)
}

// startOf is the moment at which an hour begins. Its label has no seconds of the
// offset.
func (q Question) startOf(label string) time.Time {
	t, err := time.Parse(time.RFC3339, label)
	if err != nil {
		panic(fmt.Sprintf("oracle: %q is not an hour", label))
	}
	for _, lost := range []time.Duration{0, tick, -tick} {
		if at := t.Add(lost).In(q.Zone); at.Format(time.RFC3339) == label {
			return at
		}
	}
	panic(fmt.Sprintf("oracle: %q is not an hour in %s", label, q.Zone))
}

func parse(date string) time.Time {
	t, err := time.Parse(layout, date)
	if err != nil {
		panic(fmt.Sprintf("oracle: %q is not a date", date))
	}
	return t
}

// hourOf walks back, tick by tick, to where the clock on the wall showed
// another hour, or was set.
func (q Question) hourOf(at time.Time) string {
	t := at.In(q.Zone).Truncate(tick)
	for sameHour(t, t.Add(-tick)) {
		t = t.Add(-tick)
	}
	return t.Format(time.RFC3339)
}

// hours walks through the range and a day on both sides, tick by tick.
func (q Question) hours() []string {
	var list []string
	end := parse(q.To).AddDate(0, 0, 2)
	for t := parse(q.From).AddDate(0, 0, -2).In(q.Zone); t.Before(end); t = t.Add(tick) {
		date := q.date(t)
		if q.From <= date && date < q.To && !sameHour(t, t.Add(-tick)) {
			list = append(list, t.Format(time.RFC3339))
		}
	}
	return list
}

func sameHour(a, b time.Time) bool {
	const hour = "2006-01-02T15Z07:00:00"
	return a.Format(hour) == b.Format(hour)
}

// Partial labels the periods that the range cuts, or that were not over.
func Partial(q Question) []string {
	list := []string{}
	for _, p := range q.periods() {
		cut := q.Interval != "hour" && (p < q.From || q.To < q.after(p))
		if cut || !q.over(p) {
			list = append(list, p)
		}
	}
	return list
}

// Unfinished labels the periods that were not over: what is partial where
// periods are counted whole.
func Unfinished(q Question) []string {
	list := []string{}
	for _, p := range q.periods() {
		if !q.over(p) {
			list = append(list, p)
		}
	}
	return list
}
