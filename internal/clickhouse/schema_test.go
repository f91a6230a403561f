package clickhouse_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/loader"
	"ibarura/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { enginetest.Main(m) }

const golden = "../../schema/golden.sql"

func TestSchemaUpDownUpMakesTheGoldenSchema(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	m := migrator(t, target)
	ctx := context.Background()
	conn := writer(t, target)

	applied, err := m.Up(ctx)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("../../schema/migrations/*.sql")
	if len(applied) != len(files) || len(files) == 0 {
		t.Fatalf("applied %d migrations of %d", len(applied), len(files))
	}
	first := dump(t, conn)
	if *update {
		if err := os.WriteFile(golden, []byte(first), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), first); diff != "" {
		t.Errorf("the schema is not the golden one; if that is meant, run with -update (-golden +live):\n%s", diff)
	}

	if _, err := m.DownAll(ctx); err != nil {
		t.Fatal(err)
	}
	if left := dump(t, conn); left != "" {
		t.Errorf("down leaves behind:\n%s", left)
	}
	if _, err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, dump(t, conn)); diff != "" {
		t.Errorf("up after down makes another schema:\n%s", diff)
	}
	if name, err := m.Redo(ctx); err != nil || name != filepath.Base(files[len(files)-1]) {
		t.Errorf("redo of the newest: %q, %v", name, err)
	}
	states, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.AppliedAt.IsZero() {
			t.Errorf("%s is pending after redo", s.Name)
		}
	}
}

func TestEveryColumnOfEveryTableAndBIViewHasAComment(t *testing.T) {
	target := enginetest.Migrated(t)
	rows, err := writer(t, target).Query(context.Background(), `
		SELECT database || '.' || table || '.' || name FROM system.columns
		WHERE database IN ('ibarura', 'bi') AND comment = ''
		  AND table NOT IN (SELECT name FROM system.tables WHERE engine = 'MaterializedView')
		  AND table NOT IN ('goose_db_version')
		UNION ALL
		SELECT database || '.' || name FROM system.tables
		WHERE database IN ('ibarura', 'bi') AND comment = '' AND engine != 'MaterializedView' AND name != 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s has no comment", name)
	}
}

func TestMigratorsAtOnceApplyEachMigrationOnce(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	// The environment that names the databases is set before, since the runners share it.
	runners := []*clickhouse.Migrator{migrator(t, target), migrator(t, target), migrator(t, target)}
	var mu sync.Mutex
	counts := map[string]int{}
	var wg sync.WaitGroup
	for _, m := range runners {
		wg.Go(func() {
			applied, err := m.Up(context.Background())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, name := range applied {
				counts[name]++
			}
		})
	}
	wg.Wait()
	if len(counts) == 0 {
		t.Fatal("nothing was applied")
	}
	for name, n := range counts {
		if n != 1 {
			t.Errorf("%s was applied %d times", name, n)
		}
	}
}

func TestMigrationLockOfADeadProcessIsTakenOver(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	m := migrator(t, target)
	conn := writer(t, target)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := conn.Exec(ctx, "CREATE TABLE ibarura.migration_lock (holder UInt8) ENGINE = Null COMMENT 'a process that is gone'"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestLiveTablesFitTheCodeAndEveryDifferenceIsNamed(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if _, err := migrator(t, target).Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	conn := writer(t, target)
	ctx := context.Background()
	if err := clickhouse.CheckTables(ctx, conn, loader.Columns(), schema.Names()); err != nil {
		t.Fatal(err)
	}
	for _, ddl := range []string{
		"ALTER TABLE ibarura.events MODIFY COLUMN user_id LowCardinality(String)",
		"ALTER TABLE ibarura.events DROP COLUMN tags SETTINGS alter_sync = 0, mutations_sync = 0",
		"DROP TABLE ibarura.page_views SYNC",
	} {
		if strings.Contains(ddl, "tags") { // the views that read it have to go first
			for _, view := range []string{"tag_day_from_events", "tag_person_from_events"} {
				if err := conn.Exec(ctx, "DROP VIEW ibarura."+view+" SYNC"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := conn.Exec(ctx, ddl); err != nil {
			t.Fatalf("%s: %v", ddl, err)
		}
	}
	err := clickhouse.CheckTables(ctx, conn, loader.Columns(), schema.Names())
	if err == nil {
		t.Fatal("a schema that was changed by hand passes")
	}
	for _, want := range []string{
		"events.user_id is LowCardinality(String), not String", "events.tags is missing", "table page_views is missing",
		"tag_day_from_events is missing", "tag_person_from_events is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
}

func migrator(t *testing.T, target clickhouse.Target) *clickhouse.Migrator {
	t.Helper()
	m, err := clickhouse.OpenMigrator(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func writer(t *testing.T, target clickhouse.Target) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// dump prints what the migrations made, in the order of names, one statement each.
func dump(t *testing.T, conn driver.Conn) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), `
		SELECT database, name, formatQuery(create_table_query) FROM system.tables
		WHERE database IN ('ibarura', 'bi') AND name NOT IN ('goose_db_version')
		ORDER BY database DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var b strings.Builder
	for rows.Next() {
		var database, name, ddl string
		if err := rows.Scan(&database, &name, &ddl); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "-- %s.%s\n%s;\n\n", database, name, ddl)
	}
	return b.String()
}
