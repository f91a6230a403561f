package derived

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/freshness"
)

type metrics struct {
	runs    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	last    *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_derived_runs_total",
			Help: "Derivations by this process, by part (gaps, cells) and outcome (made, failed).",
		}, []string{"part", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ibarura_derived_run_duration_seconds",
			Help:    "Time of a derivation of one part of one project.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600},
		}, []string{"part"}),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ibarura_derived_last_success_timestamp_seconds",
			Help: "When this process last derived a part, in Unix seconds.",
		}, []string{"part"}),
	}
	reg.MustRegister(m.runs, m.seconds, m.last)
	return m
}

func (m *metrics) observe(part freshness.Part, took time.Duration, err error) {
	outcome := "made"
	if err != nil {
		outcome = "failed"
	} else {
		m.last.WithLabelValues(string(part)).SetToCurrentTime()
	}
	m.runs.WithLabelValues(string(part), outcome).Inc()
	m.seconds.WithLabelValues(string(part)).Observe(took.Seconds())
}
