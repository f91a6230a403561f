package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/schema"
)

// Unit is what is made anew at once: the aggregates whose partitions hold the
// same stretch of days.
type Unit struct {
	stretch
	aggregates []aggregate // those first that others are made from
	all        []aggregate
	evenEmpty  string
	marks      map[string]marks // of raw tables: which rows the snapshot has
}

// String names its aggregates and their partition.
func (u *Unit) String() string {
	names := strings.Join(aggregateNames(u.aggregates), ", ")
	if u.partition == "" {
		return names
	}
	return names + " of " + u.partition
}

// has reports whether an aggregate is made anew in this unit.
func (u *Unit) has(name string) bool {
	return slices.ContainsFunc(u.aggregates, func(a aggregate) bool { return a.name == name })
}

// find returns an aggregate by its name; nil: it is a raw table.
func (u *Unit) find(name string) *aggregate {
	for i := range u.all {
		if u.all[i].name == name {
			return &u.all[i]
		}
	}
	return nil
}

// raw lists the raw tables that the unit goes back to.
func (u *Unit) raw() []string {
	return u.below(func(source string) bool { return u.find(source) == nil })
}

// bases lists the aggregates that others of the unit are made from.
func (u *Unit) bases() []string {
	return u.below(func(source string) bool { return u.find(source) != nil })
}

// below lists, of all that the unit is made from, what is asked for: those
// first that others are made from.
func (u *Unit) below(wanted func(source string) bool) []string {
	var list []string
	seen := map[string]bool{}
	var visit func(a aggregate)
	visit = func(a aggregate) {
		for _, s := range a.sources {
			if seen[s.from] {
				continue
			}
			seen[s.from] = true
			if base := u.find(s.from); base != nil {
				visit(*base)
			}
			if wanted(s.from) {
				list = append(list, s.from)
			}
		}
	}
	for _, a := range u.aggregates {
		visit(a)
	}
	return list
}

// months lists the first days of those that the unit's days are in; nil: all there are.
func (u *Unit) months() []time.Time {
	if u.from.IsZero() {
		return nil
	}
	var list []time.Time
	for m := time.Date(u.from.Year(), u.from.Month(), 1, 0, 0, 0, 0, time.UTC); m.Before(u.to); m = m.AddDate(0, 1, 0) {
		list = append(list, m)
	}
	return list
}

// partitions lists the months as partitions; nil: all there are.
func (u *Unit) partitions() []string {
	var list []string
	for _, m := range u.months() {
		list = append(list, m.Format("200601"))
	}
	return list
}

// days narrows rows of a table with days to those of the unit.
func (u *Unit) days() string {
	if u.from.IsZero() {
		return "true"
	}
	return fmt.Sprintf("day >= '%s' AND day < '%s'", u.from.Format(time.DateOnly), u.to.Format(time.DateOnly))
}

// target is the partition that is replaced, as ALTER TABLE writes it.
func (u *Unit) target() string {
	if u.partition == "" {
		return "tuple()"
	}
	return u.partition
}

// Tables lists the aggregates of the unit.
func (u *Unit) Tables() []string { return aggregateNames(u.aggregates) }

// Period is what the partition is of, by its own days, weeks or months: from
// and to, half-open. Zero times: all there is.
func (u *Unit) Period() (from, to time.Time) {
	if len(u.partition) == len("2006") {
		return u.from, u.from.AddDate(1, 0, 0)
	}
	return u.from, u.to
}

// PrepareCopies makes empty tables for Copy, of raw and of the aggregates.
func (u *Unit) PrepareCopies(ctx context.Context, conn execer, name func(table string) string) error {
	for _, table := range append(u.raw(), u.Tables()...) {
		if err := newLike(ctx, conn, name(table), table); err != nil {
			return err
		}
	}
	return nil
}

// Copy keeps the aggregates as they are now, and the raw rows that they are of.
func (u *Unit) Copy(ctx context.Context, conn execer, name func(table string) string) error {
	for _, table := range u.raw() {
		if err := attach(ctx, conn, name(table), table, u.partitions()); err != nil {
			return err
		}
	}
	for _, table := range u.Tables() {
		if err := attach(ctx, conn, name(table), table, []string{u.target()}); err != nil {
			return err
		}
	}
	return nil
}

// Projects lists those that have rows in the tables of a Copy.
func (u *Unit) Projects(ctx context.Context, conn driver.Conn, name func(table string) string) ([]string, error) {
	var selects []string
	for _, table := range append(u.raw(), u.Tables()...) {
		selects = append(selects, "SELECT DISTINCT toString(project) AS project FROM "+name(table))
	}
	rows, err := conn.Query(ctx, "SELECT DISTINCT project FROM ("+strings.Join(selects, " UNION ALL ")+") ORDER BY project")
	if err != nil {
		return nil, fmt.Errorf("list the projects: %w", err)
	}
	var list []string
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var project string
		if err := scan(&project); err != nil {
			return fmt.Errorf("list the projects: %w", err)
		}
		list = append(list, project)
		return nil
	})
	return list, err
}

// MonthsWithRows lists the first days of the months that raw or an aggregate has
// rows of, and the January of each other year that one cut by years has rows of.
func MonthsWithRows(ctx context.Context, conn driver.Conn) ([]time.Time, error) {
	rows, err := conn.Query(parameters(ctx, map[string]string{"ours": "['" + strings.Join(schema.Names(), "','") + "']"}), `
WITH (
    SELECT groupUniqArray(partition) FROM system.parts
    WHERE database = currentDatabase() AND active AND has({ours:Array(String)}, table) AND match(partition, '^[0-9]{4}([0-9]{2})?$')
) AS found, arrayFilter(p -> length(p) = 6, found) AS months
SELECT arrayJoin(arraySort(arrayConcat(months,
    arrayMap(y -> concat(y, '01'), arrayFilter(p -> length(p) = 4 AND NOT arrayExists(m -> startsWith(m, p), months), found)))))`)
	if err != nil {
		return nil, fmt.Errorf("ask for the months: %w", err)
	}
	var list []time.Time
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return fmt.Errorf("ask for the months: %w", err)
		}
		month, err := time.Parse("200601", text)
		list = append(list, month)
		return err
	})
	return list, err
}

// attach fills a snapshot with a table's partitions as they are now, by hard
// links: nothing is copied. No partitions: all.
func attach(ctx context.Context, conn execer, snapshot, of string, partitions []string) error {
	if partitions == nil {
		partitions = []string{"ALL"}
	}
	for _, p := range partitions {
		if err := conn.Exec(ctx, "ALTER TABLE "+snapshot+" ATTACH PARTITION "+p+" FROM "+of); err != nil {
			return fmt.Errorf("take a snapshot of %s: %w", of, err)
		}
	}
	return nil
}

// newLike makes an empty table like another one.
func newLike(ctx context.Context, conn execer, snapshot, of string) error {
	for _, statement := range []string{"DROP TABLE IF EXISTS " + snapshot + " SYNC", "CREATE TABLE " + snapshot + " AS " + of} {
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make a table like %s: %w", of, err)
		}
	}
	return nil
}

// execer runs statements; driver.Conn is one.
type execer interface {
	Exec(ctx context.Context, query string, args ...any) error
}
