package report

import "github.com/prometheus/client_golang/prometheus"

type cacheMetrics struct {
	answers *prometheus.CounterVec
	failed  prometheus.Counter
}

// The ways in which a question was answered.
const (
	wasHit       = "hit"
	wasMiss      = "miss"
	wasCollapsed = "collapsed"
)

func newCacheMetrics(reg prometheus.Registerer, c *cache) *cacheMetrics {
	m := &cacheMetrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_answers_total",
			Help: "Answers to questions, by how: hit (kept, and still right), miss (read), collapsed (read for another who asked the same at the same time).",
		}, []string{"how"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ibarura_answers_unchecked_total",
			Help: "Questions for which it could not be read what has landed: they were answered without what is kept or derived.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.answers, m.failed, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ibarura_answers_kept_bytes",
			Help: "About how much memory kept answers take.",
		}, func() float64 {
			c.mu.Lock()
			defer c.mu.Unlock()
			return float64(c.bytes)
		}))
	}
	return m
}
