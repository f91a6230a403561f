package clickhouse

import (
	"context"
	"fmt"
	"time"
)

// ofPerson is what tells the rows of the persons {persons:Array(UInt64)} in a
// raw table. An alias says that a former id is a user, so it is about both.
var ofPerson = map[string]string{
	"events": `project = {project:String} AND (has({persons:Array(UInt64)}, person)
	OR type = 'alias' AND anonymous_id != '' AND (` + isPerson("u:", "anonymous_id") + ` OR ` + isPerson("a:", "anonymous_id") + `))`,
	"page_views": `project = {project:String} AND has({persons:Array(UInt64)}, person)`,
}

// rawTables are the tables that the loader writes.
var rawTables = []string{"events", "page_views"}

// isPerson is the SQL that tells whether an id is one of the persons: what
// event.PersonOf does in Go.
func isPerson(prefix, column string) string {
	return `has({persons:Array(UInt64)}, greatest(xxHash64(concat('` + prefix + `', ` + column + `)), toUInt64(1)))`
}

// beforeCut tells whether a row came before its spool saw the order. Rows of
// spools that have not said when that was all did: they load no more.
const beforeCut = `seq < transform(bitShiftRight(seq, 40), {numbers:Array(UInt64)}, {cuts:Array(UInt64)}, toUInt64(18446744073709551615))`

// erased is the numbers of the rows that an erasure removes from a raw table.
func erased(table string) string {
	return `(SELECT seq FROM erasure_rows WHERE id = {id:String} AND target = '` + table + `')`
}

// with binds what the statements of an erasure know of it.
func (o *Erasure) with(ctx context.Context, more map[string]string) context.Context {
	values := map[string]string{"id": o.ID, "project": o.Project, "persons": numberList(o.Persons)}
	for name, value := range more {
		values[name] = value
	}
	return parameters(ctx, values)
}

func cutsOf(spools []ErasureSpool) map[string]string {
	var numbers, cuts []uint64
	for _, s := range spools {
		numbers, cuts = append(numbers, s.Cut>>40), append(cuts, s.Cut)
	}
	return map[string]string{"numbers": numberList(numbers), "cuts": numberList(cuts)}
}

// Copy writes down which rows an erasure removes: those of the person in raw,
// but for rows that came into the spools after they saw the order. From then
// on the set stands, whatever is loaded. It returns how many rows there are in
// each table.
func (e Erasures) Copy(ctx context.Context, o Erasure, spools []ErasureSpool) (map[string]uint64, error) {
	if err := e.forget(ctx, o); err != nil {
		return nil, err
	}
	counts := map[string]uint64{}
	for _, table := range rawTables {
		err := e.Conn.Exec(o.with(ctx, cutsOf(spools)), `INSERT INTO erasure_rows
SELECT {id:String}, '`+table+`', day, seq FROM `+table+` WHERE `+ofPerson[table]+` AND `+beforeCut)
		if err != nil {
			return nil, fmt.Errorf("write down which rows of %s are erased: %w", table, err)
		}
		var n uint64
		if err := e.Conn.QueryRow(o.with(ctx, nil), `SELECT count() FROM `+erased(table)).Scan(&n); err != nil {
			return nil, fmt.Errorf("count the rows of %s that are erased: %w", table, err)
		}
		counts[table] = n
	}
	return counts, nil
}

// forget removes what was written down of an erasure.
func (e Erasures) forget(ctx context.Context, o Erasure) error {
	for _, table := range []string{"erasure_rows", "erasure_keys"} {
		if err := e.mutate(o.with(ctx, nil), table, `DELETE FROM `+table+` WHERE id = {id:String}`); err != nil {
			return fmt.Errorf("forget which rows are erased: %w", err)
		}
	}
	return nil
}

// Months lists the first days of the months of the rows that are being erased.
func (e Erasures) Months(ctx context.Context, o Erasure) ([]time.Time, error) {
	var months []time.Time
	err := e.Conn.QueryRow(o.with(ctx, nil), `SELECT arraySort(groupUniqArray(toStartOfMonth(day))) FROM erasure_rows WHERE id = {id:String}`).Scan(&months)
	if err != nil {
		return nil, fmt.Errorf("list the months of an erasure: %w", err)
	}
	return months, nil
}
