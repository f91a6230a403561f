package loader

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/rowblock"
)

type metrics struct {
	rows        *prometheus.HistogramVec
	seconds     *prometheus.HistogramVec
	loaded      *prometheus.CounterVec
	errors      *prometheus.CounterVec
	quarantined *prometheus.CounterVec
	reloaded    *prometheus.CounterVec
	splits      prometheus.Counter
	doubted     prometheus.Counter
	unreadable  prometheus.Counter
	memory      prometheus.Gauge
	attempts    *attempts
}

func newMetrics(reg prometheus.Registerer, l *Loader) *metrics {
	byTable := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"table"}, labels...))
	}
	m := &metrics{
		rows: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ibarura_loader_batch_rows",
			Help:    "Rows of an inserted block.",
			Buckets: []float64{1, 10, 100, 500, 1000, 5000, 10_000, 25_000, 50_000, 100_000},
		}, []string{"table"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ibarura_loader_insert_duration_seconds",
			Help:    "Time of one attempt to insert a block, materialized views included.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"table", "result"}),
		loaded:      byTable("ibarura_loader_rows_total", "Rows that ClickHouse has taken."),
		errors:      byTable("ibarura_loader_insert_errors_total", "Failed attempts to insert a block, by class: transient passes, permanent is the rows' own fault.", "class"),
		quarantined: byTable("ibarura_loader_quarantined_rows_total", "Rows that ClickHouse refuses and that were put into quarantine."),
		reloaded:    byTable("ibarura_loader_reloaded_rows_total", "Rows that were missing in raw after a crash of ClickHouse or its host and were sent again."),
		splits:      prometheus.NewCounter(prometheus.CounterOpts{Name: "ibarura_loader_splits_total", Help: "Blocks halved to find the rows that ClickHouse refuses."}),
		doubted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_loader_doubted_batches_total",
			Help: "Batches in whose middle ClickHouse was started anew: they are compared with raw, and the aggregates of their month are made anew.",
		}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{Name: "ibarura_loader_unreadable_total", Help: "Attempts to read the spool on that failed; nothing behind the place is loaded."}),
		memory:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "ibarura_loader_memory_rows", Help: "Rows in blocks that are being inserted."}),
		attempts:   &attempts{open: map[string]int{}},
	}
	m.begin()
	reg.MustRegister(m.rows, m.seconds, m.loaded, m.errors, m.quarantined, m.reloaded, m.splits, m.doubted, m.unreadable, m.memory,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_backlog_bytes",
			Help: "Bytes of the spool that are durable and not yet loaded.",
		}, func() float64 { return float64(l.log.Durable() - l.Loaded()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_due_months",
			Help: "Months whose aggregates have to be made anew after a crash of ClickHouse, and could not be yet.",
		}, func() float64 { return float64(len(l.journal.due())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_failed_attempts",
			Help: "Failed attempts of the block that has failed most often and is still being tried.",
		}, func() float64 { return float64(m.attempts.most()) }),
	)
	return m
}

// begin shows the counters that alerts watch as 0: what first appears with
// another value has not grown, as far as Prometheus can tell.
func (m *metrics) begin() {
	for _, table := range rowblock.Tables() {
		name := table.String()
		m.loaded.WithLabelValues(name)
		m.quarantined.WithLabelValues(name)
		m.reloaded.WithLabelValues(name)
		for _, class := range []clickhouse.Class{clickhouse.Transient, clickhouse.Permanent} {
			m.errors.WithLabelValues(name, string(class))
		}
	}
}

func (m *metrics) observe(table string, rows int, took time.Duration, err error) {
	if err != nil {
		m.seconds.WithLabelValues(table, "error").Observe(took.Seconds())
		m.errors.WithLabelValues(table, string(clickhouse.ClassOf(err))).Inc()
		return
	}
	m.seconds.WithLabelValues(table, "ok").Observe(took.Seconds())
	m.rows.WithLabelValues(table).Observe(float64(rows))
	m.loaded.WithLabelValues(table).Add(float64(rows))
}

// attempts knows the blocks that have failed and are tried again.
type attempts struct {
	mu   sync.Mutex
	open map[string]int
}

func (a *attempts) failed(token string, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[token] = times
}

func (a *attempts) end(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, token)
}

func (a *attempts) most() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	most := 0
	for _, n := range a.open {
		most = max(most, n)
	}
	return most
}
