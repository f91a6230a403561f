package proof

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Database reads from the database of the raw tables, which is the connection's
// default. It is the part of clickhouse-go's driver.Conn that Compare needs.
type Database interface {
	QueryRow(ctx context.Context, query string, args ...any) driver.Row
}

// MaxExamples is how many differing rows a Finding shows.
const MaxExamples = 20

// Finding is what the comparison of one table with raw found.
type Finding struct {
	Table     string
	Rows      uint64 // distinct rows, in the table or in raw
	Differing uint64 // rows that only one of them has
	Examples  []Example
}

// Example is a row that the table and raw do not have equally often.
type Example struct {
	Row   string // all columns, as ClickHouse prints a tuple
	Shown uint64 // how often it is in the table
	Raw   uint64 // how often raw says that it has to be
}

// String says where the row is missing or too much.
func (e Example) String() string {
	return fmt.Sprintf("%s: %d in the table, %d by raw", e.Row, e.Shown, e.Raw)
}

// Compare holds every aggregate of a project against raw and returns a finding
// a table, in the order of Aggregates. Nothing may be loaded meanwhile: the two
// sides are read one after the other.
func Compare(ctx context.Context, db Database, project string) ([]Finding, error) {
	return compareAll(ctx, db, project, aggregates)
}

func compareAll(ctx context.Context, db Database, project string, pairs []Pair) ([]Finding, error) {
	findings := make([]Finding, 0, len(pairs))
	for _, p := range pairs {
		f, err := p.compare(ctx, db, project)
		if err != nil {
			return findings, fmt.Errorf("compare %s with raw: %w", p.Name, err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// Differing returns the findings that are not equal.
func Differing(all []Finding) []Finding {
	var differing []Finding
	for _, f := range all {
		if f.Differing > 0 {
			differing = append(differing, f)
		}
	}
	return differing
}

func (p Pair) compare(ctx context.Context, db Database, project string) (Finding, error) {
	return p.find(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"project": project})), db)
}

// find reads the differences; the parameters are bound to ctx.
func (p Pair) find(ctx context.Context, db Database) (Finding, error) {
	f := Finding{Table: p.Name}
	var rows []string
	var shown, raw []uint64
	if err := db.QueryRow(ctx, p.comparison()).Scan(&f.Rows, &f.Differing, &rows, &shown, &raw); err != nil {
		return f, err
	}
	for i := range rows {
		f.Examples = append(f.Examples, Example{rows[i], shown[i], raw[i]})
	}
	return f, nil
}

// comparison counts each whole row on both sides. Rows are compared as text:
// the types of the two sides differ where raw is asked by other functions.
func (p Pair) comparison() string {
	return fmt.Sprintf(`SELECT count(), countIf(shown != raw),
	groupArrayIf(%[1]d)(row, shown != raw), groupArrayIf(%[1]d)(shown, shown != raw), groupArrayIf(%[1]d)(raw, shown != raw)
FROM (
	SELECT row, sum(s) AS shown, sum(r) AS raw FROM (
		SELECT toString(tuple(*)) AS row, 1 AS s, 0 AS r FROM (%[2]s)
		UNION ALL
		SELECT toString(tuple(*)), 0, 1 FROM (%[3]s)
	) GROUP BY row ORDER BY row
)`, MaxExamples, p.Shown, p.Raw)
}
