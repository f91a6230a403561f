package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"

	"ibarura/schema"
)

// MigrationState is one migration and when it was applied; the zero time means
// that it is pending.
type MigrationState struct {
	Version   int64
	Name      string
	AppliedAt time.Time
}

// Migrator applies the embedded migrations, one runner at a time.
type Migrator struct {
	provider *goose.Provider
	server   string // its version
}

// identifier is what a database or user name may look like: the names become
// part of DDL, where parameters cannot be bound.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// OpenMigrator refuses a server that is too old, creates the two databases if
// they are missing and prepares the migrations for them. The names reach the files through the environment
// (goose's ENVSUB), so one process migrates one target.
func OpenMigrator(ctx context.Context, t Target) (*Migrator, error) {
	for field, name := range map[string]string{"database": t.Database, "BI database": t.BIDatabase, "user": t.User} {
		if !identifier.MatchString(name) {
			return nil, fmt.Errorf("migrate: the %s %q is not a plain identifier (letters, digits, _; at most 63)", field, name)
		}
	}
	server, err := createDatabases(ctx, t)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"IBARURA_DATABASE": t.Database, "IBARURA_BI_DATABASE": t.BIDatabase, "IBARURA_WRITER": t.User,
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("migrate: set %s: %w", name, err)
		}
	}
	files, err := fs.Sub(schema.Migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	db := clickhouse.OpenDB(t.options(t.User, t.Password, t.Database))
	provider, err := goose.NewProvider(goose.DialectClickHouse, db, files,
		goose.WithLocker(&tableLock{name: "migration_lock"}), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: %w", err), db.Close())
	}
	return &Migrator{provider: provider, server: server}, nil
}

// createDatabases returns the server's version.
func createDatabases(ctx context.Context, t Target) (string, error) {
	conn, err := open(t.options(t.User, t.Password, "default"))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	version, err := CheckVersion(ctx, conn)
	if err != nil {
		return version, err
	}
	for _, name := range []string{t.Database, t.BIDatabase} {
		if err := conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+name); err != nil {
			return version, fmt.Errorf("migrate: create database %s: %w", name, err)
		}
	}
	return version, nil
}

// ServerVersion is the version of the server, as it says it.
func (m *Migrator) ServerVersion() string { return m.server }

// Up applies what is pending and returns the names of what it applied.
func (m *Migrator) Up(ctx context.Context) ([]string, error) {
	results, err := m.provider.Up(ctx)
	return names(results), wrapMigration("up", err)
}

// Down takes back the newest migration.
func (m *Migrator) Down(ctx context.Context) (string, error) {
	result, err := m.provider.Down(ctx)
	if err != nil {
		return "", wrapMigration("down", err)
	}
	return result.Source.Path, nil
}

// DownAll takes back every migration: all data is gone.
func (m *Migrator) DownAll(ctx context.Context) ([]string, error) {
	results, err := m.provider.DownTo(ctx, 0)
	return names(results), wrapMigration("down", err)
}

// Redo takes the newest migration back and applies it again.
func (m *Migrator) Redo(ctx context.Context) (string, error) {
	if _, err := m.Down(ctx); err != nil {
		return "", err
	}
	result, err := m.provider.UpByOne(ctx)
	if err != nil {
		return "", wrapMigration("redo", err)
	}
	return result.Source.Path, nil
}

// Status lists the migrations in order.
func (m *Migrator) Status(ctx context.Context) ([]MigrationState, error) {
	list, err := m.provider.Status(ctx)
	if err != nil {
		return nil, wrapMigration("status", err)
	}
	states := make([]MigrationState, len(list))
	for i, s := range list {
		states[i] = MigrationState{Version: s.Source.Version, Name: s.Source.Path}
		if s.State == goose.StateApplied {
			states[i].AppliedAt = s.AppliedAt
		}
	}
	return states, nil
}

// Close ends the connections.
func (m *Migrator) Close() error { return m.provider.Close() }

func names(results []*goose.MigrationResult) []string {
	list := make([]string, 0, len(results))
	for _, r := range results {
		list = append(list, r.Source.Path)
	}
	return list
}

func wrapMigration(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("migrate %s: %w", what, err)
}
