package rowblock

import (
	"fmt"
	"time"

	"ibarura/internal/event"
)

// Table numbers the raw tables in chunks and in the spool. The numbers are
// stored, so they never change.
type Table uint8

// The raw tables.
const (
	Events    Table = 1
	PageViews Table = 2
)

// Tables lists the raw tables.
func Tables() []Table { return []Table{Events, PageViews} }

// String returns the table's name in ClickHouse.
func (t Table) String() string {
	switch t {
	case Events:
		return "events"
	case PageViews:
		return "page_views"
	default:
		return fmt.Sprintf("table %d", uint8(t))
	}
}

// Kind is what a row of the table is called towards producers.
func (t Table) Kind() string {
	if t == PageViews {
		return "page_view"
	}
	return "event"
}

// Month counts months from January 1970: the rows of a chunk are all of one,
// since a month is a partition.
type Month int32

// MonthOf returns the month that d lies in.
func MonthOf(d event.Day) Month {
	t := d.Time()
	return Month(t.Year()-1970)*12 + Month(t.Month()) - 1
}

// First returns the first day of the month.
func (m Month) First() time.Time {
	return time.Date(1970, time.Month(1+m), 1, 0, 0, 0, 0, time.UTC)
}

// String returns the month as YYYY-MM.
func (m Month) String() string { return m.First().Format("2006-01") }
