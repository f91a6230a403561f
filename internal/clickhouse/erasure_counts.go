package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// tableColumn is a column of an aggregate.
type tableColumn struct {
	name, kind string
	key        bool // of the sort key
}

func (c tableColumn) isText() bool { return strings.Contains(c.kind, "String") }

// isSum reports whether the column adds up.
func (c tableColumn) isSum() bool { return strings.HasPrefix(c.kind, "SimpleAggregateFunction(sum,") }

func tableColumns(ctx context.Context, conn driver.Conn, table string) ([]tableColumn, error) {
	rows, err := conn.Query(parameters(ctx, map[string]string{"table": table}),
		`SELECT name, type, is_in_sorting_key FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	var columns []tableColumn
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var c tableColumn
		var key uint8
		if err := scan(&c.name, &c.kind, &key); err != nil {
			return fmt.Errorf("read the columns of %s: %w", table, err)
		}
		c.key = key != 0
		columns = append(columns, c)
		return nil
	})
	return columns, err
}

// subtract adds, to every aggregate of counts, the negative counts of the rows
// that are erased. They are collected in a table of their own, whose parts are
// then attached: each is one part, with a row that marks it, so that a
// partition that has the mark has the counts, and one that has not has none.
// Rows in which nothing is left to count are deleted.
func (e Erasures) subtract(ctx context.Context, o Erasure, claim string, counts map[string]uint64) error {
	aggregates, err := e.counts(ctx)
	if err != nil {
		return err
	}
	staged := map[string]string{} // aggregate -> the table with its negative counts
	for _, a := range aggregates {
		staging := RepairTable(claim, "erase_"+a.name)
		if err := e.stage(ctx, o, a, staging, staged); err != nil {
			return fmt.Errorf("subtract from %s: %w", a.name, err)
		}
		staged[a.name] = staging
	}
	for _, a := range aggregates {
		if err := e.attach(ctx, o, a, staged[a.name]); err != nil {
			return fmt.Errorf("subtract from %s: %w", a.name, err)
		}
		if err := e.removeZeros(ctx, o, a, staged[a.name], counts); err != nil {
			return err
		}
	}
	return nil
}

// countAggregate is an aggregate that holds nothing but counts, by keys that
// name no person.
type countAggregate struct {
	aggregate
	columns []tableColumn
}

// counts lists the aggregates of counts, those first that others are made from.
func (e Erasures) counts(ctx context.Context) ([]countAggregate, error) {
	all, err := aggregates(ctx, e.Conn)
	if err != nil {
		return nil, err
	}
	var list []countAggregate
	for _, a := range all {
		columns, err := tableColumns(ctx, e.Conn, a.name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(columns, func(c tableColumn) bool { return c.name == "person" || !c.key && !c.isSum() }) {
			list = append(list, countAggregate{a, columns})
		}
	}
	return list, nil
}

// stage fills the table of an aggregate's negative counts: one part a partition.
func (e Erasures) stage(ctx context.Context, o Erasure, a countAggregate, staging string, staged map[string]string) error {
	for _, step := range []string{
		"DROP TABLE IF EXISTS " + staging + " SYNC",
		"CREATE TABLE " + staging + " AS " + a.name,
	} {
		if err := e.Conn.Exec(ctx, step); err != nil {
			return err
		}
	}
	for _, source := range a.sources {
		if err := e.stageSource(ctx, o, source, a.columns, staging, staged); err != nil {
			return err
		}
	}
	if err := e.Conn.Exec(o.with(ctx, map[string]string{"mark": o.mark()}), `INSERT INTO `+staging+` `+a.markers(staging)); err != nil {
		return err
	}
	return e.Conn.Exec(ctx, "OPTIMIZE TABLE "+staging+" FINAL")
}

// stageSource inserts what one view makes of the erased rows, negated; or of the
// negative counts of the aggregate that it reads.
func (e Erasures) stageSource(ctx context.Context, o Erasure, source aggregateSource, columns []tableColumn, staging string, staged map[string]string) error {
	from, sign := staged[source.from], ""
	if from == "" {
		table := source.from
		from, sign = "(SELECT * FROM "+table+" WHERE project = {project:String} AND seq IN "+erased(table)+" AND "+daysOf(table)+")", "-"
	} else {
		from = "(SELECT * FROM " + from + " WHERE project = {project:String})"
	}
	var values []string
	for name := range strings.SplitSeq(source.columns, ", ") {
		if slices.ContainsFunc(columns, func(c tableColumn) bool { return "`"+c.name+"`" == name && c.isSum() }) {
			name = sign + name
		}
		values = append(values, name)
	}
	return e.Conn.Exec(o.with(ctx, nil), "INSERT INTO "+staging+" ("+source.columns+") SELECT "+strings.Join(values, ", ")+" FROM ("+source.over(from)+")")
}

// daysOf lets ClickHouse skip the months without erased rows.
func daysOf(table string) string {
	return `day IN (SELECT day FROM erasure_rows WHERE id = {id:String} AND target = '` + table + `')`
}
