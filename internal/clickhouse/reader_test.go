package clickhouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
)

func reader(t *testing.T, change func(*clickhouse.ReadLimits)) *clickhouse.Reader {
	t.Helper()
	limits := clickhouse.ReadLimits{Timeout: 10 * time.Second, MaxMemory: 256 << 20, MaxResultRows: 1000, MaxConcurrent: 2}
	if change != nil {
		change(&limits)
	}
	r, err := clickhouse.OpenReader(enginetest.Migrated(t), limits, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func discard(func(dest ...any) error) error { return nil }

func TestParametersAreBoundAndNeverBecomeSQL(t *testing.T) {
	const nasty = `'; DROP TABLE events; -- \ {x:String}`
	var got string
	read, err := reader(t, nil).Query(context.Background(), "test", "SELECT {v:String} FROM numbers(7) LIMIT 1",
		map[string]string{"v": nasty}, func(scan func(dest ...any) error) error { return scan(&got) })
	if err != nil || got != nasty {
		t.Errorf("%q came back as %q, %v", nasty, got, err)
	}
	if read == 0 {
		t.Error("no rows are said to be read")
	}
}

func TestReportsReadAsAUserThatCannotWrite(t *testing.T) {
	r := reader(t, nil)
	for _, sql := range []string{
		"INSERT INTO events (project) VALUES ('x')", "DROP TABLE events", "ALTER TABLE events DELETE WHERE 1",
		"TRUNCATE TABLE events", "CREATE TABLE t (a UInt8) ENGINE = Memory", "SYSTEM FLUSH LOGS",
	} {
		if _, err := r.Query(context.Background(), "test", sql, nil, discard); err == nil {
			t.Errorf("the reader may %s", sql)
		}
	}
}

func TestEachBoundOfAQueryIsSaidByName(t *testing.T) {
	for _, c := range []struct {
		name, sql, limit string
		change           func(*clickhouse.ReadLimits)
	}{
		{"time", "SELECT sleepEachRow(0.5) FROM numbers(20) SETTINGS max_block_size = 1", "timeout",
			func(l *clickhouse.ReadLimits) { l.Timeout = time.Second }},
		{"memory", "SELECT groupArray(toString(number)) FROM numbers(50000000)", "memory",
			func(l *clickhouse.ReadLimits) { l.MaxMemory = 64 << 20 }},
		{"rows", "SELECT number FROM numbers(2000)", "rows", nil},
	} {
		_, err := reader(t, c.change).Query(context.Background(), "test", c.sql, nil, discard)
		var limit *clickhouse.LimitError
		if !errors.As(err, &limit) || limit.Limit != c.limit {
			t.Errorf("%s: %v, want the limit %s", c.name, err, c.limit)
		}
	}
}

func TestAQueryThatWouldReadTooMuchIsRefusedBeforeItReads(t *testing.T) {
	conn := writer(t, enginetest.Migrated(t))
	err := conn.Exec(t.Context(), `INSERT INTO events (project, day, type, person, occurred_at, id)
SELECT 'scanned', toDate('2024-03-01') + number % 20, 'login', number % 100, now64(3, 'UTC'), toString(number) FROM numbers(60000)`)
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, func(l *clickhouse.ReadLimits) { l.MaxScanRows = 30_000 })
	const count = "SELECT uniqExact(id) FROM events WHERE project = {project:String} AND day < {to:Date}"
	read, err := r.Query(context.Background(), "test", count, map[string]string{"project": "scanned", "to": "2024-04-01"}, discard)
	var limit *clickhouse.LimitError
	if !errors.As(err, &limit) || limit.Limit != "scan" || read != 0 {
		t.Errorf("%d rows were read, %v; want the limit scan before any", read, err)
	}
	read, err = r.Query(context.Background(), "test", count, map[string]string{"project": "scanned", "to": "2024-03-02"}, discard)
	if err != nil || read == 0 {
		t.Errorf("of a day %d rows were read: %v", read, err)
	}
}

func TestAClientThatGoesAwayCancelsItsQueryOnTheServer(t *testing.T) {
	const mark = "SELECT count() FROM numbers(1000000000000) WHERE number % 7 = 8 /* long one */"
	conn := writer(t, enginetest.Migrated(t))
	running := func() uint64 {
		var n uint64
		if err := conn.QueryRow(context.Background(), "SELECT count() FROM system.processes WHERE query LIKE '%long one%' AND user = 'ibarura_reader'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	r := reader(t, nil)
	go func() {
		_, err := r.Query(ctx, "test", mark, nil, discard)
		failed <- err
	}()
	waitUntil(t, "the query runs", func() bool { return running() == 1 })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled query: %v", err)
	}
	waitUntil(t, "the query is gone", func() bool { return running() == 0 })
}

func TestTheEngineIsNewEnough(t *testing.T) {
	if version, err := clickhouse.CheckVersion(context.Background(), writer(t, enginetest.Migrated(t))); err != nil || !strings.HasPrefix(version, "26.") {
		t.Errorf("the engine: %q, %v", version, err)
	}
}

func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within 10 s: %s", what)
}
