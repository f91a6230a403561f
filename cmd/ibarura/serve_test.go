package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func ids(from, to int) []byte {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"id":"e%d","type":"login","user_id":"u%d"}`+"\n", i, i%100)
	}
	return []byte(b.String())
}

const ndjson = "application/x-ndjson"

func TestKillOfTheEngineUnderLoadLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"durable": "/api/v1/events", "queryable": "/api/v1/events?wait=true"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, t.TempDir(), "--ingest.wait-timeout", "2s")
			c := gather(s, path, 100, 100, 100, 100)
			for range 3 {
				time.Sleep(500 * time.Millisecond)
				killEngine(t, s)
			}
			time.Sleep(500 * time.Millisecond)
			c.disperse()
		})
	}
}

// While the engine is stopped and then dead, producers fill the spool, and every
// event that was taken in meanwhile comes in afterwards.
func TestWritersBeyondTheSpoolAreTurnedAwayUntilTheEngineIsBack(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--spool.segment-bytes", "64KiB", "--spool.max-bytes", "256KiB", "--ingest.batch-rows", "1000",
		"--ingest.room-wait", "0s", "--ingest.wait-timeout", "500ms",
		"--access.refresh", "1m") // or each request would wait for a look at the keys
	pid := enginePid(t, s)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	// Some streams are long enough to meet the end of the room halfway.
	c := gather(s, "/api/v1/events", 100, 100, 100, 600)
	waitFor(t, "writers are turned away", func() bool { return c.overloaded.Load() >= 20 })
	if r := s.get("/readyz", nil); r.status != http.StatusServiceUnavailable || codeOf(t, r) != "not_ready" {
		t.Errorf("without room and engine, /readyz says %d %s", r.status, r.body)
	}
	before := c.acknowledged.Load()
	killEngine(t, s)
	waitFor(t, "writers are let in again", func() bool { return c.acknowledged.Load() >= before+10_000 })
	c.disperse()
}

// killEngine kills the engine and returns when its successor answers.
func killEngine(t *testing.T, s *instance) {
	t.Helper()
	pid := enginePid(t, s)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the engine is back", func() bool {
		return enginePid(t, s) != pid && s.get("/metrics", nil).sample("ibarura_engine_up") == "1"
	})
}

// enginePid waits for the engine, the only child of serve.
func enginePid(t *testing.T, s *instance) int {
	t.Helper()
	pid := 0
	waitFor(t, "serve has a child", func() bool {
		pid = childOf(s.cmd.Process.Pid)
		return pid != 0
	})
	return pid
}

func TestAPoliteStopLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	// Rows would wait a minute for company if the stop did not bring them in.
	s := serve(t, t.TempDir(), "--ingest.batch-age", "1m")
	for i := range 20 {
		if r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(i*100, i*100+100)); r.status != http.StatusOK {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	pid := enginePid(t, s)
	if err := s.stop(); err != nil {
		t.Fatalf("stop: %v\n%s", err, s.log)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("the engine outlives a polite stop")
	}
	again := serve(t, s.dir)
	if n := again.typeCounts("2020-01-01", "2100-01-01")["login"]; n != 2000 {
		t.Errorf("%d of 2000 events are there after a polite stop", n)
	}
}

func TestKillOfServeLeavesNoOrphanAndTheNextStartGoesOn(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--ingest.batch-age", "1m") // nothing is loaded yet when it dies
	if r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(0, 500)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	pid := enginePid(t, s)
	s.kill()
	waitFor(t, "the engine is gone", func() bool { return syscall.Kill(pid, 0) != nil })
	again := serve(t, s.dir)
	r := again.post("/api/v1/events?wait=true", s.keys["write"], ndjson, ids(0, 501))
	if want := `{"accepted":1,"duplicates":500,"rejected":[]}`; strings.TrimSpace(string(r.body)) != want {
		t.Errorf("the retry after the kill: %d %s, want %s", r.status, r.body, want)
	}
	if n := again.typeCounts("2020-01-01", "2100-01-01")["login"]; n != 501 {
		t.Errorf("%d of 501 events that were acknowledged are there", n)
	}
	if again.keys["write"] != s.keys["write"] {
		t.Error("the second start made new keys")
	}
}

func TestARevokedKeyIsRefusedOnceTheCommandReturns(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	key := strings.TrimSpace(ibarura(t, "keys", "create", "--data-dir", s.dir, "--scope", "write", "--label", "for the test"))
	if r := s.post("/api/v1/events", key, ndjson, ids(0, 1)); r.status != http.StatusOK {
		t.Fatalf("the new key: %d %s", r.status, r.body)
	}
	var id string
	for _, line := range strings.Split(ibarura(t, "keys", "list", "--data-dir", s.dir), "\n") {
		if strings.Contains(line, "for the test") {
			id = strings.Fields(line)[0]
		}
	}
	ibarura(t, "keys", "revoke", id, "--data-dir", s.dir)
	if r := s.post("/api/v1/events", key, ndjson, ids(1, 2)); r.status != http.StatusUnauthorized {
		t.Errorf("the revoked key: %d %s", r.status, r.body)
	}
	if r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(2, 3)); r.status != http.StatusOK {
		t.Errorf("another key: %d %s", r.status, r.body)
	}
}

func TestServeSaysInASentenceWhyItCannotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.base, "http://"), ":")
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"folder in use", []string{"--data-dir", dir}, []string{"in use", strconv.Itoa(s.cmd.Process.Pid), "--data-dir"}},
		{"port in use", []string{"--data-dir", t.TempDir(), "--http.listen", "127.0.0.1:" + port}, []string{"http.listen", port, "in use"}},
		{"missing library", []string{"--data-dir", t.TempDir(), "--engine.cache-dir", t.TempDir()}, []string{"ibarura engine fetch"}},
		{"bad option", []string{"--ingest.batch-rows", "0"}, []string{"ingest.batch-rows", "1"}},
		{"unreachable server", []string{"--data-dir", t.TempDir(), "--clickhouse.addr", "127.0.0.1:1", "--clickhouse.password", "x", "--clickhouse.reader-password", "x"}, []string{"127.0.0.1:1", "refused"}},
	} {
		args := append([]string{"serve", "--engine.tcp-port", "0", "--engine.http-port", "0", "--http.listen", "127.0.0.1:0"}, c.args...)
		_, errOut, err := tryIbarura(t, args...)
		if err == nil {
			t.Errorf("%s: serve ended without an error", c.name)
		}
		last := errOut[strings.LastIndex(strings.TrimSpace(errOut), "\n")+1:]
		for _, want := range c.want {
			if !strings.Contains(last, want) {
				t.Errorf("%s: %q is not in: %s", c.name, want, errOut)
			}
		}
	}
}
