package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/fence"
	"ibarura/internal/repair"
)

// month is an option such as 2026-03; the zero value is an option that is not set.
type month struct{ time.Time }

// UnmarshalText reads YYYY-MM.
func (m *month) UnmarshalText(text []byte) error {
	t, err := time.Parse("2006-01", string(text))
	if err != nil {
		return fmt.Errorf("%q is no month: write it as 2026-03", text)
	}
	m.Time = t
	return nil
}

// portion is the part of the aggregates that verify and rebuild are about.
type portion struct {
	Tables     []string `name:"table" default:"all" placeholder:"TABLE" help:"Aggregates, or all."`
	From       month    `name:"from" placeholder:"YYYY-MM" help:"First month. Unset: the first that has rows."`
	To         month    `name:"to" placeholder:"YYYY-MM" help:"The month behind the last. Unset: the last that has rows is the last."`
	ForProject string   `name:"project" placeholder:"PROJECT" help:"One project alone. Unset: all."`
}

func (p *portion) tables() []string {
	if len(p.Tables) == 1 && p.Tables[0] == "all" {
		return nil
	}
	return p.Tables
}

func (p *portion) months() (repair.Range, error) {
	if !p.From.IsZero() && !p.To.IsZero() && !p.From.Before(p.To.Time) {
		return repair.Range{}, fmt.Errorf("--from %s is not before --to %s, which is not included", p.From.Format("2006-01"), p.To.Format("2006-01"))
	}
	return repair.Range{From: p.From.Time, To: p.To.Time}, nil
}

// onStep is told of each step of a repair; tests end the process there.
var onStep = func(string) {}

// withRepairer works on a ClickHouse, and tells on stderr how far it is.
func withRepairer(ctx context.Context, c *config.Config, do func(*repair.Repairer) error) error {
	return withFencesAt(ctx, c, func(s *storage, fences clickhouse.Fences) error {
		r := newRepairer(fences.Conn, s.target, &c.Verify)
		r.Step = func(step string) {
			fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().UTC().Format(time.TimeOnly), step)
			onStep(step)
		}
		return do(r)
	})
}

func newRepairer(conn driver.Conn, target clickhouse.Target, c *config.Verify) *repair.Repairer {
	return &repair.Repairer{
		Conn:   conn,
		Limits: clickhouse.RepairLimits{Threads: c.MaxThreads, Memory: uint64(c.MaxMemory)},
		Take: func(ctx context.Context, purpose string) (*fence.Claim, error) {
			return takeClaim(ctx, target, clickhouse.Fences{Conn: conn}, purpose)
		},
	}
}

type rebuildCmd struct {
	config.Config
	portion
	EvenEmpty bool `name:"even-empty" help:"Also where raw has no rows any more: then the aggregates of that time are empty afterwards. Without, that is an error."`
}

// Run may be repeated after any error.
func (r *rebuildCmd) Run(ctx context.Context) error {
	months, err := r.months()
	if err != nil {
		return err
	}
	return withRepairer(ctx, &r.Config, func(repairer *repair.Repairer) error {
		order := repair.Order{Tables: r.tables(), Range: months, Project: r.ForProject, EvenEmpty: r.EvenEmpty}
		if err := repairer.Rebuild(ctx, order); err != nil {
			return err
		}
		fmt.Printf("rebuilt %s\n", strings.Join(r.Tables, ", "))
		return nil
	})
}
