package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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

func TestKillOfTheEngineUnderLoadLosesNothingThatWaited(t *testing.T) {
	s := serve(t, t.TempDir(), "--ingest.max-buffered-rows", "3000", "--ingest.batch-rows", "1000", "--ingest.wait-timeout", "2s")
	var acknowledged, turnedAway atomic.Int64
	var next atomic.Int64
	stop := make(chan struct{})
	var producers sync.WaitGroup
	for range 4 {
		producers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				from := int(next.Add(100)) - 100
				body := ids(from, from+100)
				for { // a producer repeats what was not acknowledged
					r := s.post("/api/v1/events?wait=true", s.keys["write"], ndjson, body)
					if r.status == http.StatusOK {
						acknowledged.Add(100)
						break
					}
					turnedAway.Add(1)
					if r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") == "" {
						t.Error("503 without Retry-After")
					}
					time.Sleep(50 * time.Millisecond)
				}
			}
		})
	}
	for round := range 3 {
		time.Sleep(500 * time.Millisecond)
		pid := enginePid(t, s)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		waitFor(t, "the engine is back", func() bool {
			return s.get("/readyz", nil).status == http.StatusOK && enginePid(t, s) != pid
		})
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	producers.Wait()
	if n := s.typeCounts("2020-01-01", "2100-01-01")["login"]; int64(n) != acknowledged.Load() || n == 0 {
		t.Errorf("%d acknowledged, %d counted", acknowledged.Load(), n)
	}
	t.Logf("%d acknowledged over three kills, %d answers were not 200", acknowledged.Load(), turnedAway.Load())
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
	// Rows would wait an hour for company if the stop did not bring them in.
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
	s := serve(t, t.TempDir())
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], ndjson, ids(0, 500)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	pid := enginePid(t, s)
	s.kill()
	waitFor(t, "the engine is gone", func() bool { return syscall.Kill(pid, 0) != nil })
	again := serve(t, s.dir)
	if n := again.typeCounts("2020-01-01", "2100-01-01")["login"]; n != 500 {
		t.Errorf("%d of 500 events that waited are there", n)
	}
	if again.keys["write"] != s.keys["write"] {
		t.Error("the second start made new keys")
	}
}

func TestARevokedKeyIsRefusedOnceTheCommandReturns(t *testing.T) {
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

func TestProjectsSeeTheirOwnRowsAloneInTheirOwnZone(t *testing.T) {
	s := serve(t, t.TempDir())
	ibarura(t, "keys", "project", "create", "kigali", "--zone", "Africa/Kigali", "--data-dir", s.dir)
	write := strings.TrimSpace(ibarura(t, "keys", "create", "--project", "kigali", "--scope", "write", "--data-dir", s.dir))
	read := strings.TrimSpace(ibarura(t, "keys", "create", "--project", "kigali", "--scope", "read", "--data-dir", s.dir))
	const event = `{"id":"same","type":"login","user_id":"u","occurred_at":"2026-03-29T22:30:00Z"}`
	for _, key := range []string{s.keys["write"], write} {
		if r := s.post("/api/v1/events?wait=true", key, "application/json", []byte(event)); r.status != http.StatusOK || !strings.Contains(string(r.body), `"accepted":1`) {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	for _, c := range []struct{ key, period string }{{s.keys["read"], "2026-03-29"}, {read, "2026-03-30"}} {
		req, _ := http.NewRequest(http.MethodGet, s.base+"/api/v1/analytics/users/active?from=2026-03-29&to=2026-03-31", nil)
		r := send(req, c.key)
		var envelope struct {
			Data []struct {
				Period string
				Users  int
			}
		}
		if err := json.Unmarshal(r.body, &envelope); err != nil || len(envelope.Data) != 2 {
			t.Fatalf("%s: %v", r.body, err)
		}
		for _, p := range envelope.Data {
			if want := map[bool]int{true: 1}[p.Period == c.period]; p.Users != want {
				t.Errorf("%s has %d active users on %s, want %d", map[bool]string{true: "kigali", false: "default"}[c.key == read], p.Users, p.Period, want)
			}
		}
	}
}

func TestServeSaysInASentenceWhyItCannotStart(t *testing.T) {
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

func TestToolsWorkBesideARunningServerAndWithout(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	if out := ibarura(t, "migrate", "status", "--data-dir", dir); strings.Contains(out, "pending") || !strings.Contains(out, "00001_raw.sql") {
		t.Errorf("beside a server: %s", out)
	}
	if out := ibarura(t, "health", "--url", s.base); out != "ready\n" {
		t.Errorf("health: %s", out)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	alone := []string{"--data-dir", dir, "--engine.tcp-port", "0", "--engine.http-port", "0"}
	if out := ibarura(t, append([]string{"migrate", "down"}, alone...)...); !strings.Contains(out, "bi") {
		t.Errorf("down: %s", out)
	}
	if out := ibarura(t, append([]string{"migrate", "status"}, alone...)...); strings.Count(out, "pending") != 1 {
		t.Errorf("after down: %s", out)
	}
	if out := ibarura(t, append([]string{"migrate", "up"}, alone...)...); !strings.Contains(out, "applied") {
		t.Errorf("up: %s", out)
	}
	if _, _, err := tryIbarura(t, "health", "--url", s.base); err == nil {
		t.Error("a stopped server is healthy")
	}
}
