package enginetest

import (
	"context"
	"sync"
	"testing"

	"ibarura/internal/clickhouse"
	"ibarura/internal/clickhouse/embedded"
)

var migrated struct {
	once sync.Once
	err  error
}

// Target says how to reach an engine as the application does.
func Target(engine *embedded.Engine) clickhouse.Target {
	users := engine.Credentials()
	return clickhouse.Target{
		Addr:           []string{engine.Addr()},
		Database:       "ibarura",
		BIDatabase:     "bi",
		User:           users.Writer.User,
		Password:       users.Writer.Password,
		ReaderUser:     users.Reader.User,
		ReaderPassword: users.Reader.Password,
	}
}

// Migrated returns the shared engine with the schema in place. Tests keep out
// of each other's way by taking projects of their own.
func Migrated(tb testing.TB) clickhouse.Target {
	tb.Helper()
	target := Target(Start(tb))
	migrated.once.Do(func() { migrated.err = Migrate(target) })
	if migrated.err != nil {
		tb.Fatal(migrated.err)
	}
	return target
}

// Migrate brings the schema of a target up to date.
func Migrate(target clickhouse.Target) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	m, err := clickhouse.OpenMigrator(ctx, target)
	if err != nil {
		return err
	}
	defer func() { _ = m.Close() }()
	_, err = m.Up(ctx)
	return err
}
