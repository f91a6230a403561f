package spool_test

import (
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/spool"
)

// smallDisk is the operating system's file system with so many bytes free.
type smallDisk struct {
	spool.OS
	free atomic.Int64
}

func (d *smallDisk) Free(string) (int64, error) { return d.free.Load(), nil }

func TestTheLimitShownIsWhatTheDiskStillHasIfThatIsLess(t *testing.T) {
	const segment, limit = 1 << 20, 64 << 20
	for _, c := range []struct{ free, want int64 }{
		{free: 1 << 40, want: limit},
		{free: 12 * segment, want: 11 * segment}, // and the one that is there
		{free: segment, want: segment},
	} {
		reg := prometheus.NewRegistry()
		disk := &smallDisk{}
		disk.free.Store(1 << 40)
		opened(t, spool.Options{Dir: t.TempDir(), FS: disk, SegmentBytes: segment, MaxBytes: limit, MinFree: 2 * segment, Registerer: reg})
		disk.free.Store(c.free)
		if got := gauge(t, reg, "ibarura_spool_limit_bytes"); got != c.want {
			t.Errorf("with %d bytes free: %d, want %d", c.free, got, c.want)
		}
	}
}

// gauge is the value of a metric without labels.
func gauge(t *testing.T, reg *prometheus.Registry, name string) int64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return int64(f.GetMetric()[0].GetGauge().GetValue())
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
