package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/fence"
	"ibarura/internal/report"
	"ibarura/internal/retention"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
)

type retentionCmd struct {
	Set  retentionSet  `cmd:"" help:"Say how long rows of a project are kept. Servers remove what is older, by whole months, within the hour. It cannot be undone."`
	List retentionList `cmd:"" help:"List how long rows are kept, and from which day on there are some."`
}

type retentionSet struct {
	config.Config
	Project  string `arg:"" name:"name" help:"The project."`
	Raw      uint32 `name:"raw" required:"" placeholder:"DAYS" help:"Days that events, page views and refused rows are kept at least; 0: for ever."`
	People   uint32 `name:"people" required:"" placeholder:"DAYS" help:"Days that people can be counted at least; not less than raw. 0: for ever."`
	Counters uint32 `name:"counters" required:"" placeholder:"DAYS" help:"Days that counts are kept at least; not less than people. 0: for ever."`
}

func (r *retentionSet) Run(ctx context.Context) error {
	days := clickhouse.Tiers[uint32]{Raw: r.Raw, People: r.People, Counters: r.Counters}
	if err := retention.Check(days); err != nil {
		return err
	}
	return withRetention(ctx, &r.Config, func(conn driver.Conn, store clickhouse.Retentions) error {
		if _, err := access.NewStore(conn).Project(ctx, r.Project); err != nil {
			return err
		}
		list, err := store.List(ctx)
		if err != nil {
			return err
		}
		never := time.Unix(0, 0).UTC()
		t := clickhouse.Retention{Project: r.Project, From: clickhouse.Tiers[time.Time]{Raw: never, People: never, Counters: never}}
		if i := slices.IndexFunc(list, func(t clickhouse.Retention) bool { return t.Project == r.Project }); i >= 0 {
			t = list[i]
		}
		t.Days = days
		t.Version++
		return store.Put(ctx, t)
	})
}

type retentionList struct{ config.Config }

func (r *retentionList) Run(ctx context.Context) error {
	return withRetention(ctx, &r.Config, func(_ driver.Conn, store clickhouse.Retentions) error {
		list, err := store.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "PROJECT\tRAW\tFROM\tPEOPLE\tFROM\tCOUNTERS\tFROM")
		for _, t := range list {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Project, keptDays(t.Days.Raw), fromDay(t.From.Raw),
				keptDays(t.Days.People), fromDay(t.From.People), keptDays(t.Days.Counters), fromDay(t.From.Counters))
		}
		return table.Flush()
	})
}

func keptDays(days uint32) string {
	if days == 0 {
		return "for ever"
	}
	return strconv.FormatUint(uint64(days), 10) + " days"
}

func fromDay(day time.Time) string {
	if day.Unix() <= 0 {
		return "-"
	}
	return day.Format(time.DateOnly)
}

func withRetention(ctx context.Context, c *config.Config, do func(driver.Conn, clickhouse.Retentions) error) error {
	return withStorage(ctx, c, func(s *storage) error {
		conn, err := clickhouse.Open(s.target)
		if err != nil {
			return err
		}
		return errors.Join(do(conn, clickhouse.Retentions{Conn: conn}), conn.Close())
	})
}

// newKeeper makes what removes rows for their age.
func newKeeper(c *config.Config, conn driver.Conn, target clickhouse.Target, reg prometheus.Registerer) *retention.Keeper {
	fences := clickhouse.Fences{Conn: conn}
	return retention.New(retention.Options{
		Spread: removalSpread(c), Wait: 30 * time.Minute, Clock: time.Now,
	}, retention.Deps{
		Store: clickhouse.Retentions{Conn: conn}, Registry: reg,
		Alone: func(ctx context.Context, do func(context.Context) error) error {
			claim, err := fence.Take(ctx, fences, clickhouse.NewRepairLock(target), fence.DefaultTimes(), "retention")
			if err != nil {
				return err
			}
			return errors.Join(do(ctx), claim.Close())
		},
	})
}

// removalSpread is how long after a border was moved its rows stay: until no
// answer goes by the old one any more. An answer is some queries, of which the
// last ones may have waited for the others.
func removalSpread(c *config.Config) time.Duration {
	const inTurn = 4
	return 2*c.Access.Refresh + report.BordersAge + inTurn*c.Query.Timeout
}
