package httpapi

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	panics   prometheus.Counter

	bodiesRefused prometheus.Counter
	limited       *prometheus.CounterVec
	origins       prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_http_requests_total",
			Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ibarura_http_request_duration_seconds",
			Help:    "Time from the header of a request to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ibarura_http_requests_in_flight",
			Help: "Requests being answered.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_http_panics_total",
			Help: "Requests whose handler panicked.",
		}),
	}
	m.bodiesRefused = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ibarura_http_bodies_refused_total",
		Help: "Requests turned away because the bodies under way had all the memory there is for them.",
	})
	m.limited = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ibarura_http_rate_limited_total",
		Help: "Requests turned away because their key was over its rate, by limit (requests, items).",
	}, []string{"limit"})
	m.origins = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ibarura_http_origins_refused_total",
		Help: "Requests and preflights turned away because the page's origin is not among those of the project.",
	})
	reg.MustRegister(m.requests, m.seconds, m.inFlight, m.panics, m.bodiesRefused, m.limited, m.origins)
	return m
}

// watch shows how much memory bodies hold.
func (m *metrics) watch(reg prometheus.Registerer, bodies, windows *bodyMemory) {
	reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_http_body_memory_bytes",
			Help: "Memory of the request bodies under way, as far as they have arrived.",
		}, func() float64 { return float64(bodies.held.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_http_window_memory_bytes",
			Help: "Memory set aside for the decompressors of streams under way.",
		}, func() float64 { return float64(windows.held.Load()) }),
	)
}
