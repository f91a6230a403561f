package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Fencer stops everything that loads; a fence.Claim is one.
type Fencer interface {
	// ID begins the names of the tables that a repair makes: see RepairTable.
	ID() string
	// Fence returns once nothing is loaded any more, until release.
	Fence(ctx context.Context) (release func(), err error)
	// Held returns nil if nothing was loaded since Fence.
	Held(ctx context.Context) error
}

// Rebuilder makes aggregates anew from raw, while rows are loaded but for two
// moments: it takes a snapshot of the raw rows behind a fence, fills a table
// beside the aggregate from it, adds behind a second fence what has come since,
// and puts the result in the place of the aggregate's partition, at once. Who reads
// sees the old rows or the new ones. If it ends at any step, the
// aggregate is the old one or the new one, and both count what is loaded later.
//
// REPLACE PARTITION fires no views, so what is made from an aggregate is made
// anew by itself.
type Rebuilder struct {
	Conn   driver.Conn
	Fencer Fencer
	// Project, if it is not empty, is the only one whose rows are made anew.
	Project string
	// Additive says that what has no partitions is not replaced: what the months
	// have is added, which mends what is missing, since these tables hold
	// only least and greatest values.
	Additive bool
	// EvenEmpty allows to make an aggregate anew from raw that has no rows of its time.
	EvenEmpty bool
	// Limits bound each statement.
	Limits RepairLimits
	// Changing, if it is not nil, is called behind the fence before the first
	// partition of a unit is replaced, and with done when all are: with the
	// months, by their first days, whose answers change. Nil: of all time.
	Changing func(ctx context.Context, months []time.Time, done bool) error
	// Step, if it is not nil, is told what was done.
	Step func(step string)
}

// ErrNoRaw means that an aggregate has rows of a time of which raw has none: raw was
// dropped, and nothing can be made anew from it.
var ErrNoRaw = errors.New("raw has no rows of that time, so nothing can be made anew from it")

// ErrMoved means that raw rows came or went which are not counted by their
// numbers, while an aggregate was made anew. Nothing was changed: try again.
var ErrMoved = errors.New("the raw rows were changed meanwhile")

// Units plans to make aggregates anew, all if none is named, with those that
// they are made from: the partitions that hold some months, given by their first days.
// What has no partitions is made from all raw rows. Do takes the units in this order.
func (r Rebuilder) Units(ctx context.Context, tables []string, months []time.Time) ([]*Unit, error) {
	all, err := aggregates(ctx, r.Conn)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(all, tables)
	if err != nil {
		return nil, err
	}
	evenEmpty, err := replaceEvenFromEmpty(ctx, r.Conn)
	if err != nil {
		return nil, err
	}
	units := r.units(chosen, months)
	for _, u := range units {
		u.all, u.evenEmpty = all, evenEmpty
	}
	return units, nil
}

// choose returns the aggregates of some names and those that they are made
// from, in order.
func choose(all []aggregate, names []string) ([]aggregate, error) {
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(a aggregate) bool { return a.name == name }) {
			return nil, fmt.Errorf("%q is no aggregate; there are %s", name, strings.Join(aggregateNames(all), ", "))
		}
		wanted[name] = true
	}
	var list []aggregate
	for _, a := range slices.Backward(all) {
		if !wanted[a.name] {
			continue
		}
		list = append(list, a)
		for _, s := range a.sources {
			wanted[s.from] = true
		}
	}
	slices.Reverse(list)
	return list, nil
}

func aggregateNames(all []aggregate) []string {
	names := make([]string, 0, len(all))
	for _, a := range all {
		names = append(names, a.name)
	}
	return names
}

// units puts together what is made anew at once: all that the same days go
// into. What is made from other aggregates comes after them.
func (r Rebuilder) units(chosen []aggregate, months []time.Time) []*Unit {
	var units []*Unit
	for _, a := range chosen {
		stretches := partitionsOf(a.partitionKey, months)
		if a.partitionKey == "" && !r.Additive {
			stretches = []stretch{{}}
		}
		for _, s := range stretches {
			i := slices.IndexFunc(units, func(u *Unit) bool { return u.stretch == s })
			if i < 0 {
				i = len(units)
				units = append(units, &Unit{stretch: s})
			}
			units[i].aggregates = append(units[i].aggregates, a)
		}
	}
	slices.SortStableFunc(units, func(a, b *Unit) int { return len(b.partition) - len(a.partition) })
	return units
}

// replaceEvenFromEmpty is what is added to REPLACE PARTITION so that it takes a
// staging table without rows: a month may have events and no sessions. Servers
// that have no such setting always do.
func replaceEvenFromEmpty(ctx context.Context, conn driver.Conn) (string, error) {
	const setting = "allow_replace_partition_from_empty_source"
	var known uint64
	err := conn.QueryRow(parameters(ctx, map[string]string{"name": setting}),
		"SELECT count() FROM system.settings WHERE name = {name:String}").Scan(&known)
	if err != nil || known == 0 {
		return "", err
	}
	return " SETTINGS " + setting + " = 1", nil
}
