package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Purge removes what Copy wrote down from everything that a query can find:
// first what is computed from the raw rows, then those, and what is kept of the
// person; then it puts back what follows from rows that came later. Nothing may be
// loaded meanwhile, and nobody else may repair. It may be repeated: what is done
// has no effect the second time. claim names the tables that it makes for
// itself. It returns how many rows went from which table.
func (e Erasures) Purge(ctx context.Context, o Erasure, spools []ErasureSpool, claim string) (map[string]uint64, error) {
	ctx = exactly(ctx)
	counts := map[string]uint64{}
	landed := Landed{Conn: e.Conn}
	if err := landed.Erasing(ctx, o.Project, false); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, Erasure, string, map[string]uint64) error{
		e.subtract, e.groups, e.raw, e.people, e.identities, e.traits,
	} {
		if err := step(ctx, o, claim, counts); err != nil {
			return nil, err
		}
	}
	if err := e.remove(ctx, o, "quarantine", inQuarantine, cutsOf(spools), counts); err != nil {
		return counts, err
	}
	return counts, landed.Erasing(ctx, o.Project, true)
}

// inQuarantine tells the person's rows among refused ones, decided or not.
var inQuarantine = `JSONExtractString(row, 'project') = {project:String} AND ` + beforeCut + ` AND (
	has({persons:Array(UInt64)}, toUInt64OrZero(JSONExtractString(row, 'person'))) OR JSONExtractString(row, 'type') = 'alias' AND (` +
	isPerson("u:", "JSONExtractString(row, 'anonymous_id')") + ` OR ` + isPerson("a:", "JSONExtractString(row, 'anonymous_id')") + `))`

func (e Erasures) raw(ctx context.Context, o Erasure, _ string, counts map[string]uint64) error {
	for _, table := range rawTables {
		err := e.remove(ctx, o, table, "project = {project:String} AND "+daysOf(table)+" AND seq IN "+erased(table), nil, counts)
		if err != nil {
			return err
		}
	}
	return nil
}

// exactly makes statements insert what they are told to, also if the same was
// inserted before and has been deleted since, and wait for what they change.
func exactly(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 0, "deduplicate_blocks_in_dependent_materialized_views": 0, "async_insert": 0,
		"mutations_sync": 2, "lightweight_deletes_sync": 2, "max_execution_time": 0,
	}))
}

// remove deletes rows so that no query finds them, and counts them. Where there
// are none it leaves the parts alone.
func (e Erasures) remove(ctx context.Context, o Erasure, table, where string, more map[string]string, counts map[string]uint64) error {
	ctx = o.with(ctx, more)
	var n uint64
	if err := e.Conn.QueryRow(ctx, "SELECT count() FROM "+table+" WHERE "+where).Scan(&n); err != nil {
		return fmt.Errorf("erase from %s: %w", table, err)
	}
	if n == 0 {
		return nil
	}
	if err := e.mutate(ctx, table, "DELETE FROM "+table+" WHERE "+where); err != nil {
		return fmt.Errorf("erase from %s: %w", table, err)
	}
	counts[table] += n
	return nil
}

// people makes the aggregates that are kept by person anew, for these persons:
// from the rows that came after the order.
func (e Erasures) people(ctx context.Context, o Erasure, claim string, counts map[string]uint64) error {
	all, err := aggregates(ctx, e.Conn)
	if err != nil {
		return err
	}
	var byPerson []aggregate
	for _, a := range all {
		columns, err := tableColumns(ctx, e.Conn, a.name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(columns, func(c tableColumn) bool { return c.name == "person" && c.key }) {
			byPerson = append(byPerson, a)
		}
	}
	for _, a := range byPerson { // all before the first is filled: views fill others
		err := e.remove(ctx, o, a.name, "project = {project:String} AND has({persons:Array(UInt64)}, person)", nil, counts)
		if err != nil {
			return err
		}
	}
	for _, a := range byPerson {
		if err := e.refill(ctx, o, a, claim, "has({persons:Array(UInt64)}, person)"); err != nil {
			return fmt.Errorf("erase from %s: %w", a.name, err)
		}
	}
	return nil
}

// refill puts back what an aggregate's views make of the raw rows that are
// left. Rows go through a table of the claim: once that is lost, nothing goes.
func (e Erasures) refill(ctx context.Context, o Erasure, a aggregate, claim, of string) error {
	staging := RepairTable(claim, "left_"+a.name)
	for _, source := range a.sources {
		if !slices.Contains(rawTables, source.from) {
			continue // a view fills it
		}
		from, columns := "(SELECT * FROM "+source.from+" WHERE project = {project:String} AND "+of+")", source.columns
		for _, step := range []string{
			"DROP TABLE IF EXISTS " + staging + " SYNC",
			"CREATE TABLE " + staging + " AS " + a.name,
			"INSERT INTO " + staging + " (" + columns + ") " + source.over(from),
			"INSERT INTO " + a.name + " (" + columns + ") SELECT " + columns + " FROM " + staging,
		} {
			if err := e.Conn.Exec(o.with(ctx, nil), step); err != nil {
				return err
			}
		}
	}
	return nil
}

// identities makes anew what was said of who is who, where it is about the
// persons, from the rows that are left.
func (e Erasures) identities(ctx context.Context, o Erasure, claim string, counts map[string]uint64) error {
	about := isPerson("u:", "user_id") + " OR " + isPerson("u:", "anonymous_id") + " OR " + isPerson("a:", "anonymous_id")
	if err := e.remove(ctx, o, "identities", "project = {project:String} AND ("+about+")", nil, counts); err != nil {
		return err
	}
	a, err := e.aggregate(ctx, "identities")
	if err != nil {
		return err
	}
	if err := e.refill(ctx, o, a, claim, "type IN ('identify', 'alias') AND ("+about+")"); err != nil {
		return fmt.Errorf("erase from identities: %w", err)
	}
	return nil
}

func (e Erasures) aggregate(ctx context.Context, name string) (aggregate, error) {
	all, err := aggregates(ctx, e.Conn)
	if err != nil {
		return aggregate{}, err
	}
	i := slices.IndexFunc(all, func(a aggregate) bool { return a.name == name })
	if i < 0 {
		return aggregate{}, fmt.Errorf("the views into %s are missing", name)
	}
	return all[i], nil
}

// groups makes the traits of groups anew of which the first or the latest value
// was said by a row that goes.
func (e Erasures) groups(ctx context.Context, o Erasure, claim string, counts map[string]uint64) error {
	const saidBy = `(object_type, object_id) IN (SELECT object_type, object_id FROM events
	WHERE project = {project:String} AND type = 'group' AND seq IN `
	said := strings.Replace(saidBy, "object_id)", "id)", 1) + erased("events") + ")"
	err := e.remove(ctx, o, "traits", "project = {project:String} AND kind = 'group' AND "+said+
		" AND (tupleElement(first, 2) IN "+erased("events")+" OR tupleElement(latest, 2) IN "+erased("events")+")", nil, counts)
	if err != nil {
		return err
	}
	return e.refillTraits(ctx, o, claim, "type = 'group' AND seq NOT IN "+erased("events")+" AND "+saidBy+erased("events")+")")
}

// traits makes anew what is known of the persons, from the rows that are left.
func (e Erasures) traits(ctx context.Context, o Erasure, claim string, counts map[string]uint64) error {
	err := e.remove(ctx, o, "traits", "project = {project:String} AND has({persons:Array(UInt64)}, person)", nil, counts)
	if err != nil {
		return err
	}
	return e.refillTraits(ctx, o, claim, "type = 'identify' AND has({persons:Array(UInt64)}, person)")
}

func (e Erasures) refillTraits(ctx context.Context, o Erasure, claim, of string) error {
	a, err := e.aggregate(ctx, "traits")
	if err != nil {
		return err
	}
	if err := e.refill(ctx, o, a, claim, of); err != nil {
		return fmt.Errorf("erase from traits: %w", err)
	}
	return nil
}

// purgeErased does what erasures that were killed half way have left undone.
// Between their first and their last change an aggregate that is made anew
// would count rows that have been subtracted, or that are about to be.
func (r Rebuilder) purgeErased(ctx context.Context) error {
	erasures := Erasures{Conn: r.Conn}
	orders, err := erasures.list(ctx, "state = 'copied'", nil)
	if err != nil || len(orders) == 0 {
		return err
	}
	release, err := r.Fencer.Fence(ctx)
	if err != nil {
		return err
	}
	defer release()
	for _, o := range orders {
		spools, err := erasures.Spools(ctx, o.ID)
		if err != nil {
			return err
		}
		if _, err := erasures.Purge(ctx, o, spools, r.Fencer.ID()); err != nil {
			return err
		}
	}
	return r.Fencer.Held(ctx)
}
