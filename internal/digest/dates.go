package digest

import (
	"strconv"
	"strings"

	"ibarura/internal/report"
)

// Range writes the days of a period.
func (w Words) Range(p Period, from, to report.Date) string {
	last := to.AddDays(-1)
	switch {
	case p == Month:
		return w.list("months")[from.Month-1] + " " + strconv.Itoa(from.Year)
	case p == Day:
		return w.list("days")[weekday(from)] + " " + w.dayMonth(from) + " " + strconv.Itoa(from.Year)
	case from.Year != last.Year:
		return w.dayMonth(from) + " " + strconv.Itoa(from.Year) + " – " + w.dayMonth(last) + " " + strconv.Itoa(last.Year)
	case from.Month != last.Month:
		return w.dayMonth(from) + " – " + w.dayMonth(last) + " " + strconv.Itoa(last.Year)
	default:
		return w.dayOf(from) + "–" + w.dayMonth(last) + " " + strconv.Itoa(last.Year)
	}
}

func (w Words) dayMonth(d report.Date) string {
	return w.dayOf(d) + " " + w.list("months")[d.Month-1]
}

// dayOf is the number of a day in its month; French counts the first one.
func (w Words) dayOf(d report.Date) string {
	if w.Language == "fr" && d.Day == 1 {
		return "1er"
	}
	return strconv.Itoa(d.Day)
}

// weekday counts from Monday.
func weekday(d report.Date) int { return (int(midnight(d).Weekday()) + 6) % 7 }

// tick is what stands under a part of a period: the hour, the weekday with the
// day, or the day. label is the API's: 2014-03-03 or 2014-03-03T05:00:00+02:00.
func (w Words) tick(p Period, label string) string {
	day, hour, timed := strings.Cut(label, "T")
	if timed {
		return hour[:min(2, len(hour))]
	}
	d, err := report.ParseDate(day)
	if err != nil {
		return label
	}
	if p == Week {
		return w.list("days.short")[weekday(d)] + " " + strconv.Itoa(d.Day)
	}
	return strconv.Itoa(d.Day)
}
