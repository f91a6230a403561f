package mail

import (
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
)

// Metrics are those of couriers.
type Metrics struct {
	deliveries *prometheus.CounterVec
	unsettled  prometheus.Gauge
}

// NewMetrics makes them, also where no courier is: then they say that nothing is sent.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ibarura_mail_deliveries_total",
			Help: "Reports handed to the mail server by this process, by what became of them: sent, deferred, refused, unsure."}, []string{"state"}),
		unsettled: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ibarura_mail_unsettled",
			Help: "Reports of which nobody knows whether they arrived, as this process saw last; they are not sent again by themselves."}),
	}
	for _, state := range []string{clickhouse.DeliverySent, deferred, refused, unsure} {
		m.deliveries.WithLabelValues(state)
	}
	reg.MustRegister(m.deliveries, m.unsettled)
	return m
}
