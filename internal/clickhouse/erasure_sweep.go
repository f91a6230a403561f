package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ibarura/schema"
)

// Sweep rewrites the parts that still hold rows which no query finds any more,
// and forgets which they were.
func (e Erasures) Sweep(ctx context.Context, o Erasure) error {
	ctx = exactly(ctx)
	if err := e.unmark(ctx, o); err != nil {
		return err
	}
	if err := e.forget(ctx, o); err != nil {
		return err
	}
	return e.rewrite(ctx)
}

// rewrite makes the parts anew that hold deleted rows, without them.
func (e Erasures) rewrite(ctx context.Context) error {
	masked, err := e.masked(ctx)
	if err != nil {
		return err
	}
	for _, p := range masked {
		if err := e.mutate(ctx, p.table, "ALTER TABLE "+p.table+" APPLY DELETED MASK IN PARTITION ID '"+p.id+"'"); err != nil {
			return fmt.Errorf("rewrite a partition of %s without what is deleted: %w", p.table, err)
		}
	}
	return nil
}

type partition struct{ table, id string }

// ours binds the names of the tables that the migrations make.
func ours(ctx context.Context, more map[string]string) context.Context {
	values := map[string]string{"ours": textList(schema.Names())}
	for name, value := range more {
		values[name] = value
	}
	return parameters(ctx, values)
}

// masked lists the partitions with parts that hold deleted rows.
func (e Erasures) masked(ctx context.Context) ([]partition, error) {
	rows, err := e.Conn.Query(ours(ctx, nil), `SELECT DISTINCT table, partition_id FROM system.parts
WHERE database = currentDatabase() AND active AND has_lightweight_delete AND has({ours:Array(String)}, table) ORDER BY table, partition_id`)
	if err != nil {
		return nil, fmt.Errorf("list the parts with deleted rows: %w", err)
	}
	var list []partition
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var p partition
		if err := scan(&p.table, &p.id); err != nil {
			return fmt.Errorf("list the parts with deleted rows: %w", err)
		}
		list = append(list, p)
		return nil
	})
	return list, err
}

// OldParts returns how many parts are still on the disk that went out of use
// before a moment. ClickHouse removes them some time later (old_parts_lifetime).
func (e Erasures) OldParts(ctx context.Context, before time.Time) (uint64, error) {
	var n uint64
	err := e.Conn.QueryRow(ours(ctx, map[string]string{"before": moment(before)}), `SELECT count() FROM system.parts
WHERE database = currentDatabase() AND NOT active AND has({ours:Array(String)}, table) AND remove_time <= toDateTime({before:DateTime64(3, 'UTC')})`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("list the parts that are out of use: %w", err)
	}
	return n, nil
}

// Traces looks for a person in every table and returns what it has found, by
// table. Rows that came after the order, and what follows from them, are no
// traces. An erasure that is through finds none.
func (e Erasures) Traces(ctx context.Context, o Erasure, spools []ErasureSpool) (map[string]uint64, error) {
	found := map[string]uint64{}
	for _, table := range rawTables {
		if err := e.trace(ctx, o, table, ofPerson[table]+" AND "+beforeCut, spools, found); err != nil {
			return nil, err
		}
	}
	names, err := e.personTables(ctx)
	if err != nil {
		return nil, err
	}
	for _, table := range names {
		if err := e.trace(ctx, o, table, "project = {project:String} AND has({persons:Array(UInt64)}, person) AND person NOT IN "+cameLater, spools, found); err != nil {
			return nil, err
		}
	}
	about := "project = {project:String} AND " + isPerson("u:", "user_id") + " AND person NOT IN " + cameLater
	if err := e.trace(ctx, o, "identities", about, spools, found); err != nil {
		return nil, err
	}
	if err := e.trace(ctx, o, "quarantine", inQuarantine, spools, found); err != nil {
		return nil, err
	}
	masked, err := e.masked(ctx)
	if len(masked) > 0 {
		found["deleted rows in parts"] = uint64(len(masked))
	}
	return found, err
}

// cameLater are those of the persons who have rows again.
const cameLater = `(SELECT person FROM events WHERE project = {project:String} AND has({persons:Array(UInt64)}, person)
	UNION ALL SELECT person FROM page_views WHERE project = {project:String} AND has({persons:Array(UInt64)}, person))`

func (e Erasures) trace(ctx context.Context, o Erasure, table, where string, spools []ErasureSpool, found map[string]uint64) error {
	var n uint64
	if err := e.Conn.QueryRow(o.with(ctx, cutsOf(spools)), "SELECT count() FROM "+table+" WHERE "+where).Scan(&n); err != nil {
		return fmt.Errorf("look for the person in %s: %w", table, err)
	}
	found[table] = n
	return nil
}

// personTables lists the tables beside raw that have rows of persons, derived
// ones included.
func (e Erasures) personTables(ctx context.Context) ([]string, error) {
	var names []string
	err := e.Conn.QueryRow(ours(ctx, nil), `SELECT groupUniqArray(table) FROM system.columns
WHERE database = currentDatabase() AND has({ours:Array(String)}, table) AND name = 'person' AND type LIKE '%UInt64%'
  AND table IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'project')
  AND table NOT IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView')`).Scan(&names)
	if err != nil {
		return nil, fmt.Errorf("list the tables with persons: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(rawTables, name) })
	slices.Sort(names)
	return names, nil
}
