package access_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"

	"ibarura/internal/access"
	"ibarura/internal/enginetest"
	"ibarura/schema"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var databases atomic.Int64

// open returns a connection to a database of the test's own, with the tables
// of the migration that makes them.
func open(tb testing.TB) driver.Conn {
	tb.Helper()
	engine := enginetest.Start(tb)
	database := fmt.Sprintf("access_%d", databases.Add(1))
	admin := enginetest.Open(tb, engine, engine.Credentials().Writer)
	exec(tb, admin, "CREATE DATABASE "+database)
	for _, statement := range tables(tb) {
		exec(tb, admin, strings.ReplaceAll(statement, "${IBARURA_DATABASE}", database))
	}
	login := engine.Credentials().Writer
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{engine.Addr()},
		Auth: clickhouse.Auth{Username: login.User, Password: login.Password, Database: database},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

func newStore(tb testing.TB) *access.Store { return access.NewStore(open(tb)) }

// tables are the statements that create projects and api_keys, and what was
// added to them since.
func tables(tb testing.TB) []string {
	tb.Helper()
	var statements []string
	for _, file := range []string{"00006_access.sql", "00009_visitors.sql", "00023_view_links.sql"} {
		text, err := schema.Migrations.ReadFile("migrations/" + file)
		if err != nil {
			tb.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for _, part := range strings.Split(up, "-- +goose StatementBegin")[1:] {
			statement, _, _ := strings.Cut(part, "-- +goose StatementEnd")
			statements = append(statements, statement)
		}
	}
	return statements
}

func exec(tb testing.TB, conn driver.Conn, statement string) {
	tb.Helper()
	if err := conn.Exec(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}

// verifyNoLeaks fails the test if, once all is closed that it opens from here
// on, a goroutine is left that was not there before.
func verifyNoLeaks(tb testing.TB) {
	tb.Helper()
	enginetest.Start(tb) // whose supervisor stays
	before := goleak.IgnoreCurrent()
	tb.Cleanup(func() { goleak.VerifyNone(tb, before) })
}
