package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
)

// ReadLimits bound one read query.
type ReadLimits struct {
	Timeout       time.Duration // deadline of one query
	MaxMemory     uint64        // bytes the server may use for it
	MaxResultRows uint64        // rows of the answer; more is an error, never a cut answer
	MaxScanRows   uint64        // rows read; 0: any. What the index says is compared before anything is read
	MaxConcurrent int           // queries at once; more wait for their turn within the deadline
}

// LimitError says which bound a query ran into. The text is fit for clients.
type LimitError struct {
	Limit   string // timeout, memory, rows, scan
	Message string
	err     error
}

func (e *LimitError) Error() string { return e.Message }

// Unwrap returns the driver's error.
func (e *LimitError) Unwrap() error { return e.err }

// ErrBusy means that other queries left no slot for this one within its time.
var ErrBusy = errors.New("too many queries at once")

// errDeadline marks a query that was running when its time was over.
var errDeadline = errors.New("the deadline of the query has passed")

// Reader runs read queries as the read-only user, each within ReadLimits. It
// is safe for concurrent use.
type Reader struct {
	conn    driver.Conn
	limits  ReadLimits
	slots   chan struct{}
	seconds *prometheus.HistogramVec
	errors  *prometheus.CounterVec
}

// OpenReader connects as the read-only user.
func OpenReader(t Target, limits ReadLimits, reg prometheus.Registerer) (*Reader, error) {
	options := t.options(t.ReaderUser, t.ReaderPassword, t.Database)
	options.MaxOpenConns = max(1, limits.MaxConcurrent) + 2 // a slot each, and pings
	conn, err := open(options)
	if err != nil {
		return nil, err
	}
	r := &Reader{
		conn:   conn,
		limits: limits,
		slots:  make(chan struct{}, max(1, limits.MaxConcurrent)),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ibarura_query_duration_seconds",
			Help:    "Time of a read query, by the name of its file, waiting for a slot included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"query"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_query_errors_total",
			Help: "Read queries that failed, by the name of their file and the reason.",
		}, []string{"query", "reason"}),
	}
	reg.MustRegister(r.seconds, r.errors)
	return r, nil
}

// Query runs one statement with server-side parameters and calls each for
// every row of the answer. It returns the rows that the server read. When ctx
// ends, the query is cancelled on the server. Errors that a bound caused are
// *LimitError.
func (r *Reader) Query(ctx context.Context, name, sql string, params map[string]string,
	each func(scan func(dest ...any) error) error) (uint64, error) {
	start := time.Now()
	rows, err := r.query(ctx, sql, params, each)
	r.seconds.WithLabelValues(name).Observe(time.Since(start).Seconds())
	if err != nil {
		err = r.explain(ctx, err)
		r.errors.WithLabelValues(name, reasonOf(err)).Inc()
		return rows, fmt.Errorf("query %s: %w", name, err)
	}
	return rows, nil
}

func (r *Reader) query(ctx context.Context, sql string, params map[string]string,
	each func(scan func(dest ...any) error) error) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, r.limits.Timeout)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return 0, errors.Join(ErrBusy, ctx.Err())
	}
	read, err := r.inSlot(ctx, sql, params, each)
	// The driver says only that the connection timed out, at the deadline's moment, which the context may notice later.
	if deadline, _ := ctx.Deadline(); err != nil && !time.Now().Before(deadline) {
		err = errors.Join(errDeadline, err)
	}
	return read, err
}

func (r *Reader) inSlot(ctx context.Context, sql string, params map[string]string,
	each func(scan func(dest ...any) error) error) (uint64, error) {
	var read atomic.Uint64
	rows, err := r.conn.Query(clickhouse.Context(ctx,
		clickhouse.WithParameters(params),
		clickhouse.WithSettings(r.settings()),
		clickhouse.WithProgress(func(p *clickhouse.Progress) { read.Add(p.Rows) }),
	), sql)
	if err != nil {
		return read.Load(), err
	}
	err = forEach(rows, each)
	return read.Load(), err
}

func forEach(rows driver.Rows, each func(scan func(dest ...any) error) error) error {
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func (r *Reader) settings() clickhouse.Settings {
	return clickhouse.Settings{
		"max_execution_time":   strconv.Itoa(int(max(1, r.limits.Timeout.Seconds()))),
		"max_memory_usage":     strconv.FormatUint(r.limits.MaxMemory, 10),
		"max_result_rows":      strconv.FormatUint(r.limits.MaxResultRows, 10),
		"result_overflow_mode": "throw",
		"max_rows_to_read":     strconv.FormatUint(r.limits.MaxScanRows, 10),
		"read_overflow_mode":   "throw",
	}
}

// explain turns the errors that our bounds cause into LimitErrors.
func (r *Reader) explain(ctx context.Context, err error) error {
	code, _ := CodeOf(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case code == 159 || code == 209 || errors.Is(err, errDeadline):
		return &LimitError{"timeout", fmt.Sprintf("the question took longer than %s; ask for a shorter range", r.limits.Timeout), err}
	case code == 241:
		return &LimitError{"memory", fmt.Sprintf("the question needs more than %d bytes of memory; ask for a shorter range", r.limits.MaxMemory), err}
	case code == 158:
		return &LimitError{"scan", fmt.Sprintf("the question would read more than %d rows, as no aggregate answers it; ask for a shorter range, or for less by which it is filtered and told apart",
			r.limits.MaxScanRows), err}
	case code == 396:
		return &LimitError{"rows", fmt.Sprintf("the answer has more than %d rows; use a coarser interval or a limit", r.limits.MaxResultRows), err}
	}
	return err
}

func reasonOf(err error) string {
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return limit.Limit
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "failed"
}

// Ping tells whether the read-only user is served.
func (r *Reader) Ping(ctx context.Context) error { return r.conn.Ping(ctx) }

// Close ends the connections.
func (r *Reader) Close() error { return r.conn.Close() }
