package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// unit is what is made anew at once: the aggregates whose partitions hold the
// same stretch of days.
type unit struct {
	stretch
	aggregates []aggregate // those first that others are made from
	all        []aggregate
	evenEmpty  string
	marks      map[string]marks // of raw tables: which rows the snapshot has
}

func (u *unit) String() string {
	names := strings.Join(aggregateNames(u.aggregates), ", ")
	if u.partition == "" {
		return names
	}
	return names + " of " + u.partition
}

// has reports whether an aggregate is made anew in this unit.
func (u *unit) has(name string) bool {
	return slices.ContainsFunc(u.aggregates, func(a aggregate) bool { return a.name == name })
}

// find returns an aggregate by its name; nil: it is a raw table.
func (u *unit) find(name string) *aggregate {
	for i := range u.all {
		if u.all[i].name == name {
			return &u.all[i]
		}
	}
	return nil
}

// raw lists the raw tables that the unit goes back to.
func (u *unit) raw() []string {
	return u.below(func(source string) bool { return u.find(source) == nil })
}

// bases lists the aggregates that others of the unit are made from.
func (u *unit) bases() []string {
	return u.below(func(source string) bool { return u.find(source) != nil })
}

// below lists, of all that the unit is made from, what is asked for: those
// first that others are made from.
func (u *unit) below(wanted func(source string) bool) []string {
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

// partitions lists the months of the unit's days; nil: all there are.
func (u *unit) partitions() []string {
	if u.from.IsZero() {
		return nil
	}
	var list []string
	for m := time.Date(u.from.Year(), u.from.Month(), 1, 0, 0, 0, 0, time.UTC); m.Before(u.to); m = m.AddDate(0, 1, 0) {
		list = append(list, m.Format("200601"))
	}
	return list
}

// days narrows rows of a table with days to those of the unit.
func (u *unit) days() string {
	if u.from.IsZero() {
		return "true"
	}
	return fmt.Sprintf("day >= '%s' AND day < '%s'", u.from.Format(time.DateOnly), u.to.Format(time.DateOnly))
}

// target is the partition that is replaced, as ALTER TABLE writes it.
func (u *unit) target() string {
	if u.partition == "" {
		return "tuple()"
	}
	return u.partition
}

// Snapshot makes a table that holds a table's partitions as they are now, by
// hard links: nothing is copied. No partitions: all. The table has to be there,
// as NewSnapshot makes it.
func Snapshot(ctx context.Context, conn execer, snapshot, of string, partitions []string) error {
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

// NewSnapshot makes an empty table like another one.
func NewSnapshot(ctx context.Context, conn execer, snapshot, of string) error {
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
