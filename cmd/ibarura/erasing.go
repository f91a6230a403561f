package main

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/erasure"
	"ibarura/internal/fence"
	"ibarura/internal/loader"
	"ibarura/internal/spool"
	"ibarura/internal/telemetry"
)

// startErasing starts what carries out orders to erase persons. It stops before
// the loader, which it waits for.
func (s *service) startErasing(ctx context.Context, log *spool.Spool, load *loader.Loader, derived erasure.Derived, conn driver.Conn, reg prometheus.Registerer) (*erasure.Agent, error) {
	fences := clickhouse.Fences{Conn: conn}
	options := erasure.DefaultOptions(telemetry.ReadBuild().Version)
	options.Dead = fence.DefaultTimes().Dead
	agent, err := erasure.Start(ctx, options, erasure.Deps{
		Store: clickhouse.Erasures{Conn: conn}, Log: log, Loading: load, Loaders: fences,
		Claim: func(ctx context.Context) (erasure.Claim, error) {
			return fence.Take(ctx, fences, clickhouse.NewRepairLock(s.storage.target), fence.DefaultTimes(), "erase")
		},
		Derived: derived, Logger: s.log.Named("erasure"), Registry: reg,
	})
	if err != nil {
		return nil, err
	}
	s.onStop(agent.Stop)
	return agent, nil
}
