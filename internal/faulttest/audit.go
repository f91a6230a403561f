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
	Stored      int // rows of the raw tables
	Quarantined int // rows in quarantine
	Lost        int // ids that were acknowledged and are in neither
	Doubled     int // ids that are there more than once
	Distorted   int // rows that are not what was sent, or not on the right local day
	Strange     int // ids that were never sent, or had to be rejected, or refused by ClickHouse
	Differing   int // rows of aggregates that are not what raw says
	Examples    []string
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

// ids judges what one raw table and the quarantine hold of a project.
func (a *Audit) ids(ctx context.Context, conn driver.Conn, at book, sent map[string]entry) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"project": at.project, "table": at.kind.table()}))
	raw, err := idsOf(ctx, conn, "SELECT id, count(), min("+digests[at.kind]+"), max("+digests[at.kind]+") FROM "+at.kind.table()+
		" WHERE project = {project:String} GROUP BY id")
	if err != nil {
		return fmt.Errorf("read the ids of %s: %w", at.kind.table(), err)
	}
	refused, err := idsOf(ctx, conn, inQuarantine)
	if err != nil {
		return fmt.Errorf("read the ids in quarantine: %w", err)
	}
	for id, f := range raw {
		a.Stored += f.copies
		a.judge(at, id, sent, f, false)
	}
	for id, f := range refused {
		a.Quarantined += f.copies
		a.judge(at, id, sent, f, true)
	}
	for id, e := range sent {
		if e.acknowledged && raw[id].copies+refused[id].copies == 0 {
			a.Lost++
			a.example("%s of %s: %s was acknowledged and is lost", at.kind, at.project, id)
		}
	}
	return nil
}

// inQuarantine lists the rows on which nobody has decided.
const inQuarantine = `SELECT JSONExtractString(row, 'id') AS id, count(), toUInt64(0), toUInt64(0) FROM quarantine FINAL
WHERE state = 'held' AND target = {table:String} AND JSONExtractString(row, 'project') = {project:String} GROUP BY id`

// found is what a table has of an id: how many rows, and the least and the
// greatest of their digests.
type found struct {
	copies      int
	least, most uint64
}

func idsOf(ctx context.Context, conn driver.Conn, sql string) (map[string]found, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string]found{}
	for rows.Next() {
		var id string
		var copies uint64
		var f found
		if err := rows.Scan(&id, &copies, &f.least, &f.most); err != nil {
			return nil, err
		}
		f.copies = int(copies)
		all[id] = f
	}
	return all, rows.Err()
}

// judge holds one id that was found against what was sent.
func (a *Audit) judge(at book, id string, sent map[string]entry, f found, quarantine bool) {
	e, known := sent[id]
	if !known || e.poison != quarantine {
		a.Strange++
		a.example("%s of %s: %s was never sent, or does not belong here (quarantine: %t)", at.kind, at.project, id, quarantine)
		return
	}
	if f.copies > 1 {
		a.Doubled++
		a.example("%s of %s: %s is there %d times (quarantine: %t)", at.kind, at.project, id, f.copies, quarantine)
	}
	if !quarantine && (f.least != e.digest || f.most != e.digest) {
		a.Distorted++
		a.example("%s of %s: %s is not what was sent", at.kind, at.project, id)
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
