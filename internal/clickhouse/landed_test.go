package clickhouse_test

import (
	"context"
	"testing"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/freshness"
)

// marks is a project of a test's own, whose days land and are looked at.
type marks struct {
	t       *testing.T
	landed  clickhouse.Landed
	project string
}

func newMarks(t *testing.T, project string) *marks {
	t.Helper()
	target := enginetest.Migrated(t)
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	inserter := clickhouse.NewInserter(target)
	t.Cleanup(func() { _, _ = inserter.Close(), conn.Close() })
	return &marks{t, clickhouse.Landed{Inserter: inserter, Conn: conn}, project}
}

func (m *marks) do(mark func(context.Context, []clickhouse.ProjectDay, string) error, token string) {
	m.t.Helper()
	if err := mark(m.t.Context(), []clickhouse.ProjectDay{{Project: m.project, Day: 20000}}, m.project+" "+token); err != nil {
		m.t.Fatal(err)
	}
}

// version is that of the day, and whether all has ended.
func (m *marks) version() (uint64, bool) {
	m.t.Helper()
	ctx := m.t.Context()
	var stand *freshness.Stand
	err := clickhouse.Deriver{Conn: m.landed.Conn, MaxMemory: 1 << 30}.Query(ctx, "stand", freshness.Query, map[string]string{"project": m.project},
		func(scan func(dest ...any) error) (err error) {
			stand, err = freshness.Scan(scan)
			return err
		})
	if err != nil {
		m.t.Fatal(err)
	}
	return stand.Version(freshness.Days{From: 20000, To: 20001})
}

func (m *marks) is(quiet bool) uint64 {
	m.t.Helper()
	version, got := m.version()
	if got != quiet {
		m.t.Errorf("quiet: %t, want %t", got, quiet)
	}
	return version
}

func TestALandingThatIsRepeatedMarksItsDayOnce(t *testing.T) {
	m := newMarks(t, "landed-repeated")
	m.do(m.landed.Begin, "one")
	m.do(m.landed.Begin, "one")
	begun := m.is(false)
	m.do(m.landed.End, "one")
	m.do(m.landed.End, "one")
	if ended := m.is(true); ended != begun {
		t.Errorf("version %d became %d at the end", begun, ended)
	}
}

func TestADayIsQuietWhenAllItsLandingsHaveEnded(t *testing.T) {
	m := newMarks(t, "landed-several")
	m.do(m.landed.Begin, "one")
	m.do(m.landed.Begin, "two")
	m.do(m.landed.End, "two")
	m.is(false)
	m.do(m.landed.End, "one")
	m.is(true)
}

func TestARebuildLeavesTheDaysOfItsMonthsChangedAndQuiet(t *testing.T) {
	m := newMarks(t, "landed-rebuilt")
	m.do(m.landed.Begin, "lost before it ended")
	before := m.is(false)
	for _, months := range [][]time.Time{{event.Day(20000).Time().AddDate(0, 0, 1-event.Day(20000).Time().Day())}, nil} {
		if err := m.landed.Changing(t.Context(), months, false); err != nil {
			t.Fatal(err)
		}
		m.is(false)
		if err := m.landed.Changing(t.Context(), months, true); err != nil {
			t.Fatal(err)
		}
		after := m.is(true)
		if after == before {
			t.Error("the version is that of before")
		}
		before = after
	}
}

func TestAnErasureThatIsBrokenOffLeavesItsProjectOpenUntilItEnds(t *testing.T) {
	m, other := newMarks(t, "landed-erased"), newMarks(t, "landed-beside")
	for _, of := range []*marks{m, other} {
		of.do(of.landed.Begin, "rows")
		of.do(of.landed.End, "rows")
	}
	before, beside := m.is(true), other.is(true)
	for _, done := range []bool{false, false, true} {
		if err := m.landed.Erasing(t.Context(), m.project, done); err != nil {
			t.Fatal(err)
		}
		m.is(done)
	}
	if m.is(true) == before || other.is(true) != beside {
		t.Error("the version of the erased project has to change, and no other")
	}
}
