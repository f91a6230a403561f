package spool_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

// fill appends units of four records of 10 kB until the spool refuses them, and
// returns how many records it then has taken.
func fill(t testing.TB, s *spool.Spool, from int) int {
	t.Helper()
	for n := from; ; n += 4 {
		_, err := tryAdd(t, s, numbered(n), numbered(n+1), numbered(n+2), numbered(n+3))
		if errors.Is(err, spool.ErrFull) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func numbered(n int) string {
	text := make([]byte, 10_000)
	for i := range text {
		text[i] = byte(n >> (8 * (i % 4)))
	}
	return string(text)
}

// checkNumbered reads all that is kept and returns the number of the first one:
// from there to the last one that was taken, none may be missing.
func checkNumbered(t testing.TB, s *spool.Spool, taken int) int {
	t.Helper()
	got := texts(t, s, 0)
	first := taken - len(got)
	for i, text := range got {
		if text != numbered(first+i) {
			t.Fatalf("record %d is not the one that was appended", first+i)
		}
	}
	return first
}

// fillAndGoOn fills a spool, frees some of it by loading, and fills it again;
// and once more over a start.
func fillAndGoOn(t *testing.T, o spool.Options) {
	s := opened(t, o)
	taken := fill(t, s, 0)
	if taken < 10 || s.Room() {
		t.Fatalf("full after %d records of 10 kB", taken)
	}
	if first := checkNumbered(t, s, taken); first != 0 {
		t.Fatalf("%d records were lost, or read too often", first)
	}
	s.Release(halfOf(t, s))
	untilRoom(t, s)
	more := fill(t, s, taken)
	if more == taken {
		t.Error("nothing was taken after half was released")
	}
	if first := checkNumbered(t, s, more); first > taken {
		t.Errorf("record %d is gone, and was not released", first-1)
	}
	closed(t, s)
	s = opened(t, o)
	checkNumbered(t, s, more)
	s.Release(s.Durable())
	untilRoom(t, s)
	checkNumbered(t, s, fill(t, s, more))
}

// halfOf returns the position after half of the records.
func halfOf(t testing.TB, s *spool.Spool) spool.LSN {
	t.Helper()
	n := len(texts(t, s, 0)) / 2
	at, err := s.Read(0, func(spool.Entry) bool { n--; return n > 0 })
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSpoolStaysBelowItsLimitLosesNothingAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	fillAndGoOn(t, spool.Options{Dir: dir, SegmentBytes: 128 << 10, MaxBytes: 1 << 20, Grace: time.Hour})
	var size int64
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 1<<20 {
		t.Errorf("the folder has %d bytes, the limit is 1 MiB", size)
	}
}

// A file system of its own needs root; without it the limit of the test above
// stands for the disk's end, and the faults of ENOSPC for its errors.
func TestFullDiskRefusesLosesNothingAndGoesOn(t *testing.T) {
	for name, mount := range map[string]func(*testing.T) (string, bool){"tmpfs": mountTmpfs, "ext4": mountExt4} {
		t.Run(name, func(t *testing.T) {
			dir, mounted := mount(t)
			o := spool.Options{Dir: filepath.Join(dir, "spool"), SegmentBytes: 256 << 10, Grace: time.Hour}
			if !mounted {
				o.MaxBytes = 8 << 20
			}
			fillAndGoOn(t, o)
		})
	}
}

// mountTmpfs mounts a file system of 8 MiB in memory, if it may.
func mountTmpfs(t *testing.T) (string, bool) {
	dir := t.TempDir()
	return dir, mounted(t, dir, "-t", "tmpfs", "-o", "size=8m", "tmpfs", dir)
}

// mountExt4 mounts a file of 16 MiB as a disk, if it may.
func mountExt4(t *testing.T) (string, bool) {
	dir, image := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 16<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-m", "0", image).CombinedOutput(); err != nil {
		t.Logf("no ext4 can be made, the limit stands for it: %v: %s", err, out)
		return dir, false
	}
	return dir, mounted(t, dir, "-o", "loop", image, dir)
}

func mounted(t *testing.T, dir string, args ...string) bool {
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		t.Logf("nothing can be mounted here, the limit stands for it: %v: %s", err, out)
		return false
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return true
}

func TestLoadedSegmentsStayForTheirTimeUnlessTheDiskIsShort(t *testing.T) {
	o, _ := onFaultyDisk(t)
	reg := prometheus.NewRegistry()
	o.MaxBytes, o.Grace, o.Registerer = 640<<10, time.Hour, reg
	s := opened(t, o)
	for n := range 30 {
		add(t, s, numbered(n))
	}
	s.Release(s.Durable())
	before := s.Stats()
	if before.Segments < 5 || before.UnloadedBytes != 0 || !before.Oldest.IsZero() {
		t.Errorf("%+v, want all segments and nothing unloaded", before)
	}
	for n := range 100 {
		add(t, s, numbered(30+n))
		s.Release(s.Durable())
	}
	if after := s.Stats(); after.First == before.First || after.DiskBytes > o.MaxBytes {
		t.Errorf("%+v, want the oldest gone for want of disk", after)
	}
	if v := value(t, reg, "ibarura_spool_early_released_total"); v < 5 {
		t.Errorf("%v segments are counted as removed early", v)
	}
}

// value returns the value of a counter or gauge.
func value(t testing.TB, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

func TestWritersAreTurnedAwayBeforeTheDiskIsFull(t *testing.T) {
	o, disk := onFaultyDisk(t)
	reg := prometheus.NewRegistry()
	o.MinFree, o.Registerer = 1<<30, reg
	s := opened(t, o)
	add(t, s, "before")
	disk.SetHook(func(faultfs.Op) faultfs.Fault { return faultfs.Fault{Free: 1<<30 - 1} })
	for s.Room() {
		time.Sleep(time.Millisecond)
	}
	if _, err := tryAdd(t, s, "refused"); !errors.Is(err, spool.ErrFull) {
		t.Errorf("below the mark: %v", err)
	}
	if v := value(t, reg, "ibarura_spool_full_total"); v != 1 {
		t.Errorf("%v units are counted as refused, want 1", v)
	}
	disk.SetHook(nil)
	untilRoom(t, s)
	add(t, s, "after")
	same(t, texts(t, s, 0), "before", "after")
}

func TestUnitsHaveBounds(t *testing.T) {
	o, _ := onFaultyDisk(t)
	o.MaxGroupBytes = 10_000
	s := opened(t, o)
	for name, c := range map[string]struct {
		records []spool.Record
		want    error
	}{
		"no record":  {nil, spool.ErrInvalid},
		"no rows":    {[]spool.Record{{Data: []byte("x")}}, spool.ErrInvalid},
		"no bytes":   {[]spool.Record{record("a"), {Rows: 1}}, spool.ErrInvalid},
		"too large":  {[]spool.Record{record(strings.Repeat("x", 10_000))}, spool.ErrTooLarge},
		"in all":     {[]spool.Record{record(strings.Repeat("x", 5000)), record(strings.Repeat("x", 5000))}, spool.ErrTooLarge},
		"just right": {[]spool.Record{record(strings.Repeat("x", 10_000-64))}, nil},
	} {
		ticket, err := s.Append(t.Context(), c.records)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil {
			err = ticket.Wait(t.Context())
		}
		if c.want == nil && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := all(t, s); len(got) != 1 {
		t.Errorf("%d records were taken", len(got))
	}
}

func TestUnitLargerThanASegmentGetsOneOfItsSize(t *testing.T) {
	o, _ := onFaultyDisk(t)
	s := opened(t, o)
	large := strings.Repeat("large ", 100_000)
	add(t, s, "before")
	add(t, s, large)
	add(t, s, "after")
	same(t, texts(t, s, 0), "before", large, "after")
	closed(t, s)
	same(t, texts(t, opened(t, o), 0), "before", large, "after")
}

func TestOptionsOutOfBoundsAreNamed(t *testing.T) {
	for want, o := range map[string]spool.Options{
		"Dir":           {},
		"SegmentBytes":  {Dir: "x", SegmentBytes: 1},
		"MaxBytes":      {Dir: "x", MaxBytes: 100 << 20},
		"MaxGroupBytes": {Dir: "x", MaxGroupBytes: -1},
		"Compression":   {Dir: "x", Compression: 9},
	} {
		if _, err := spool.Open(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
