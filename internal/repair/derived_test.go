package repair_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/derived"
	"ibarura/internal/repair"
)

// derive makes the derived tables of a project anew.
func (b *bench) derive(project string) {
	b.t.Helper()
	job := derived.New(derived.Options{Every: time.Second, Timeout: time.Minute, Keep: time.Hour},
		clickhouse.Deriver{Conn: b.conn, MaxMemory: 1 << 30}, nil, zap.NewNop(), prometheus.NewRegistry())
	if err := job.Refresh(b.t.Context(), derived.Project{Name: project, Zone: "UTC"}); err != nil {
		b.t.Fatal(err)
	}
}

// derivedRows are how many rows of the derived tables differ, of those that were
// compared.
func (b *bench) derivedRows() map[string]uint64 {
	b.t.Helper()
	tables, err := b.Verify(b.t.Context(), repair.Question{Tables: []string{"gap_day", "retention_cells"}})
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]uint64{}
	for _, t := range tables {
		if t.Rows == 0 {
			b.t.Errorf("no row of %s was compared", t.Table)
		}
		found[t.Table] = t.Differing
	}
	return found
}

func TestDerivedTablesAreHeldAgainstRaw(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.derive("p")
	if diff := cmp.Diff(map[string]uint64{"gap_day": 0, "retention_cells": 0}, b.derivedRows()); diff != "" {
		t.Errorf("made just now (-want +got):\n%s", diff)
	}
	for table, row := range map[string]string{
		"gap_day":         "(run, project, everyone, role, day, gap, n) SELECT any(run), 'p', true, '', '2025-01-02', 9, 1 FROM derived_runs WHERE part = 'gaps'",
		"retention_cells": "(run, project, interval, everyone, role, cohort, period, active) SELECT any(run), 'p', 'day', true, '', '2025-01-02', 9, 1 FROM derived_runs WHERE part = 'cells'",
	} {
		b.exec("INSERT INTO " + table + " " + row)
	}
	if found := b.derivedRows(); found["gap_day"] == 0 || found["retention_cells"] == 0 {
		t.Errorf("a row too many is not found: %v", found)
	}
}

func TestOfWhatHasLandedSinceDerivedTablesAreNotAskedYet(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.derive("p")
	b.exec("INSERT INTO events (project, day, type, person, occurred_at, id, user_id, active) VALUES ('p', '2025-01-05', 'login', 3, '2025-01-05 12:00:00', 'new', 'u3', true)")
	b.exec("INSERT INTO landed (project, day, begun, ended) VALUES ('p', '2025-01-05', 7, 7)")
	if diff := cmp.Diff(map[string]uint64{"gap_day": 0}, b.derivedRows()); diff != "" {
		t.Errorf("before what it has not seen (-want +got):\n%s", diff)
	}
}

func TestWhatOutlivesRawIsNoDrift(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.derive("p")
	january, never := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0).UTC()
	kept := clickhouse.Retention{Project: "p", From: clickhouse.Tiers[time.Time]{Raw: january, People: never, Counters: never}, Version: 1}
	if err := (clickhouse.Retentions{Conn: b.conn}).Put(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	b.exec("ALTER TABLE events DROP PARTITION 202412", "ALTER TABLE page_views DROP PARTITION 202412")
	tables, err := b.Verify(t.Context(), repair.Question{})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.Differing != 0 {
			t.Errorf("%s: %d rows differ: %v", table.Table, table.Differing, table.Drifts)
		}
	}
	if i := slices.IndexFunc(tables, func(f repair.Table) bool { return f.Table == "gap_day" }); i < 0 || tables[i].Rows == 0 {
		t.Error("gaps within January were not compared")
	}
	b.exec("INSERT INTO tag_day (project, day, tag, events) VALUES ('p', '2025-01-03', 'never', 5)")
	tables, err = b.Verify(t.Context(), repair.Question{Tables: []string{"tag_day"}})
	if err != nil || len(tables) != 1 || tables[0].Differing == 0 {
		t.Errorf("drift in January is not found: %v, %v", tables, err)
	}
	err = b.Rebuild(t.Context(), repair.Order{Range: repair.Range{From: january.AddDate(0, -1, 0), To: january}})
	if err == nil {
		t.Error("December was made anew from nothing")
	}
}
