package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ibarura/internal/bench/server"
)

// engineCosts is the CPU time of inserts into events, of each view's part of
// it, and of merges.
type engineCosts struct {
	inserts       time.Duration
	views, merges []cost // the dearest first
}

type cost struct {
	name string
	cpu  time.Duration
}

// raw is what the inserts cost beside the views.
func (c *engineCosts) raw() time.Duration { return max(0, c.inserts-sum(c.views)) }

func sum(costs []cost) time.Duration {
	total := time.Duration(0)
	for _, c := range costs {
		total += c.cpu
	}
	return total
}

// forgetQueries empties the logs that readEngineCosts reads.
func forgetQueries(ctx context.Context, e *server.Engine) error {
	for _, statement := range []string{
		"SYSTEM FLUSH LOGS", "TRUNCATE TABLE IF EXISTS system.query_log SYNC",
		"TRUNCATE TABLE IF EXISTS system.query_views_log SYNC", "TRUNCATE TABLE IF EXISTS system.part_log SYNC",
	} {
		if _, err := e.Query(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// What the engine's own logs know, as name and microseconds.
const (
	insertCosts = `SELECT 'inserts', sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) FROM system.query_log
		WHERE type = 'QueryFinish' AND query_kind = 'Insert' AND has(tables, 'ibarura.events')`
	viewCosts = `SELECT splitByChar('.', view_name)[2] AS view, sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) AS cpu
		FROM system.query_views_log GROUP BY view ORDER BY cpu DESC`
	mergeCosts = `SELECT table, sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) AS cpu
		FROM system.part_log WHERE event_type = 'MergeParts' AND database = 'ibarura' GROUP BY table ORDER BY cpu DESC`
)

func readEngineCosts(ctx context.Context, e *server.Engine) (engineCosts, error) {
	if _, err := e.Query(ctx, "SYSTEM FLUSH LOGS"); err != nil {
		return engineCosts{}, err
	}
	inserts, err := readCosts(ctx, e, insertCosts)
	if err != nil {
		return engineCosts{}, err
	}
	views, err := readCosts(ctx, e, viewCosts)
	if err != nil {
		return engineCosts{}, err
	}
	merges, err := readCosts(ctx, e, mergeCosts)
	return engineCosts{inserts: sum(inserts), views: views, merges: merges}, err
}

func readCosts(ctx context.Context, e *server.Engine, question string) ([]cost, error) {
	text, err := e.Query(ctx, question)
	if err != nil {
		return nil, err
	}
	var costs []cost
	for line := range strings.Lines(text) {
		var c cost
		var micros int64
		if _, err := fmt.Sscan(line, &c.name, &micros); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		c.cpu = time.Duration(micros) * time.Microsecond
		costs = append(costs, c)
	}
	return costs, nil
}
