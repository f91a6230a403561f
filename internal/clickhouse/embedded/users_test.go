package embedded_test

import (
	"errors"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
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
	var answer *clickhouse.Exception
	if errors.As(err, &answer) {
		return int(answer.Code)
	}
	return 0
}

func TestUsersMayDoWhatTheyAreFor(t *testing.T) {
	engine := enginetest.Start(t)
	creds := engine.Credentials()
	writer := enginetest.Open(t, engine, creds.Writer)
	for _, statement := range []string{
		"CREATE DATABASE ibarura",
		"CREATE DATABASE bi",
		"CREATE TABLE ibarura.raw (a UInt32) ENGINE = MergeTree ORDER BY a",
		"INSERT INTO ibarura.raw VALUES (1), (2)",
		"CREATE TABLE ibarura.visitor_salts (salt String) ENGINE = MergeTree ORDER BY ()",
		"CREATE TABLE ibarura.link_keys (key String) ENGINE = MergeTree ORDER BY ()",
		"CREATE TABLE ibarura.report_recipients (address String) ENGINE = MergeTree ORDER BY ()",
		"CREATE VIEW bi.shown DEFINER = ibarura SQL SECURITY DEFINER AS SELECT a FROM ibarura.raw",
		"CREATE VIEW bi.undefined AS SELECT a FROM ibarura.raw",
	} {
		exec(t, writer, statement)
	}
	conns := map[string]clickhouse.Conn{
		"reader":  enginetest.Open(t, engine, creds.Reader),
		"bi":      enginetest.Open(t, engine, creds.BI),
		"default": enginetest.Open(t, engine, embedded.Login{User: "default"}),
	}
	for _, c := range []struct {
		user, statement string
		want            int
	}{
		{"reader", "SELECT * FROM ibarura.raw", 0},
		{"reader", "SELECT * FROM bi.shown", codeNoPrivileges},
		{"reader", "SELECT * FROM ibarura.visitor_salts", codeNoPrivileges},
		{"reader", "SELECT * FROM ibarura.link_keys", codeNoPrivileges},
		{"reader", "SELECT * FROM ibarura.report_recipients", codeNoPrivileges},
		{"reader", "INSERT INTO ibarura.raw SELECT 3", codeNoPrivileges},
		{"reader", "DROP TABLE ibarura.raw", codeNoPrivileges},
		{"reader", "CREATE TABLE ibarura.more (a UInt8) ENGINE = Memory", codeNoPrivileges},
		{"reader", "ALTER TABLE ibarura.raw DELETE WHERE 1", codeNoPrivileges},
		{"reader", "SELECT * FROM system.processes", codeNoPrivileges},
		{"reader", "SELECT * FROM file('passwords', 'CSV', 'a String')", codeNoPrivileges},
		{"reader", "SET readonly = 0", codeReadonly},
		{"reader", "SELECT 1 SETTINGS max_execution_time = 5, max_memory_usage = 1000000, max_result_rows = 10", 0},
		{"reader", "SELECT 1 SETTINGS max_execution_time = 0", codeConstraint},
		{"reader", "SELECT 1 SETTINGS max_execution_time = 3601", codeConstraint},
		{"reader", "SELECT 1 SETTINGS max_memory_usage = 0", codeConstraint},
		{"reader", "SELECT 1 SETTINGS max_memory_usage = 1000000000000", 0}, // bounded by the server's limit
		{"reader", "SELECT 1 SETTINGS max_memory_usage_for_user = 1", codeConstraint},

		{"bi", "SELECT * FROM bi.shown", 0},
		{"bi", "SELECT * FROM bi.undefined", codeNoPrivileges},
		{"bi", "SELECT * FROM ibarura.raw", codeNoPrivileges},
		{"bi", "CREATE VIEW bi.own AS SELECT 1", codeNoPrivileges},
		{"bi", "SELECT 1 SETTINGS join_use_nulls = 1, max_result_rows = 10", 0},
		{"bi", "SELECT 1 SETTINGS max_execution_time = 0", codeConstraint},
		{"bi", "SELECT 1 SETTINGS max_execution_time = 601", codeConstraint},
		{"bi", "SELECT 1 SETTINGS max_memory_usage = 0", codeConstraint},
		{"bi", "SELECT 1 SETTINGS max_memory_usage = 1000000000000", codeConstraint},
		{"bi", "SET readonly = 0", codeReadonly},
		{"bi", "SELECT name, comment FROM system.columns WHERE database = 'bi'", 0},
		{"bi", "SELECT table_name FROM information_schema.tables", 0},
		{"bi", "SELECT throwIf(count() > 0) FROM system.parts", 0},
		{"bi", "SELECT throwIf(count() > 0) FROM system.tables WHERE database = 'ibarura'", 0},

		{"default", "SELECT * FROM ibarura.raw", codeNoPrivileges},
		{"default", "CREATE DATABASE more", codeNoPrivileges},
		{"default", "SYSTEM SHUTDOWN", codeNoPrivileges},
	} {
		t.Run(c.user+": "+c.statement, func(t *testing.T) {
			err := conns[c.user].Exec(t.Context(), c.statement)
			if code(err) != c.want || c.want == 0 && err != nil {
				t.Errorf("code %d (%v), want %d", code(err), err, c.want)
			}
		})
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	engine := enginetest.Start(t)
	conn := enginetest.Open(t, engine, embedded.Login{User: engine.Credentials().Writer.User, Password: "guess"})
	if err := conn.Ping(t.Context()); code(err) != codeAuthFailed {
		t.Errorf("err = %v, want code %d", err, codeAuthFailed)
	}
}
