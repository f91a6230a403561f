package loader

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

type metrics struct {
	rows    *prometheus.HistogramVec
	seconds *prometheus.HistogramVec
	loaded  *prometheus.CounterVec
	errors  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, l *Loader) *metrics {
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
		loaded: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_loader_rows_total",
			Help: "Rows that ClickHouse has taken.",
		}, []string{"table"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_loader_insert_errors_total",
			Help: "Failed attempts to insert a block, by class: transient passes, permanent needs a person.",
		}, []string{"table", "class"}),
	}
	reg.MustRegister(m.rows, m.seconds, m.loaded, m.errors,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_buffered_rows",
			Help: "Rows in memory that are not yet inserted.",
		}, func() float64 { return float64(l.rows.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_buffered_bytes",
			Help: "About the bytes of the rows in memory that are not yet inserted.",
		}, func() float64 { return float64(l.bytes.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_loader_queue_batches",
			Help: "Blocks that are collecting, waiting or being inserted.",
		}, func() float64 { return float64(l.queue.depth()) }),
	)
	return m
}

func (m *metrics) observe(b *batch, took time.Duration, err error) {
	if err != nil {
		m.seconds.WithLabelValues(b.key.table, "error").Observe(took.Seconds())
		m.errors.WithLabelValues(b.key.table, string(clickhouse.ClassOf(err))).Inc()
		return
	}
	m.seconds.WithLabelValues(b.key.table, "ok").Observe(took.Seconds())
	m.rows.WithLabelValues(b.key.table).Observe(float64(b.block.rows()))
	m.loaded.WithLabelValues(b.key.table).Add(float64(b.block.rows()))
}
