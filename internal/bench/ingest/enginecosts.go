package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ibarura/internal/bench/server"
)

// engineCosts is the CPU time of inserts into events, and of each view's part.
type engineCosts struct {
	inserts time.Duration
	views   []viewCost // the dearest first
}

type viewCost struct {
	name string
	cpu  time.Duration
}

// raw is what the inserts cost beside the views.
func (c engineCosts) raw() time.Duration {
	rest := c.inserts
	for _, v := range c.views {
		rest -= v.cpu
	}
	return max(0, rest)
}

// forgetQueries empties the logs that readEngineCosts reads.
func forgetQueries(ctx context.Context, e *server.Engine) error {
	for _, statement := range []string{
		"SYSTEM FLUSH LOGS", "TRUNCATE TABLE IF EXISTS system.query_log SYNC", "TRUNCATE TABLE IF EXISTS system.query_views_log SYNC",
	} {
		if _, err := e.Query(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// insertCosts and viewCosts ask the engine's own logs.
const (
	insertCosts = `SELECT sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) FROM system.query_log
		WHERE type = 'QueryFinish' AND query_kind = 'Insert' AND has(tables, 'ibarura.events')`
	viewCosts = `SELECT splitByChar('.', view_name)[2] AS view, sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) AS cpu
		FROM system.query_views_log GROUP BY view ORDER BY cpu DESC`
)

func readEngineCosts(ctx context.Context, e *server.Engine) (engineCosts, error) {
	if _, err := e.Query(ctx, "SYSTEM FLUSH LOGS"); err != nil {
		return engineCosts{}, err
	}
	var c engineCosts
	var micros int64
	if err := e.Row(ctx, insertCosts, &micros); err != nil {
		return c, err
	}
	c.inserts = time.Duration(micros) * time.Microsecond
	text, err := e.Query(ctx, viewCosts)
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(text) {
		var v viewCost
		if _, err := fmt.Sscan(line, &v.name, &micros); err != nil {
			return c, fmt.Errorf("costs of views: %q: %w", line, err)
		}
		v.cpu = time.Duration(micros) * time.Microsecond
		c.views = append(c.views, v)
	}
	return c, nil
}
