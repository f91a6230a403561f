package repair

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

type scheduleMetrics struct {
	differing *prometheus.GaugeVec
	lastRun   prometheus.Gauge
	lastTold  prometheus.Gauge
	runs      *prometheus.CounterVec
	seconds   prometheus.Gauge
}

func newScheduleMetrics(reg prometheus.Registerer, every time.Duration) *scheduleMetrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &scheduleMetrics{
		differing: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ibarura_verify_differing_rows",
			Help: "Rows that only raw or only the aggregate has, as the last comparison that could tell found them."}, []string{"table"}),
		lastRun:  gauge("ibarura_verify_last_run_timestamp_seconds", "When a scheduled comparison ended last, in any process; 0 if none has."),
		lastTold: gauge("ibarura_verify_last_success_timestamp_seconds", "When one ended last that could tell, whatever it found; 0 if none has."),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ibarura_verify_runs_total", Help: "Comparisons that this process has run: equal, drift, failed."}, []string{"outcome"}),
		seconds:  gauge("ibarura_verify_duration_seconds", "Time that the last comparison of this process took."),
	}
	interval := gauge("ibarura_verify_every_seconds", "How often aggregates are compared with raw; 0: never.")
	interval.Set(every.Seconds())
	for _, outcome := range []string{clickhouse.VerificationEqual, clickhouse.VerificationDrift, clickhouse.VerificationFailed} {
		m.runs.WithLabelValues(outcome)
	}
	reg.MustRegister(m.differing, m.lastRun, m.lastTold, m.runs, m.seconds, interval)
	return m
}

func (m *scheduleMetrics) show(last clickhouse.Verification, told time.Time) {
	if !last.Ended.IsZero() {
		m.lastRun.Set(float64(last.Ended.UnixMilli()) / 1000)
	}
	if !told.IsZero() {
		m.lastTold.Set(float64(told.UnixMilli()) / 1000)
	}
	for table, rows := range last.Differing {
		m.differing.WithLabelValues(table).Set(float64(rows))
	}
}
