package clickhouse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// stretch is the days that a partition's rows come from, half-open.
type stretch struct {
	partition string // as in PARTITION …; empty: the table has none
	from, to  time.Time
}

// partitionsOf lists the partitions that rows of some months can be in. A year
// of weeks may begin and end in the years beside it.
func partitionsOf(key string, months []time.Time) []stretch {
	byYear := strings.HasPrefix(key, "toYear(")
	var list []stretch
	for _, m := range months {
		s := stretch{partition: m.Format("200601"), from: m, to: m.AddDate(0, 1, 0)}
		switch {
		case key == "":
			s.partition = ""
		case byYear:
			s = yearOf(m.Year())
			first := weekYear(m)
			list = addStretch(list, yearOf(first))
			s = yearOf(weekYear(m.AddDate(0, 1, -1)))
		}
		list = addStretch(list, s)
	}
	return list
}

func addStretch(list []stretch, s stretch) []stretch {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// weekYear is the year of the Monday on or before a day.
func weekYear(day time.Time) int {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7).Year()
}

// yearOf holds the days of every week whose Monday is in the year, and of every
// month of it: a week more at the end than the year has.
func yearOf(year int) stretch {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	return stretch{partition: fmt.Sprint(year), from: from, to: from.AddDate(1, 0, 6)}
}
