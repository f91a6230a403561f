package faulttest

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/proof"
)

// Audit is what was found in the tables once all is loaded.
type Audit struct {
	Stored    int // rows of the raw tables
	Lost      int // ids that were acknowledged and are not there
	Doubled   int // ids that are there more than once
	Distorted int // rows that are not what was sent, or not on the right local day
	Strange   int // ids that were never sent, or had to be rejected
	Differing int // rows of aggregates that are not what raw says
	Examples  []string
}

// Clean reports whether every promise was kept.
func (a *Audit) Clean() bool {
	return a.Lost == 0 && a.Doubled == 0 && a.Distorted == 0 && a.Strange == 0 && a.Differing == 0
}

// maxExamples bounds what an audit names of what it found.
const maxExamples = 20

func (a *Audit) example(format string, args ...any) {
	if len(a.Examples) < maxExamples {
		a.Examples = append(a.Examples, fmt.Sprintf(format, args...))
	}
}

// Audit compares the ledger with the raw tables, id by id, and every aggregate
// with raw, row by row. Nothing may be sent or loaded meanwhile.
func (l *Ledger) Audit(ctx context.Context, conn driver.Conn, projects []Project) (*Audit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &Audit{}
	for _, project := range projects {
		for _, kind := range []Kind{Events, PageViews} {
			if err := a.ids(ctx, conn, book{project.Name, kind}, l.books[book{project.Name, kind}]); err != nil {
				return nil, err
			}
		}
		if err := a.aggregates(ctx, conn, project.Name); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Audit) ids(ctx context.Context, conn driver.Conn, at book, sent map[string]entry) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"project": at.project}))
	rows, err := conn.Query(ctx, "SELECT id, count(), min("+digests[at.kind]+"), max("+digests[at.kind]+") FROM "+at.kind.table()+
		" WHERE project = {project:String} GROUP BY id")
	if err != nil {
		return fmt.Errorf("read the ids of %s: %w", at.kind.table(), err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string]bool{}
	for rows.Next() {
		var id string
		var copies, least, most uint64
		if err := rows.Scan(&id, &copies, &least, &most); err != nil {
			return fmt.Errorf("read the ids of %s: %w", at.kind.table(), err)
		}
		found[id] = true
		a.row(at, id, copies, sent, least, most)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the ids of %s: %w", at.kind.table(), err)
	}
	a.missing(at, sent, found)
	return nil
}

// row judges one id of a raw table, with the least and the greatest digest of
// its rows.
func (a *Audit) row(at book, id string, copies uint64, sent map[string]entry, least, most uint64) {
	a.Stored += int(copies)
	e, known := sent[id]
	if !known {
		a.Strange++
		a.example("%s of %s: %s was never sent", at.kind, at.project, id)
		return
	}
	if copies > 1 {
		a.Doubled++
		a.example("%s of %s: %s is there %d times", at.kind, at.project, id, copies)
	}
	if least != e.digest || most != e.digest {
		a.Distorted++
		a.example("%s of %s: %s is not what was sent", at.kind, at.project, id)
	}
}

func (a *Audit) missing(at book, sent map[string]entry, found map[string]bool) {
	for id, e := range sent {
		if e.acknowledged && !found[id] {
			a.Lost++
			a.example("%s of %s: %s was acknowledged and is lost", at.kind, at.project, id)
		}
	}
}

func (a *Audit) aggregates(ctx context.Context, conn driver.Conn, project string) error {
	findings, err := proof.Compare(ctx, conn, project)
	if err != nil {
		return err
	}
	for _, f := range proof.Differing(findings) {
		a.Differing += int(f.Differing)
		for _, e := range f.Examples {
			a.example("%s of %s: %s", f.Table, project, e)
		}
	}
	return nil
}
