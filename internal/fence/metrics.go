package fence

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	standing prometheus.Gauge
	seconds  prometheus.Counter
	errors   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		standing: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ibarura_fence_standing", Help: "1 while the loader stands still because a repair has ordered it."}),
		seconds:  prometheus.NewCounter(prometheus.CounterOpts{Name: "ibarura_fence_seconds_total", Help: "Time for which the loader has stood still for repairs."}),
		errors:   prometheus.NewCounter(prometheus.CounterOpts{Name: "ibarura_fence_errors_total", Help: "Looks for orders to stand still that failed."}),
	}
	reg.MustRegister(m.standing, m.seconds, m.errors)
	return m
}
