package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/telemetry"
)

type migrateCmd struct {
	Up     migrateUp     `cmd:"" help:"Apply what is pending."`
	Down   migrateDown   `cmd:"" help:"Take the newest migration back. Its tables go with all their rows."`
	Status migrateStatus `cmd:"" help:"List the migrations and when each was applied."`
	Redo   migrateRedo   `cmd:"" help:"Take the newest migration back, with the rows of its tables, and apply it again."`
}

type migrateUp struct{ config.Config }
type migrateDown struct{ config.Config }
type migrateStatus struct{ config.Config }
type migrateRedo struct{ config.Config }

func (m *migrateUp) Run(ctx context.Context) error {
	return withMigrator(ctx, &m.Config, func(migrator *clickhouse.Migrator) error {
		applied, err := migrator.Up(ctx)
		for _, name := range applied {
			fmt.Println("applied", name)
		}
		if err == nil && len(applied) == 0 {
			fmt.Println("nothing is pending")
		}
		return err
	})
}

func (m *migrateDown) Run(ctx context.Context) error {
	return withMigrator(ctx, &m.Config, func(migrator *clickhouse.Migrator) error {
		name, err := migrator.Down(ctx)
		if err == nil {
			fmt.Println("took back", name)
		}
		return err
	})
}

func (m *migrateStatus) Run(ctx context.Context) error {
	return withMigrator(ctx, &m.Config, func(migrator *clickhouse.Migrator) error {
		states, err := migrator.Status(ctx)
		for _, s := range states {
			when := "pending"
			if !s.AppliedAt.IsZero() {
				when = "applied " + s.AppliedAt.UTC().Format(time.DateTime) + " UTC"
			}
			fmt.Printf("%-24s %s\n", s.Name, when)
		}
		return err
	})
}

func (m *migrateRedo) Run(ctx context.Context) error {
	return withMigrator(ctx, &m.Config, func(migrator *clickhouse.Migrator) error {
		name, err := migrator.Redo(ctx)
		if err == nil {
			fmt.Println("took back and applied", name)
		}
		return err
	})
}

func withMigrator(ctx context.Context, c *config.Config, do func(*clickhouse.Migrator) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		migrator, err := clickhouse.OpenMigrator(ctx, s.target)
		if err != nil {
			return err
		}
		return errors.Join(do(migrator), migrator.Close())
	})
}

// withStorage validates the configuration and opens the storage for a command
// that is soon over.
func withStorage(ctx context.Context, c *config.Config, do func(*storage) error) error {
	if err := c.Validate(); err != nil {
		return err
	}
	log, err := telemetry.NewLogger(os.Stderr, telemetry.LogOptions{Level: "warn", Format: "console"}, nil)
	if err != nil {
		return err
	}
	s, err := openStorage(ctx, c, true, log, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	err = do(s)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.HTTP.ShutdownTimeout)
	defer cancel()
	return errors.Join(err, s.close(stop))
}
