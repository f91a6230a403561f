package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// NewRegistry returns the registry that /metrics serves, with what every Go
// process has to tell and ibarura_build_info, which is always 1.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	build := ReadBuild()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ibarura_build_info",
		Help: "1, with the build of this program as labels.",
		ConstLabels: prometheus.Labels{
			"version": build.Version, "revision": build.Revision, "goversion": build.GoVersion,
		},
	})
	info.Set(1)
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		info,
	)
	return reg
}

// LatencyBuckets are upper bounds in seconds, from half a millisecond, which a
// small request takes, to the 30 s after which queries are cut: fine around the
// bars that reports are held to (50, 200 and 300 ms, 1 s).
func LatencyBuckets() []float64 {
	return []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .2, .3, .5, 1, 2, 5, 10, 30}
}

// RowBuckets are upper bounds for rows in a batch or request: from one event to
// more than the largest batch.
func RowBuckets() []float64 {
	return []float64{1, 10, 50, 100, 500, 1000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000}
}

// SizeBuckets are upper bounds in bytes: powers of four from 256 B to 256 MiB.
func SizeBuckets() []float64 { return prometheus.ExponentialBuckets(256, 4, 11) }
