package proof

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// periodColumns says which column of an aggregate's rows is the date of their
// period, from 1; those that are not here have none.
var periodColumns = map[string]int{
	"counters_15m": 1, "metrics_daily": 1, "metrics_weekly": 1, "metrics_monthly": 1, "user_day": 2, "user_month": 2,
	"content_day": 1, "tag_day": 1, "tag_person": 1, "object_person": 1, "sessions": 1,
}

// Querier reads many rows; driver.Conn is one.
type Querier interface {
	Database
	Query(ctx context.Context, query string, args ...any) (driver.Rows, error)
}

// Part is a portion of an aggregate, and of the raw rows that it is made of.
type Part struct {
	Project  string
	From, To time.Time // periods that begin in it, half-open; zero: all
	// Name says which tables to read in the place of events, page_views and the
	// aggregate, for example snapshots. Nil: themselves.
	Name func(table string) string
	// Settings bound each statement.
	Settings clickhouse.Settings
}

// PeriodSum is what both sides have of a period.
type PeriodSum struct {
	Period     string // its first day; empty where an aggregate has no periods
	Shown, Raw uint64 // rows
	Equal      bool
}

// Periods compares an aggregate with raw by sums of hashes of whole rows, a
// period each: that needs next to no memory beyond what the two statements do.
func (p Pair) Periods(ctx context.Context, db Querier, part Part) ([]PeriodSum, error) {
	rows, err := db.Query(part.bind(ctx, ""), fmt.Sprintf(`SELECT period, sum(s) AS shown, sum(r) AS raw, shown = raw AND sum(hs) = sum(hr) AS equal
FROM (
	SELECT %[1]s AS period, count() AS s, 0 AS r, sum(cityHash64(toString(tuple(*)))) AS hs, 0 AS hr FROM (%[2]s) %[4]s GROUP BY period
	UNION ALL
	SELECT %[1]s AS period, 0, count(), 0, sum(cityHash64(toString(tuple(*)))) FROM (%[3]s) %[4]s GROUP BY period
) GROUP BY period ORDER BY period`, p.period(), part.over(p.Shown, p.Name), part.over(p.Raw, p.Name), p.within(part)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var sums []PeriodSum
	for rows.Next() {
		var s PeriodSum
		var equal uint8
		if err := rows.Scan(&s.Period, &s.Shown, &s.Raw, &equal); err != nil {
			return nil, err
		}
		s.Equal = equal != 0
		sums = append(sums, s)
	}
	return sums, rows.Err()
}

// Rows compares an aggregate with raw row by row, within one period.
func (p Pair) Rows(ctx context.Context, db Database, part Part, period string) (Finding, error) {
	where := "WHERE " + p.period() + " = {period:String}"
	narrow := Pair{p.Name, "SELECT * FROM (" + part.over(p.Shown, p.Name) + ") " + where, "SELECT * FROM (" + part.over(p.Raw, p.Name) + ") " + where}
	return narrow.find(part.bind(ctx, period), db)
}

// period is the date of a row's period as text.
func (p Pair) period() string {
	if column := periodColumns[p.Name]; column > 0 {
		return fmt.Sprintf("toString(tupleElement(tuple(*), %d))", column)
	}
	return "''"
}

// within leaves periods out that begin outside of the part.
func (p Pair) within(part Part) string {
	column := periodColumns[p.Name]
	if column == 0 || part.From.IsZero() {
		return ""
	}
	return fmt.Sprintf("WHERE tupleElement(tuple(*), %[1]d) >= toDate('%[2]s') AND tupleElement(tuple(*), %[1]d) < toDate('%[3]s')",
		column, part.From.Format(time.DateOnly), part.To.Format(time.DateOnly))
}

func (part Part) bind(ctx context.Context, period string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(part.Settings),
		clickhouse.WithParameters(clickhouse.Parameters{"project": part.Project, "period": period}))
}

var fromTable = regexp.MustCompile(`FROM (\w+)`)

// over lets a statement read the part's tables.
func (part Part) over(statement, aggregate string) string {
	if part.Name == nil {
		return statement
	}
	return fromTable.ReplaceAllStringFunc(statement, func(from string) string {
		table := from[len("FROM "):]
		if table != "events" && table != "page_views" && table != aggregate {
			return from
		}
		return "FROM " + part.Name(table)
	})
}
