package embedded

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the supervisor tells Prometheus.
type metrics struct {
	up       prometheus.Gauge
	restarts prometheus.Counter
	starts   prometheus.Histogram
}

// newMetrics makes the metrics and registers them, if there is a registerer.
func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ibarura_engine_up",
			Help: "1 while the embedded ClickHouse answers queries, else 0.",
		}),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_engine_restarts_total",
			Help: "Times that the embedded ClickHouse was started again after it had died or stopped answering.",
		}),
		starts: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ibarura_engine_start_seconds",
			Help:    "Seconds from the start of the embedded ClickHouse to its first answer.",
			Buckets: []float64{0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120},
		}),
	}
	if registerer == nil {
		return m, nil
	}
	for _, collector := range m.all() {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("engine: metrics: %w", err)
		}
	}
	return m, nil
}

// unregister makes room for the metrics of another engine.
func (m *metrics) unregister(registerer prometheus.Registerer) {
	if registerer == nil {
		return
	}
	for _, collector := range m.all() {
		registerer.Unregister(collector)
	}
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.up, m.restarts, m.starts}
}
