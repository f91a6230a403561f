package visitor

import "github.com/prometheus/client_golang/prometheus"

func registerMetrics(reg prometheus.Registerer, v *Visitors) {
	reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_visitor_salts_unshared",
			Help: "Salts that only this process has, since ClickHouse was away; above 0 a visitor may count twice.",
		}, func() float64 { return float64(v.salts.unshared()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_visitor_sessions",
			Help: "Sessions of visitors that are remembered, to go on with them.",
		}, func() float64 {
			if v.sessions == nil {
				return 0
			}
			return float64(v.sessions.len())
		}),
	)
}
