package httpapi

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// linkRanges are the ranges by name, seen on a day: half-open, and none reaches
// beyond it. dashboards/web/src/range.ts has the same ones, and a test holds the
// two against each other.
var linkRanges = map[string]func(day time.Time) (from, to time.Time){
	"7d":         lastDays(7),
	"30d":        lastDays(30),
	"90d":        lastDays(90),
	"month":      func(day time.Time) (from, to time.Time) { return monthStart(day, 0), nextDay(day) },
	"last_month": func(day time.Time) (from, to time.Time) { return monthStart(day, -1), monthStart(day, 0) },
	"12m":        func(day time.Time) (from, to time.Time) { return monthStart(day, -11), nextDay(day) },
	"year":       func(day time.Time) (from, to time.Time) { return yearStart(day, 0), nextDay(day) },
	"last_year":  func(day time.Time) (from, to time.Time) { return yearStart(day, -1), yearStart(day, 0) },
	"5y":         func(day time.Time) (from, to time.Time) { return yearStart(day, -4), nextDay(day) },
}

const defaultLinkRange = "30d"

func lastDays(n int) func(time.Time) (from, to time.Time) {
	return func(day time.Time) (from, to time.Time) { return day.AddDate(0, 0, 1-n), nextDay(day) }
}

func nextDay(day time.Time) time.Time { return day.AddDate(0, 0, 1) }

func monthStart(day time.Time, months int) time.Time {
	return time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

func yearStart(day time.Time, years int) time.Time {
	return time.Date(day.Year()+years, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// days returns the view's range on the local day of a moment.
func (v linkView) days(project *time.Location, now time.Time) (from, to string) {
	if v.params["from"] != "" {
		return v.params["from"], v.params["to"]
	}
	zone := project
	if chosen, err := time.LoadLocation(v.params["timezone"]); err == nil && v.params["timezone"] != "" {
		zone = chosen
	}
	year, month, day := now.In(zone).Date()
	of := linkRanges[v.params["range"]]
	if of == nil {
		of = linkRanges[defaultLinkRange]
	}
	first, after := of(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	return first.Format(time.DateOnly), after.Format(time.DateOnly)
}

// interval is the one chosen, or what a chart can show well.
func (v linkView) interval(from, to string) string {
	if chosen := v.params["interval"]; chosen != "" {
		return chosen
	}
	switch days := daysBetween(from, to); {
	case days <= 2:
		return "hour"
	case days <= 92:
		return "day"
	case days <= 200:
		return "week"
	case days <= 3000:
		return "month"
	default:
		return "year"
	}
}

// daysBetween counts the days of a range of dates that were checked.
func daysBetween(from, to string) int {
	first, _ := time.Parse(time.DateOnly, from)
	after, _ := time.Parse(time.DateOnly, to)
	return int(after.Sub(first) / (24 * time.Hour))
}

// checkRange wants a name, two dates in order, or nothing.
func (v linkView) checkRange() error {
	name, from, to := v.params["range"], v.params["from"], v.params["to"]
	if from == "" && to == "" {
		if name != "" && linkRanges[name] == nil {
			return badView("view: range: want one of %s", strings.Join(slices.Sorted(maps.Keys(linkRanges)), ", "))
		}
		return nil
	}
	first, wrong := time.Parse(time.DateOnly, from)
	after, alsoWrong := time.Parse(time.DateOnly, to)
	if name != "" || wrong != nil || alsoWrong != nil || !first.Before(after) {
		return badView("view: want a range, or from and to, which are dates in this order")
	}
	return nil
}
