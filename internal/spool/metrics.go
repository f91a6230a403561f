package spool

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	bytes, rows, groups     prometheus.Counter
	groupBytes, syncSeconds prometheus.Histogram
	syncErrors, writeErrors prometheus.Counter
	corruptBytes, truncated prometheus.Counter
	full, early             prometheus.Counter
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &metrics{
		bytes:  counter("ibarura_spool_appended_bytes_total", "Bytes acknowledged, with headers."),
		rows:   counter("ibarura_spool_appended_rows_total", "Rows acknowledged."),
		groups: counter("ibarura_spool_groups_total", "Groups acknowledged: units that were written and synced together."),
		groupBytes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ibarura_spool_group_bytes",
			Help:    "Size of a group.",
			Buckets: []float64{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20},
		}),
		syncSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ibarura_spool_fsync_duration_seconds",
			Help:    "Time of a sync that succeeded.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
		syncErrors:   counter("ibarura_spool_fsync_errors_total", "Syncs that failed; each ended a segment."),
		writeErrors:  counter("ibarura_spool_write_errors_total", "Writes that failed; each ended a segment."),
		corruptBytes: counter("ibarura_spool_corrupt_bytes_total", "Bytes of damaged places that were passed over."),
		truncated:    counter("ibarura_spool_truncated_bytes_total", "Bytes behind the last whole group that were cut off at the start."),
		full:         counter("ibarura_spool_full_total", "Units refused because the disk was at its limit."),
		early:        counter("ibarura_spool_early_released_total", "Loaded segments removed before their time of grace, for want of disk."),
	}
}

// register shows the metrics of a spool that is open.
func (m *metrics) register(reg prometheus.Registerer, s *Spool) {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	reg.MustRegister(m.bytes, m.rows, m.groups, m.groupBytes, m.syncSeconds, m.syncErrors, m.writeErrors,
		m.corruptBytes, m.truncated, m.full, m.early,
		gauge("ibarura_spool_disk_bytes", "Disk that the segments take, what is reserved included.",
			func() float64 { return float64(s.diskBytes()) }),
		gauge("ibarura_spool_limit_bytes", "Disk that the segments may take: the limit of the spool, or what the file system has for it if that is less.",
			func() float64 { return float64(s.diskLimit()) }),
		gauge("ibarura_spool_unloaded_bytes", "Bytes of the log that are not loaded yet.",
			func() float64 { return float64(s.unloaded()) }),
		gauge("ibarura_spool_segments", "Segments that are kept.",
			func() float64 { return float64(s.segmentCount()) }),
		gauge("ibarura_spool_oldest_unloaded_seconds", "Age of the oldest record that is not loaded yet; 0 if there is none.",
			func() float64 { return s.oldestAge(time.Now()).Seconds() }),
	)
}

// refused counts units that were not taken in.
func (m *metrics) refused(err error, units int) {
	if errors.Is(err, ErrFull) {
		m.full.Add(float64(units))
	}
}

// completed counts a group whose outcome is known.
func (m *metrics) completed(g *group, err error) {
	if err != nil {
		m.refused(err, g.units)
		return
	}
	m.bytes.Add(float64(len(g.buf)))
	m.rows.Add(float64(g.rows))
	m.groups.Inc()
	m.groupBytes.Observe(float64(len(g.buf)))
}
