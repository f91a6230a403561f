package ingest

import (
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/rowblock"
)

type metrics struct {
	received   prometheus.Counter
	accepted   *prometheus.CounterVec
	duplicates *prometheus.CounterVec
	rejected   *prometheus.CounterVec
	request    prometheus.Histogram
	overloaded prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, seen *Window) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	m := &metrics{
		received:   prometheus.NewCounter(prometheus.CounterOpts{Name: "ibarura_ingest_items_received_total", Help: "Items that requests brought, good or not, once what became of them is known."}),
		accepted:   counter("ibarura_ingest_items_accepted_total", "Items taken in for the first time, and durable.", "kind"),
		duplicates: counter("ibarura_ingest_items_duplicate_total", "Items recognized by their id and not counted again.", "kind"),
		rejected:   counter("ibarura_ingest_items_rejected_total", "Items not taken in, by reason.", "code"),
		request: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ibarura_ingest_request_items",
			Help:    "Items of one request.",
			Buckets: []float64{1, 10, 50, 100, 500, 1000, 5000, 10_000, 100_000, 1_000_000},
		}),
		overloaded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_ingest_overloaded_total",
			Help: "Requests turned away because the spool had no room.",
		}),
	}
	reg.MustRegister(m.received, m.request, m.overloaded,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_ingest_window_ids",
			Help: "Ids remembered to recognize retries.",
		}, func() float64 { return float64(seen.Len()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "ibarura_ingest_window_evicted_total",
			Help: "Ids forgotten before their time because the window was full.",
		}, func() float64 { return float64(seen.Evicted()) }),
	)
	return m
}

// perTable counts rows by rowblock.Table.
type perTable [3]int

// counts are the numbers of a result that are in the metrics already.
type counts struct {
	accepted, duplicates, rejected int
}

func (c counts) received() int { return c.accepted + c.duplicates + c.rejected }

func (in *intake) accept(rows perTable) {
	for table, n := range rows {
		if n > 0 {
			in.result.Accepted += n
			in.service.metrics.accepted.WithLabelValues(rowblock.Table(table).Kind()).Add(float64(n))
		}
	}
}

func (in *intake) duplicate(rows perTable) {
	for table, n := range rows {
		if n > 0 {
			in.result.Duplicates += n
			in.service.metrics.duplicates.WithLabelValues(rowblock.Table(table).Kind()).Add(float64(n))
		}
	}
}

// count brings the metrics up to the request's result so far: a stream that
// lasts for an hour shows in them while it lasts.
func (in *intake) count() {
	now := counts{in.result.Accepted, in.result.Duplicates, len(in.result.Rejected) + in.result.Unlisted}
	m := in.service.metrics
	m.received.Add(float64(now.received() - in.counted.received()))
	for code, n := range in.result.codes {
		m.rejected.WithLabelValues(code).Add(float64(n))
	}
	clear(in.result.codes)
	in.counted = now
}
