package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// readyBar is within how much time a start from a warm cache has to be ready.
const readyBar = 5 * time.Second

var readyAfter = regexp.MustCompile(`is ready, (\S+) after its start`)

// Not parallel: it measures.
func TestAStartFromAWarmCacheIsReadyWithinFiveSeconds(t *testing.T) {
	dir := t.TempDir()
	for _, start := range []string{"first", "second"} {
		began := time.Now()
		s := serve(t, dir)
		wall := time.Since(began)
		m := readyAfter.FindStringSubmatch(s.out.String())
		if m == nil {
			t.Fatalf("serve printed %s", s.out)
		}
		said, err := time.ParseDuration(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if said <= 0 || said > wall || wall > readyBar {
			t.Errorf("%s start: ready after %s, says %s", start, wall, said)
		}
		t.Logf("%s start: ready after %s, says %s", start, wall.Round(time.Millisecond), said)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// stream is a request whose body is sent while the test goes on.
type stream struct {
	body   *io.PipeWriter
	answer chan reply
}

func (s *instance) openStream(t *testing.T, path string) *stream {
	t.Helper()
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+path, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", ndjson)
	st := &stream{body: w, answer: make(chan reply, 1)}
	go func() { st.answer <- send(req, s.keys["write"]) }()
	return st
}

// send writes a part of the body, which fails once the server has hung up.
func (st *stream) send(part []byte) error {
	_, err := st.body.Write(part)
	return err
}

// takenIn waits until so many rows can be queried, those of a stream included.
func (s *instance) takenIn(t *testing.T, rows int) {
	t.Helper()
	waitFor(t, "the stream is under way", func() bool {
		return s.typeCounts("2020-01-01", "2100-01-01")["login"] >= rows
	})
}

func TestAStreamUnderWayAtTheStopIsTakenInWhole(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/v1/events", "/api/v1/events?wait=true"} {
		t.Run(strings.TrimPrefix(path, "/api/v1/"), func(t *testing.T) {
			t.Parallel()
			s := serve(t, t.TempDir())
			st := s.openStream(t, path)
			if err := st.send(ids(0, 1000)); err != nil {
				t.Fatal(err)
			}
			s.takenIn(t, 500)
			stopped := make(chan error, 1)
			go func() { stopped <- s.stop() }()
			waitFor(t, "no new connection is taken", func() bool { return s.get("/healthz", nil).status == 0 })
			for from := 1000; from < 2000; from += 250 {
				if err := st.send(ids(from, from+250)); err != nil {
					t.Fatalf("the stream was cut off: %v", err)
				}
				time.Sleep(50 * time.Millisecond)
			}
			_ = st.body.Close()
			r := <-st.answer
			var result struct{ Accepted int }
			if err := json.Unmarshal(r.body, &result); r.status != http.StatusOK || err != nil || result.Accepted != 2000 {
				t.Errorf("%d %s", r.status, r.body)
			}
			if err := <-stopped; err != nil {
				t.Errorf("%v\n%s", err, s.log)
			}
			if n := serve(t, s.dir).typeCounts("2020-01-01", "2100-01-01")["login"]; n != 2000 {
				t.Errorf("%d of 2000 events are there", n)
			}
		})
	}
}

// A stream that does not end is cut off. It was not acknowledged, so its
// producer repeats it, and then every event is there once.
func TestAStreamCutOffByTheStopIsRepeatedAndCountedOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--http.shutdown-timeout", "1s")
	if r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(0, 300)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	st := s.openStream(t, "/api/v1/events")
	if err := st.send(ids(300, 1300)); err != nil {
		t.Fatal(err)
	}
	s.takenIn(t, 800)
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	next := 1300
	for ; st.send(ids(next, next+100)) == nil; next += 100 { // until the server hangs up
		time.Sleep(20 * time.Millisecond)
	}
	_ = st.body.Close()
	if r := <-st.answer; r.status == http.StatusOK {
		t.Errorf("a stream that was cut off is acknowledged: %s", r.body)
	}
	if err := <-stopped; err == nil || !strings.Contains(s.log.String(), "requests were cut off") {
		t.Errorf("serve does not say that it cut a request off: %v\n%s", err, s.log)
	}
	again := serve(t, s.dir)
	if n := again.typeCounts("2020-01-01", "2100-01-01")["login"]; n < 800 || n > next+100 {
		t.Errorf("%d events are there; 300 were acknowledged, 500 more were queryable, %d sent", n, next+100)
	}
	if r := again.post("/api/v1/events?wait=true", again.keys["write"], ndjson, ids(300, next+100)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if n := again.typeCounts("2020-01-01", "2100-01-01")["login"]; n != next+100 {
		t.Errorf("%d events are counted after the repetition, want %d", n, next+100)
	}
}
