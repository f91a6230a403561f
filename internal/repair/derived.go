package repair

import (
	"context"
	"fmt"
	"slices"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
	"ibarura/internal/freshness"
	"ibarura/internal/proof"
)

// The derived tables, by their parts.
var derivedTables = map[string]freshness.Part{"gap_day": freshness.Gaps, "retention_cells": freshness.Cells}

// split takes the derived tables out of those that are asked for. They are about
// all of history: a range leaves them out unless they are named.
func (q Question) split() (aggregates, derived []string) {
	for _, table := range q.Tables {
		if _, is := derivedTables[table]; is {
			derived = append(derived, table)
		} else {
			aggregates = append(aggregates, table)
		}
	}
	if len(q.Tables) == 0 && q.Range == (Range{}) {
		derived = []string{"gap_day", "retention_cells"}
	}
	return aggregates, derived
}

// derived holds the derived tables of every project against raw, as far as the
// runs in force have seen what has landed.
func (v *verification) derived(ctx context.Context, tables []string) error {
	ctx = driver.Context(ctx, driver.WithSettings(v.repairer.Limits.Settings()))
	var projects []string
	if len(tables) > 0 {
		err := v.repairer.Conn.QueryRow(ctx, "SELECT groupUniqArray(project) FROM derived_runs WHERE ? = '' OR project = ?",
			v.question.Project, v.question.Project).Scan(&projects)
		if err != nil {
			return fmt.Errorf("list what is derived: %w", err)
		}
	}
	slices.Sort(projects)
	for _, table := range tables {
		for _, project := range projects {
			if err := v.derivedOf(ctx, table, project); err != nil {
				return fmt.Errorf("compare %s with raw: %w", table, err)
			}
		}
		if len(projects) > 0 {
			v.repairer.step("verified " + table)
		}
	}
	return nil
}

// derivedOf compares one table of a project. Rows may be loaded meanwhile: if some
// land on the days that are compared, it begins again, and in the end leaves the
// table to the next time.
func (v *verification) derivedOf(ctx context.Context, table, project string) error {
	part := derivedTables[table]
	for range tries {
		before, err := v.stand(ctx, project)
		if err != nil {
			return err
		}
		run := before.Runs[part]
		until, some := seenUntil(before, run, part)
		if _, removed := v.rawFrom[project]; run.ID == 0 || !some || removed && part == freshness.Cells {
			return nil
		}
		f, err := v.hold(ctx, part, project, until)
		if err != nil {
			return err
		}
		after, err := v.stand(ctx, project)
		if err != nil {
			return err
		}
		if still, _ := seenUntil(after, run, part); after.Runs[part].ID == run.ID && still >= until {
			v.add([]Table{tableOf(f, project)})
			return nil
		}
	}
	v.repairer.step(fmt.Sprintf("left out %s of %s, as rows are loaded all the time", table, project))
	return nil
}

func (v *verification) hold(ctx context.Context, part freshness.Part, project string, until event.Day) (proof.Finding, error) {
	if part == freshness.Cells {
		return proof.CompareCells(ctx, v.repairer.Conn, project)
	}
	return proof.CompareGaps(ctx, v.repairer.Conn, project, v.rawFrom[project], until.Time())
}

func tableOf(f proof.Finding, project string) Table {
	t := Table{Table: f.Table, Rows: f.Rows, Periods: 1, Differing: f.Differing}
	if f.Differing > 0 {
		t.Drifts = []Drift{{Project: project, Differing: f.Differing, Examples: f.Examples}}
	}
	return t
}

// seenUntil returns the first day of which a run may lack something; a gap depends
// on the days before it alone, a cell on all.
func seenUntil(s *freshness.Stand, run freshness.Run, part freshness.Part) (until event.Day, some bool) {
	changed := s.Changed(run)
	switch {
	case len(changed) == 0:
		return event.MaxDay, true
	case part == freshness.Cells:
		return 0, false
	}
	return changed[0], changed[0] > 0
}

func (v *verification) stand(ctx context.Context, project string) (stand *freshness.Stand, err error) {
	db := clickhouse.Deriver{Conn: v.repairer.Conn, MaxMemory: v.repairer.Limits.Memory}
	err = db.Query(ctx, "stand", freshness.Query, map[string]string{"project": project}, func(scan func(dest ...any) error) error {
		stand, err = freshness.Scan(scan)
		return err
	})
	return stand, err
}
