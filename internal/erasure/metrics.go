package erasure

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

// metrics are what an Agent counts.
type metrics struct {
	unfinished, oldest prometheus.Gauge
	failed, unclean    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		unfinished: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ibarura_erasure_unfinished", Help: "Orders to erase a person that are not finished.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ibarura_erasure_oldest_seconds", Help: "Age of the oldest order to erase a person that is not finished; 0 if there is none.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_erasure_errors_total", Help: "Attempts to go on with erasures that failed; they are repeated.",
		}),
		unclean: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_erasure_unclean_total", Help: "Erasures after which the person was found all the same.",
		}),
	}
	reg.MustRegister(m.unfinished, m.oldest, m.failed, m.unclean)
	return m
}

// open takes up which orders are under way.
func (m *metrics) open(orders []clickhouse.Erasure) {
	n, oldest := 0, 0.0
	for _, o := range orders {
		if o.State != clickhouse.ErasureFinished {
			n++
			oldest = max(oldest, time.Since(o.OrderedAt).Seconds())
		}
	}
	m.unfinished.Set(float64(n))
	m.oldest.Set(oldest)
}
