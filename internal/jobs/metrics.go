package jobs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

type metrics struct {
	runs    *prometheus.CounterVec
	running *prometheus.GaugeVec
	seconds *prometheus.GaugeVec
	lastRun *prometheus.GaugeVec
	failing *prometheus.GaugeVec
	next    *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"name"}) // Prometheus has a label job of its own
	}
	m := &metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ibarura_jobs_runs_total",
			Help: "Runs of scheduled jobs by this process: done, failed, lost to another process."}, []string{"name", "outcome"}),
		running: gauge("ibarura_jobs_running", "1 while this process runs the job."),
		seconds: gauge("ibarura_jobs_duration_seconds", "Time that the last run by this process took."),
		lastRun: gauge("ibarura_jobs_last_run_timestamp_seconds", "When the job was begun last, by any process; 0 if it never was."),
		failing: gauge("ibarura_jobs_failing", "1 if the last run, by any process, failed or was lost."),
		next:    gauge("ibarura_jobs_next_run_timestamp_seconds", "When the job is due, as this process saw last."),
	}
	reg.MustRegister(m.runs, m.running, m.seconds, m.lastRun, m.failing, m.next)
	return m
}

// know makes the series of a job, so that they are there before its first run.
func (m *metrics) know(job string) {
	for _, outcome := range []string{clickhouse.RunDone, clickhouse.RunFailed, clickhouse.RunLost} {
		m.runs.WithLabelValues(job, outcome)
	}
	for _, g := range []*prometheus.GaugeVec{m.running, m.seconds, m.lastRun, m.failing, m.next} {
		g.WithLabelValues(job)
	}
}

func (m *metrics) ended(job, outcome string, took time.Duration) {
	m.runs.WithLabelValues(job, outcome).Inc()
	m.seconds.WithLabelValues(job).Set(took.Seconds())
}

// show takes over what any process has run last.
func (m *metrics) show(job string, last clickhouse.JobRun, next time.Time) {
	failing := 0.0
	if last.Outcome == clickhouse.RunFailed || last.Outcome == clickhouse.RunLost {
		failing = 1
	}
	m.failing.WithLabelValues(job).Set(failing)
	if !last.Started.IsZero() {
		m.lastRun.WithLabelValues(job).Set(float64(last.Started.UnixMilli()) / 1000)
	}
	if !next.IsZero() {
		m.next.WithLabelValues(job).Set(float64(next.UnixMilli()) / 1000)
	}
}
