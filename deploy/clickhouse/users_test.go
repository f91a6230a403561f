package clickhouse_test

import (
	"errors"
	"strings"
	"testing"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse"
	"ibarura/internal/loader"
	"ibarura/schema"
)

// Error codes of ClickHouse.
const (
	codeReadonly     = 164
	codeConstraint   = 452
	codeNoPrivileges = 497
	codeAuthFailed   = 516
)

// code is the ClickHouse code of an error, 0 if it has none.
func code(err error) int {
	var answer *driver.Exception
	if errors.As(err, &answer) {
		return int(answer.Code)
	}
	return 0
}

func TestUsersFromFilesAreEnoughAndNoMore(t *testing.T) {
	addr := startServer(t, "users.d/ibarura.xml")
	migrate(t, addr)
	checkStatements(t, addr)
	if err := open(t, addr, "ibarura", "").Ping(t.Context()); code(err) != codeAuthFailed {
		t.Errorf("the writer without a password: %v", err)
	}
}

func TestOnlyTheQueryLogIsKeptAndNotForEver(t *testing.T) {
	addr := startServer(t, "users.d/ibarura.xml")
	admin := open(t, addr, "admin", adminPassword)
	if err := admin.Exec(t.Context(), "SYSTEM FLUSH LOGS"); err != nil {
		t.Fatal(err)
	}
	rows, err := admin.Query(t.Context(), "SELECT name, create_table_query FROM system.tables WHERE database = 'system' AND name LIKE '%_log'")
	if err != nil {
		t.Fatal(err)
	}
	logs := map[string]string{}
	for rows.Next() {
		var name, create string
		if err := rows.Scan(&name, &create); err != nil {
			t.Fatal(err)
		}
		logs[name] = create
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	if len(logs) != 1 || !strings.Contains(logs["query_log"], "TTL event_date + toIntervalDay(7)") {
		t.Errorf("system logs: %v", logs)
	}
}

// migrate does what `ibarura serve` does at its start, as the writer, and takes
// it all back and does it again.
func migrate(t *testing.T, addr string) {
	t.Helper()
	target := clickhouse.Target{
		Addr: []string{addr}, Database: "ibarura", BIDatabase: "bi",
		User: "ibarura", Password: writerPassword, ReaderUser: "ibarura_reader", ReaderPassword: readerPassword,
	}
	migrator, err := clickhouse.OpenMigrator(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = migrator.Close() }()
	_, up := migrator.Up(t.Context())
	_, down := migrator.DownAll(t.Context())
	_, again := migrator.Up(t.Context())
	if err := errors.Join(up, down, again); err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := clickhouse.CheckVersion(t.Context(), conn); err != nil {
		t.Error(err)
	}
	if err := clickhouse.CheckTables(t.Context(), conn, loader.Columns(), schema.Names()); err != nil {
		t.Error(err)
	}
}

func checkStatements(t *testing.T, addr string) {
	conns := map[string]driver.Conn{
		"ibarura":        open(t, addr, "ibarura", writerPassword),
		"ibarura_reader": open(t, addr, "ibarura_reader", readerPassword),
		"bi":             open(t, addr, "bi", biPassword),
	}
	for _, c := range []struct {
		user, statement string
		want            int
	}{
		{"ibarura", "INSERT INTO ibarura.events (project, day, type, person, user_id, active) VALUES ('p', '2026-01-02', 't', 7, 'u', true)", 0},
		{"ibarura", "INSERT INTO ibarura.page_views (project, day, path, person) VALUES ('p', '2026-01-02', '/', 7)", 0},
		{"ibarura", "ALTER TABLE ibarura.events DELETE WHERE project = 'nobody' SETTINGS mutations_sync = 1", 0},
		{"ibarura", "SELECT throwIf(value != '0') FROM system.settings WHERE name = 'async_insert'", 0},
		{"ibarura", "SELECT * FROM system.processes", codeNoPrivileges},
		{"ibarura", "CREATE DATABASE other", codeNoPrivileges},
		{"ibarura", "CREATE USER other", codeNoPrivileges},
		{"ibarura", "SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')", codeNoPrivileges},

		{"ibarura_reader", "SELECT throwIf(count() != 1) FROM ibarura.events", 0},
		{"ibarura_reader", "SELECT throwIf(sum(events) != 1) FROM ibarura.user_day", 0},
		{"ibarura_reader", "SELECT * FROM bi.events", codeNoPrivileges},
		{"ibarura_reader", "SELECT * FROM ibarura.visitor_salts", codeNoPrivileges},
		{"ibarura_reader", "SELECT expires_at FROM ibarura.visitor_salts", codeNoPrivileges},
		{"ibarura_reader", "SELECT name FROM ibarura.link_keys", codeNoPrivileges},
		{"ibarura_reader", "SELECT id FROM ibarura.report_recipients", codeNoPrivileges},
		{"ibarura_reader", "INSERT INTO ibarura.events (project) SELECT 'p'", codeNoPrivileges},
		{"ibarura_reader", "TRUNCATE TABLE ibarura.events", codeNoPrivileges},
		{"ibarura_reader", "SELECT * FROM system.processes", codeNoPrivileges},
		{"ibarura_reader", "SET readonly = 0", codeReadonly},
		{"ibarura_reader", "SELECT 1 SETTINGS max_execution_time = 30, max_memory_usage = 2147483648, max_result_rows = 100000, result_overflow_mode = 'throw'", 0},
		{"ibarura_reader", "SELECT 1 SETTINGS max_execution_time = 0", codeConstraint},
		{"ibarura_reader", "SELECT 1 SETTINGS max_memory_usage = 0", codeConstraint},
		{"ibarura_reader", "SELECT 1 SETTINGS max_memory_usage = 100000000000", codeConstraint},

		{"bi", "SELECT throwIf(count() != 1) FROM bi.events", 0},
		{"bi", "SELECT throwIf(sum(page_views) != 1) FROM bi.metrics_daily", 0},
		{"bi", "SELECT throwIf(count() != 13) FROM system.tables WHERE database = 'bi'", 0},
		{"bi", "SELECT throwIf(count() != 13) FROM information_schema.tables WHERE table_schema = 'bi'", 0},
		{"bi", "SELECT throwIf(count() = 0) FROM information_schema.columns WHERE table_schema = 'bi'", 0},
		{"bi", "SELECT throwIf(count() > 0) FROM system.tables WHERE database = 'ibarura'", 0},
		{"bi", "SELECT * FROM ibarura.events", codeNoPrivileges},
		{"bi", "SELECT * FROM ibarura.visitor_salts", codeNoPrivileges},
		{"bi", "CREATE VIEW bi.own AS SELECT 1", codeNoPrivileges},
		{"bi", "SELECT 1 SETTINGS join_use_nulls = 1", 0},
		{"bi", "SELECT 1 SETTINGS max_memory_usage_for_user = 0", codeConstraint},
		{"bi", "SELECT 1 SETTINGS max_concurrent_queries_for_user = 0", codeConstraint},
	} {
		t.Run(c.user+": "+c.statement, func(t *testing.T) {
			err := conns[c.user].Exec(t.Context(), c.statement)
			if code(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("code %d (%v), want %d", code(err), err, c.want)
			}
		})
	}
}
