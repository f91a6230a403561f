package clickhouse

import (
	"context"
	"slices"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// ErasedRows are the rows of one spool that erasures remove: none of them may be
// loaded again.
type ErasedRows struct{ orders []erasedPerson }

type erasedPerson struct {
	project string
	persons []uint64
	cut     uint64
}

// Erased returns which rows of a spool are erased, or about to be.
func (r RawTables) Erased(ctx context.Context, spool string) (ErasedRows, error) {
	erasures := Erasures(r)
	spools, err := erasures.Spools(ctx, "")
	if err != nil {
		return ErasedRows{}, err
	}
	orders, err := erasures.List(ctx)
	if err != nil {
		return ErasedRows{}, err
	}
	var e ErasedRows
	for _, o := range orders {
		for _, s := range spools {
			if s.Erasure == o.ID && s.Spool == spool {
				e.orders = append(e.orders, erasedPerson{o.Project, o.Persons, s.Cut})
			}
		}
	}
	return e, nil
}

// Has reports whether a row with this number is erased.
func (e ErasedRows) Has(who rowblock.Who, seq uint64) bool {
	return slices.ContainsFunc(e.orders, func(o erasedPerson) bool {
		return seq < o.cut && who.Project == o.project && o.is(who)
	})
}

func (o *erasedPerson) is(who rowblock.Who) bool {
	if slices.Contains(o.persons, who.Person) {
		return true
	}
	if len(who.Alias) == 0 {
		return false
	}
	former := string(who.Alias)
	return slices.Contains(o.persons, event.PersonOf(event.Identity{UserID: former})) ||
		slices.Contains(o.persons, event.PersonOf(event.Identity{AnonymousID: former}))
}
