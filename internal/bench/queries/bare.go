package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"ibarura/internal/bench/server"
	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/report"
)

// bare sends statements to ClickHouse as the read-only user, with nothing around
// them. It is a report.Runner too.
type bare struct {
	conn driver.Conn
	read // by all queries
}

// read is what ClickHouse read.
type read struct{ rows, bytes atomic.Uint64 }

// at once is how many statements of a question report runs together.
const atOnce = 4

// settings bound a query as serve's defaults do.
var settings = clickhouse.Settings{
	"max_execution_time": 60, "max_memory_usage": 2 << 30, "max_result_rows": 100_000, "result_overflow_mode": "throw",
}

func openBare(s *server.Server, data string) (*bare, error) {
	_, users, err := embedded.Running(data)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{s.Engine.Native}, MaxOpenConns: 2 * atOnce, MaxIdleConns: 2 * atOnce,
		Auth: clickhouse.Auth{Database: "ibarura", Username: users.Reader.User, Password: users.Reader.Password},
	})
	return &bare{conn: conn}, err
}

// Query runs one statement and reads its answer to the end.
func (b *bare) Query(ctx context.Context, _, sql string, params map[string]string, each func(scan func(dest ...any) error) error) (uint64, error) {
	var rows atomic.Uint64
	result, err := b.conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(params), clickhouse.WithSettings(settings),
		clickhouse.WithProgress(func(p *clickhouse.Progress) {
			rows.Add(p.Rows)
			b.rows.Add(p.Rows)
			b.bytes.Add(p.Bytes)
		})), sql)
	if err != nil {
		return 0, err
	}
	for result.Next() {
		if each == nil {
			continue
		}
		if err := each(result.Scan); err != nil {
			return 0, errors.Join(err, result.Close())
		}
	}
	return rows.Load(), errors.Join(result.Err(), result.Close())
}

// run runs the statements of a question as report does, and nothing else.
func (b *bare) run(ctx context.Context, list []report.Explained) (time.Duration, error) {
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, statement := range list {
		group.Go(func() error {
			_, err := b.Query(ctx, statement.Query, statement.SQL, statement.Parameters, nil)
			return err
		})
	}
	return took(began, group.Wait())
}

func took(began time.Time, err error) (time.Duration, error) { return time.Since(began), err }

// counted returns what was read since the last call.
func (b *bare) counted() (rows, bytes uint64) { return b.rows.Swap(0), b.bytes.Swap(0) }
