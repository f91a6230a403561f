package embedded_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	osexec "os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"golang.org/x/sys/unix"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

func TestKilledEngineComesBackWithItsData(t *testing.T) {
	registry := prometheus.NewRegistry()
	var ready atomic.Int32
	engine := enginetest.StartOwn(t, func(o *embedded.Options) {
		o.Registerer = registry
		o.OnReady = func() { ready.Add(1) }
	})
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	exec(t, conn, "CREATE TABLE default.kept (a UInt32) ENGINE = MergeTree ORDER BY a")
	exec(t, conn, "INSERT INTO default.kept SELECT number FROM numbers(1000)")
	addr, pid := engine.Addr(), engine.Pid()

	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the engine is up again", func() bool { return engine.Restarts() == 1 && engine.Up() })

	if engine.Addr() != addr || engine.Pid() == pid {
		t.Errorf("addr %s, pid %d; want %s and another process", engine.Addr(), engine.Pid(), addr)
	}
	after := enginetest.Open(t, engine, engine.Credentials().Writer)
	if got := ask[uint64](t, after, "SELECT count() FROM default.kept"); got != 1000 {
		t.Errorf("%d rows after kill -9, want 1000", got)
	}
	if got := ready.Load(); got != 2 {
		t.Errorf("OnReady was called %d times, want 2", got)
	}
	wantMetrics(t, registry, map[string]float64{
		"ibarura_engine_up":             1,
		"ibarura_engine_restarts_total": 1,
		"ibarura_engine_start_seconds":  2, // observations
	})
}

// wantMetrics compares the values of all metrics, of histograms the count.
func wantMetrics(t *testing.T, registry *prometheus.Registry, want map[string]float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		metric := family.GetMetric()[0]
		got[family.GetName()] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() +
			float64(metric.GetHistogram().GetSampleCount())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if problems, err := promlint.NewWithMetricFamilies(families).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("metric names: %v %v", problems, err)
	}
}

func TestPortTakenDuringARestartIsWaitedFor(t *testing.T) {
	engine := enginetest.StartOwn(t, nil)
	if err := unix.Kill(engine.Pid(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var thief net.Listener
	eventually(t, "the port is free to be taken", func() (taken bool) {
		var err error
		thief, err = net.Listen("tcp", engine.Addr())
		return err == nil
	})
	eventually(t, "the engine complains", func() bool { return errors.Is(engine.Err(), embedded.ErrPortInUse) })
	if err := thief.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the engine is up again", engine.Up)
	if engine.Err() != nil || engine.Restarts() < 2 {
		t.Errorf("err %v, restarts %d; want no error, and more than one attempt", engine.Err(), engine.Restarts())
	}
}

func TestHangingEngineIsReplaced(t *testing.T) {
	engine := enginetest.StartOwn(t, func(o *embedded.Options) {
		o.ProbeInterval = 50 * time.Millisecond
		o.ProbeTimeout = 500 * time.Millisecond
		o.ProbeFailures = 2
	})
	pid := engine.Pid()
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the engine is seen to be down", func() bool { return !engine.Up() })
	eventually(t, "another engine is up", func() bool { return engine.Restarts() >= 1 && engine.Up() })
	if engine.Pid() == pid || alive(pid) {
		t.Errorf("the hanging process %d is still there", pid)
	}
}

func TestEngineIsDeafToPoliteSignals(t *testing.T) {
	engine := enginetest.Start(t)
	pid := engine.Pid()
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		if err := unix.Kill(pid, signal); err != nil {
			t.Fatal(err)
		}
	}
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	time.Sleep(200 * time.Millisecond)
	ask[uint8](t, conn, "SELECT 1")
	if engine.Pid() != pid {
		t.Error("the engine obeyed a signal that was meant for its parent")
	}
	group, err := unix.Getpgid(pid)
	if err != nil {
		t.Fatal(err)
	}
	if group == unix.Getpgrp() {
		t.Error("the engine is in its parent's process group")
	}
}

func TestKilledParentLeavesNoOrphanAndNoLock(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := osexec.Command(self)
	parent.Env = append(os.Environ(), parentVariable+"="+dir)
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("the parent has not started an engine: %v", err)
	}
	engine := atoi(t, strings.TrimSpace(line))
	if !alive(engine) {
		t.Fatal("there is no engine to begin with")
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()

	// Right away, while the orphan may still be shutting down.
	next, err := embedded.Start(t.Context(), enginetest.Options(dir))
	if err != nil {
		t.Fatalf("start in the folder of a killed parent: %v", err)
	}
	if alive(engine) {
		t.Error("the killed parent's engine is alive, beside another in its folder")
	}
	if err := next.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
