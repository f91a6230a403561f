package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/fence"
)

type loadersCmd struct {
	List   loadersList   `cmd:"" help:"List the spools that are loaded from, and what their loaders do."`
	Forget loadersForget `cmd:"" help:"Say that a loader and its spool are gone for ever, so that verify, rebuild and erase do not wait for it."`
}

type loadersList struct{ config.Config }

func (l *loadersList) Run(ctx context.Context) error {
	return withFences(ctx, &l.Config, func(fences clickhouse.Fences) error {
		all, err := fences.Loaders(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "LOADER\tHOST\tSTATE\tSEEN")
		for _, s := range all {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s ago\n", s.ID, s.Host, s.State, s.Age.Round(time.Second))
		}
		return table.Flush()
	})
}

type loadersForget struct {
	config.Config
	ID string `arg:"" name:"id" help:"Its id, as loaders list shows it."`
}

func (l *loadersForget) Run(ctx context.Context) error {
	return withFences(ctx, &l.Config, func(fences clickhouse.Fences) error {
		return fence.Forget(ctx, fences, fenceTimes, l.ID)
	})
}

func withFences(ctx context.Context, c *config.Config, do func(clickhouse.Fences) error) error {
	return withFencesAt(ctx, c, func(_ *storage, fences clickhouse.Fences) error { return do(fences) })
}

func withFencesAt(ctx context.Context, c *config.Config, do func(*storage, clickhouse.Fences) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		return errors.Join(do(s, clickhouse.Fences{Conn: conn}), conn.Close())
	})
}

// fenceTimes are the same in all processes; tests have shorter ones.
var fenceTimes = fence.DefaultTimes()

func takeClaim(ctx context.Context, target clickhouse.Target, fences clickhouse.Fences, purpose string) (*fence.Claim, error) {
	lock := clickhouse.NewRepairLock(target).StaleAfter(fenceTimes.Lease)
	return fence.Take(ctx, fences, lock, fenceTimes, purpose)
}

// withClaim repairs as the only one, with every loader at hand to be stopped.
func withClaim(ctx context.Context, s *storage, purpose string, do func(conn clickhouse.Fences, claim *fence.Claim) error) error {
	conn, err := clickhouse.Open(s.target)
	if err != nil {
		return err
	}
	fences := clickhouse.Fences{Conn: conn}
	claim, err := takeClaim(ctx, s.target, fences, purpose)
	if err == nil {
		err = errors.Join(do(fences, claim), claim.Close())
	}
	return errors.Join(err, conn.Close())
}
