package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// StreamLimits bound the reading of raw rows of any number.
type StreamLimits struct {
	Timeout       time.Duration // of one stream, the time included that its reader takes
	MaxMemory     uint64        // bytes the server may use for it
	MaxConcurrent int           // streams at once; one more is turned away
}

// streamRows is the number of rows in a block, of which few are held at once:
// what a stream takes of our memory, and of the server's.
const streamRows = 8192

// Streamer reads raw rows as the read-only user, block by block. It is safe for
// concurrent use.
type Streamer struct {
	conn   driver.Conn
	limits StreamLimits
	slots  chan struct{}
}

// OpenStreamer connects as the read-only user, apart from the reports.
func OpenStreamer(t Target, limits StreamLimits) (*Streamer, error) {
	options := t.options(t.ReaderUser, t.ReaderPassword, t.Database)
	options.MaxOpenConns = max(1, limits.MaxConcurrent)
	options.MaxIdleConns = 1
	conn, err := open(options)
	return &Streamer{conn: conn, limits: limits, slots: make(chan struct{}, max(1, limits.MaxConcurrent))}, err
}

// Stream runs one statement with server-side parameters and calls each for every
// row, in order and by one goroutine; each must not keep scan. Who reads slowly
// slows down the server. When ctx ends, so does the query. A bound that was run
// into is a *LimitError, no free slot ErrBusy.
func (s *Streamer) Stream(ctx context.Context, name, sql string, params map[string]string,
	each func(scan func(dest ...any) error) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return fmt.Errorf("query %s: %w", name, ErrBusy)
	}
	limited, cancel := context.WithTimeout(ctx, s.limits.Timeout)
	defer cancel()
	rows, err := s.conn.Query(clickhouse.Context(limited, clickhouse.WithParameters(params), clickhouse.WithSettings(s.settings())), sql)
	if err == nil {
		err = forEach(rows, each)
	}
	if deadline, _ := limited.Deadline(); err != nil && !time.Now().Before(deadline) {
		err = errors.Join(errDeadline, err)
	}
	if err != nil {
		return fmt.Errorf("query %s: %w", name, s.explain(ctx, err))
	}
	return nil
}

func (s *Streamer) settings() clickhouse.Settings {
	return clickhouse.Settings{
		"max_execution_time": strconv.Itoa(int(max(1, s.limits.Timeout.Seconds()))),
		"max_memory_usage":   strconv.FormatUint(s.limits.MaxMemory, 10),
		"max_block_size":     strconv.Itoa(streamRows),
		"max_threads":        "2", // the other side writes with one
	}
}

// explain turns the errors that our bounds cause into LimitErrors.
func (s *Streamer) explain(ctx context.Context, err error) error {
	code, _ := CodeOf(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case code == 159 || code == 209 || errors.Is(err, errDeadline):
		return &LimitError{"timeout", fmt.Sprintf("the export took longer than %s; go on with its cursor", s.limits.Timeout), err}
	case code == 241:
		return &LimitError{"memory", fmt.Sprintf("the export needs more than %d bytes of the server's memory", s.limits.MaxMemory), err}
	}
	return err
}

// Close ends the connections.
func (s *Streamer) Close() error { return s.conn.Close() }
