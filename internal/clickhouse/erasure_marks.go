package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// markerProject is the project of the rows that say that a partition of an
// aggregate of counts holds what an erasure subtracts. No project has such a
// name, and their counts are 0.
const markerProject = ":erased"

// mark names the round of an erasure in the rows that mark its counts.
func (o *Erasure) mark() string { return fmt.Sprintf("%s-%d", o.ID, o.Round) }

func (o *Erasure) withMark(ctx context.Context) context.Context {
	return o.with(ctx, map[string]string{"mark": o.mark()})
}

// markColumn is the first text of the sort key behind the project: it holds the
// mark.
func (a *countAggregate) markColumn() string {
	for _, c := range a.columns {
		if c.key && c.name != "project" && c.isText() {
			return c.name
		}
	}
	return ""
}

// markers selects a row for each partition of a staging table: of no project,
// with the mark and no counts.
func (a *countAggregate) markers(staging string) string {
	var values []string
	for _, c := range a.columns {
		switch {
		case c.name == "project":
			values = append(values, "'"+markerProject+"'")
		case c.name == a.markColumn():
			values = append(values, "{mark:String}")
		case c.key && c.isText():
			values = append(values, "''")
		case c.key:
			values = append(values, "min("+c.name+")")
		default:
			values = append(values, "0")
		}
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM " + staging + " GROUP BY _partition_id"
}

// marked tells the rows that mark partitions for an erasure.
func (a *countAggregate) marked() string {
	return "project = '" + markerProject + "' AND " + a.markColumn() + " = {mark:String}"
}

// attach moves the parts of a staging table into the aggregate, but for those
// of partitions that have them.
func (e Erasures) attach(ctx context.Context, o Erasure, a countAggregate, staging string) error {
	var partitions []string
	err := e.Conn.QueryRow(o.withMark(ctx), `SELECT groupUniqArray(_partition_id) FROM `+staging+`
WHERE _partition_id NOT IN (SELECT _partition_id FROM `+a.name+` WHERE `+a.marked()+`)`).Scan(&partitions)
	if err != nil {
		return err
	}
	slices.Sort(partitions)
	for _, p := range partitions {
		if err := e.Conn.Exec(ctx, "ALTER TABLE "+a.name+" ATTACH PARTITION ID '"+p+"' FROM "+staging); err != nil {
			return err
		}
	}
	return nil
}

// unmark removes the marks of an erasure that is through.
func (e Erasures) unmark(ctx context.Context, o Erasure) error {
	aggregates, err := e.counts(ctx)
	if err != nil {
		return err
	}
	for _, a := range aggregates {
		if err := e.mutate(o.withMark(ctx), a.name, "DELETE FROM "+a.name+" WHERE "+a.marked()); err != nil {
			return fmt.Errorf("remove the marks of an erasure from %s: %w", a.name, err)
		}
	}
	return nil
}

// removeZeros deletes the rows of an aggregate in which the person was the only
// one: their keys, an object or a tag, may tell something. Which they are is
// written down first, since a deletion goes part by part, and a killed one goes
// on after a restart.
func (e Erasures) removeZeros(ctx context.Context, o Erasure, a countAggregate, staging string, counts map[string]uint64) error {
	if err := e.awaitMutations(ctx, a.name); err != nil {
		return err
	}
	table, key, zero := a.name, a.key(), a.zero()
	more := map[string]string{"target": table}
	for _, step := range []string{
		"DELETE FROM erasure_keys WHERE id = {id:String} AND target = {target:String}",
		`INSERT INTO erasure_keys SELECT {id:String}, {target:String}, ` + key + ` AS key FROM ` + a.name + `
WHERE project = {project:String} AND key IN (SELECT ` + key + ` FROM ` + staging + `) GROUP BY key HAVING ` + zero,
	} {
		if err := e.Conn.Exec(o.with(ctx, more), step); err != nil {
			return fmt.Errorf("find what is left without a count in %s: %w", a.name, err)
		}
	}
	return e.remove(ctx, o, a.name, "project = {project:String} AND "+key+
		" IN (SELECT key FROM erasure_keys WHERE id = {id:String} AND target = {target:String})", more, counts)
}

// key is the sort key of a row as text.
func (a *countAggregate) key() string {
	var names []string
	for _, c := range a.columns {
		if c.key {
			names = append(names, c.name)
		}
	}
	return "toString(tuple(" + strings.Join(names, ", ") + "))"
}

// zero tells whether nothing is left to count.
func (a *countAggregate) zero() string {
	var sums []string
	for _, c := range a.columns {
		if c.isSum() {
			sums = append(sums, "sum("+c.name+") = 0")
		}
	}
	return strings.Join(sums, " AND ")
}

// codeUnfinished is what ClickHouse says when a deletion was interrupted, for
// example by a partition that was replaced beside it: it goes on by itself.
const codeUnfinished = 341

// mutationPatience bounds the wait for a deletion that was interrupted.
const mutationPatience = 5 * time.Minute

// mutate runs a statement that changes rows of a table, and returns once they
// are changed.
func (e Erasures) mutate(ctx context.Context, table, statement string) error {
	err := e.Conn.Exec(ctx, statement)
	if code, known := CodeOf(err); err == nil || !known || code != codeUnfinished {
		return err
	}
	waiting, done := context.WithTimeout(ctx, mutationPatience)
	defer done()
	if e.awaitMutations(waiting, table) != nil {
		return err
	}
	return nil
}

// mutationPause is the time between two looks at deletions under way.
const mutationPause = 100 * time.Millisecond

// awaitMutations returns once no deletion from a table is under way: one that
// was interrupted by a kill of ClickHouse goes on by itself.
func (e Erasures) awaitMutations(ctx context.Context, table string) error {
	for {
		var n uint64
		err := e.Conn.QueryRow(parameters(ctx, map[string]string{"table": table}),
			"SELECT count() FROM system.mutations WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done").Scan(&n)
		if err != nil {
			return fmt.Errorf("look for deletions from %s: %w", table, err)
		}
		if n == 0 {
			return nil
		}
		select {
		case <-time.After(mutationPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
