package main

import (
	"context"
	"errors"
	"fmt"

	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/fence"
	"ibarura/internal/loader"
)

type quarantineCmd struct {
	List    quarantineList    `cmd:"" help:"List the rows that ClickHouse refuses, the oldest first, without what is in them."`
	Show    quarantineShow    `cmd:"" help:"Print refused rows whole, one JSON object a line: they hold what people sent."`
	Retry   quarantineRetry   `cmd:"" help:"Try again, once the cause is mended: a row that is taken now is counted exactly once. Exit status 1 if one is still refused."`
	Discard quarantineDiscard `cmd:"" help:"Give rows up: they are not loaded, ever."`
}

// chosen are the rows that a command is about.
type chosen struct {
	IDs []string `arg:"" optional:"" name:"id" help:"Ids of rows, as quarantine list shows them."`
	All bool     `name:"all" help:"All rows on which nobody has decided yet."`
}

// mostHeld bounds the ids that a command keeps in memory; a next run of it goes
// on where this one has ended.
const mostHeld = 1_000_000

func (c *chosen) ids(ctx context.Context, tables clickhouse.RawTables) ([]string, error) {
	if c.All == (len(c.IDs) > 0) {
		return nil, errors.New("name the ids of rows, or --all of them")
	}
	if !c.All {
		return c.IDs, nil
	}
	return tables.HeldIDs(ctx, mostHeld)
}

type quarantineRetry struct {
	config.Config
	chosen
}

// Run has a claim to repair, so that no repair sees half of what it inserts.
func (q *quarantineRetry) Run(ctx context.Context) error {
	return withStorage(ctx, &q.Config, func(s *storage) error {
		return withClaim(ctx, s, "quarantine", func(fences clickhouse.Fences, _ *fence.Claim) error {
			return q.retry(ctx, s.target, clickhouse.RawTables(fences))
		})
	})
}

func (q *quarantineRetry) retry(ctx context.Context, target clickhouse.Target, tables clickhouse.RawTables) error {
	ids, err := q.ids(ctx, tables)
	if err != nil {
		return err
	}
	inserter := clickhouse.NewInserter(target)
	landed := clickhouse.Landed{Inserter: inserter, Conn: tables.Conn}
	refused := 0
	err = eachHeld(ctx, tables, ids, func(row *clickhouse.Refused) error {
		err := loader.Release(ctx, inserter, landed, tables, *row)
		switch {
		case err == nil:
			fmt.Printf("%s is in %s\n", row.ID, row.Table)
			return nil
		case clickhouse.ClassOf(err) == clickhouse.Permanent:
			refused++
			fmt.Printf("%s is still refused: %s\n", row.ID, short(err.Error()))
			return nil
		}
		return fmt.Errorf("%s: %w", row.ID, err)
	})
	if refused > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d rows are still refused; they stay in quarantine", refused, len(ids)))
	}
	return errors.Join(err, inserter.Close())
}

type quarantineDiscard struct {
	config.Config
	chosen
	Yes bool `name:"yes" help:"Do it. Without, the command only says how many rows it would give up."`
}

func (q *quarantineDiscard) Run(ctx context.Context) error {
	return withQuarantine(ctx, &q.Config, func(_ clickhouse.Target, tables clickhouse.RawTables) error {
		ids, err := q.ids(ctx, tables)
		if err != nil {
			return err
		}
		if !q.Yes {
			return fmt.Errorf("rows that are given up are not loaded any more; repeat with --yes to give up %d of them", len(ids))
		}
		return eachHeld(ctx, tables, ids, func(row *clickhouse.Refused) error {
			if err := tables.Decide(ctx, *row, clickhouse.Discarded); err != nil {
				return err
			}
			fmt.Printf("%s is given up\n", row.ID)
			return nil
		})
	})
}

// eachHeld reads the rows one by one: each may be as large as an item may be.
func eachHeld(ctx context.Context, tables clickhouse.RawTables, ids []string, do func(*clickhouse.Refused) error) error {
	for _, id := range ids {
		if id == "" {
			return errors.New("an id is empty")
		}
		found, err := tables.Quarantined(ctx, id, 1)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s is not in quarantine, or somebody has decided on it", id)
		}
		if err := do(&found[0]); err != nil {
			return err
		}
	}
	return nil
}

func withQuarantine(ctx context.Context, c *config.Config, do func(clickhouse.Target, clickhouse.RawTables) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		return errors.Join(do(s.target, clickhouse.RawTables{Conn: conn}), conn.Close())
	})
}
