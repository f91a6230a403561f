package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// RawTables is what the loader asks of the tables besides inserting: which rows
// are there, where refused ones are kept, and the aggregates made anew. It
// works as the writer, outside the limits of readers.
type RawTables struct{ Conn driver.Conn }

// Present returns the numbers from low to high, both included, that rows of a
// table's month have. The table's name is one of ours.
func (r RawTables) Present(ctx context.Context, table string, month time.Time, low, high uint64) (map[uint64]bool, error) {
	rows, err := r.Conn.Query(parameters(ctx, map[string]string{
		"from": month.Format(time.DateOnly), "to": month.AddDate(0, 1, 0).Format(time.DateOnly),
		"low": strconv.FormatUint(low, 10), "high": strconv.FormatUint(high, 10), "table": table,
	}), `SELECT seq FROM {table:Identifier}
WHERE day >= {from:Date} AND day < {to:Date} AND seq BETWEEN {low:UInt64} AND {high:UInt64}
SETTINGS apply_deleted_mask = 0`)
	if err != nil {
		return nil, fmt.Errorf("ask which rows %s has: %w", table, err)
	}
	return numbers(rows, fmt.Sprintf("ask which rows %s has", table))
}

// Kept returns the numbers from low to high, both included, of a table's rows
// that went to quarantine, whatever was decided about them.
func (r RawTables) Kept(ctx context.Context, table string, low, high uint64) (map[uint64]bool, error) {
	rows, err := r.Conn.Query(parameters(ctx, map[string]string{
		"low": strconv.FormatUint(low, 10), "high": strconv.FormatUint(high, 10), "table": table,
	}), `SELECT seq FROM quarantine WHERE toString(target) = {table:String} AND seq BETWEEN {low:UInt64} AND {high:UInt64}`)
	if err != nil {
		return nil, fmt.Errorf("ask which rows of %s are in quarantine: %w", table, err)
	}
	return numbers(rows, fmt.Sprintf("ask which rows of %s are in quarantine", table))
}

// numbers reads a column of row numbers.
func numbers(rows driver.Rows, question string) (map[uint64]bool, error) {
	all := map[uint64]bool{}
	err := forEach(rows, func(scan func(dest ...any) error) error {
		var seq uint64
		if err := scan(&seq); err != nil {
			return fmt.Errorf("%s: %w", question, err)
		}
		all[seq] = true
		return nil
	})
	return all, err
}

// Rebuild makes every aggregate of some months, given by their first days, anew
// from raw, each partition at once. Nothing may be inserted meanwhile.
func (r RawTables) Rebuild(ctx context.Context, months []time.Time) error {
	rebuilder := Rebuilder{Conn: r.Conn, Fencer: standing{}, Additive: true, EvenEmpty: true}
	units, err := rebuilder.Units(ctx, nil, months)
	if err != nil {
		return err
	}
	for _, u := range units {
		if err := rebuilder.Do(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// standing is the fence of a caller who knows that nothing is loaded.
type standing struct{}

// ID is no claim's: its tables go with the first claim that is taken.
func (standing) ID() string { return "0" }

func (standing) Fence(context.Context) (release func(), err error) { return func() {}, nil }

func (standing) Held(context.Context) error { return nil }

// OtherWriters reports whether raw rows came within the last day whose seq does
// not begin with a log's number, or the next one, into which a log runs on.
func (r RawTables) OtherWriters(ctx context.Context, number uint64) (bool, error) {
	var others bool
	err := r.Conn.QueryRow(parameters(ctx, map[string]string{"number": strconv.FormatUint(number, 10)}), `
SELECT count() > 0 FROM (
    SELECT seq FROM events WHERE received_at > now() - INTERVAL 1 DAY
    UNION ALL SELECT seq FROM page_views WHERE received_at > now() - INTERVAL 1 DAY)
WHERE bitShiftRight(seq, 40) NOT IN ({number:UInt64}, {number:UInt64} + 1)`).Scan(&others)
	if err != nil {
		return false, fmt.Errorf("ask whether others write: %w", err)
	}
	return others, nil
}

// parameters binds server-side parameters to a query.
func parameters(ctx context.Context, values map[string]string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithParameters(values))
}
