package live

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	rows          prometheus.Counter
	dropped       prometheus.Counter
	messages      prometheus.Counter
	refreshFailed prometheus.Counter
	ended         *prometheus.CounterVec
	refused       *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, h *Hub) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		rows:          counter("ibarura_live_rows_total", "Rows that the live view has counted."),
		dropped:       counter("ibarura_live_dropped_total", "Rows that the live view did not count because its queue was full."),
		messages:      counter("ibarura_live_messages_total", "Messages handed to readers of the live view."),
		refreshFailed: counter("ibarura_live_refresh_failures_total", "Looks into the tables for the live view that failed."),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_live_ended_total",
			Help: "Readers of the live view that the server has ended, by reason (too_slow, access_ended, stopping).",
		}, []string{"reason"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_live_refused_total",
			Help: "Readers of the live view turned away, by reason (readers, key, filters, off, stopping).",
		}, []string{"reason"}),
	}
	reg.MustRegister(m.rows, m.dropped, m.messages, m.refreshFailed, m.ended, m.refused,
		h.gauge("ibarura_live_readers", "Readers of the live view.", func() int { return h.readers }),
		h.gauge("ibarura_live_filters", "Distinct filters that the live view writes messages for.", func() int { return h.topics }),
		h.gauge("ibarura_live_persons", "Persons of the last half hour that the live view holds one by one.", h.known))
	return m
}

func (h *Hub) gauge(name, help string, value func() int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		h.mu.Lock()
		defer h.mu.Unlock()
		return float64(value())
	})
}

func (h *Hub) known() (persons int) {
	for _, p := range h.projects {
		if p.window != nil {
			persons += len(p.window.last)
		}
	}
	return persons
}
