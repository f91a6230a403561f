package access

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// directoryMetrics are what a Directory counts.
type directoryMetrics struct {
	refreshed, failed prometheus.Counter
	usable, unusable  prometheus.Gauge
	reasons           map[string]prometheus.Counter // by the code of the refusal
}

func newDirectoryMetrics(reg prometheus.Registerer, d *Directory) *directoryMetrics {
	refreshes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ibarura_access_refreshes_total",
		Help: "Refreshes of the copy of keys and projects, by outcome (ok, error).",
	}, []string{"outcome"})
	denied := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ibarura_access_denied_total",
		Help: "Requests refused for their key or link, by reason (unauthorized, forbidden, access_unavailable, link_invalid, link_expired, link_revoked).",
	}, []string{"reason"})
	age := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ibarura_access_snapshot_age_seconds",
		Help: "Age of the keys and projects in use while they cannot be refreshed; 0 while they can, or before the first request.",
	}, d.staleSeconds)
	keys := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ibarura_access_keys",
		Help: "Keys that are not revoked, by state: usable, or unusable for an unknown time zone of their project.",
	}, []string{"state"})
	reg.MustRegister(refreshes, denied, age, keys)
	return &directoryMetrics{
		refreshed: refreshes.WithLabelValues("ok"),
		failed:    refreshes.WithLabelValues("error"),
		usable:    keys.WithLabelValues("usable"),
		unusable:  keys.WithLabelValues("unusable"),
		reasons: map[string]prometheus.Counter{
			ErrUnauthorized.Code: denied.WithLabelValues(ErrUnauthorized.Code),
			ErrForbidden.Code:    denied.WithLabelValues(ErrForbidden.Code),
			ErrLinkInvalid.Code:  denied.WithLabelValues(ErrLinkInvalid.Code),
			ErrLinkExpired.Code:  denied.WithLabelValues(ErrLinkExpired.Code),
			ErrLinkRevoked.Code:  denied.WithLabelValues(ErrLinkRevoked.Code),
			ErrUnavailable.Code:  denied.WithLabelValues(ErrUnavailable.Code),
		},
	}
}

// denied counts a refusal and returns it. A client that went away, whose error
// is its context's, is none.
func (m *directoryMetrics) denied(err error) error {
	var refusal *Error
	if errors.As(err, &refusal) {
		if counter, known := m.reasons[refusal.Code]; known {
			counter.Inc()
		}
	}
	return err
}

// staleSeconds is the age of the copy in use, if the last refresh failed. A
// process without requests does not refresh: that it grows old says nothing.
func (d *Directory) staleSeconds() float64 {
	failure := d.failure.Load()
	if failure == nil {
		return 0
	}
	if snap := d.current.Load(); snap != nil {
		return time.Since(snap.asOf).Seconds()
	}
	return time.Since(failure.at).Seconds()
}
