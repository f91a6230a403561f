package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// hostile makes the tests of hostile clients take their full size: 10,000
// connections and 10 GB. `make test-hostile` sets it.
var hostile = flag.Bool("hostile", false, "hostile clients in their full number and length")

// The bounds on the resident memory of serve at its worst, without the race
// detector, in MiB.
const (
	quietMiB  = 150 // whatever is sent over few connections
	crowdKiB  = 40  // for each connection that sends a body, beside that
	raceTimes = 8   // what the race detector makes of it, at most
)

// peakMiB is the largest resident memory that a process has had.
func peakMiB(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kib, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return kib >> 10
		}
	}
	t.Fatal("the process has no VmHWM")
	return 0
}

// staysWithin fails the test if serve has ever taken more memory than that.
func (s *instance) staysWithin(t *testing.T, mib int) {
	t.Helper()
	if raceDetector {
		mib *= raceTimes
	}
	peak := peakMiB(t, s.cmd.Process.Pid)
	t.Logf("serve took at most %d MiB of memory", peak)
	if peak > mib {
		t.Errorf("serve took %d MiB, want at most %d", peak, mib)
	}
}

// Connections that send the beginning of a body and then next to nothing do no
// harm to those that behave.
func TestHostileCrowdOfSlowBodiesHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	crowd := 2000
	if *hostile {
		crowd = 10_000
	}
	s := serve(t, t.TempDir(), "--http.body-timeout", "5m", "--http.min-body-rate", "0", "--http.read-header-timeout", "1m")
	slow := make([]net.Conn, 0, crowd)
	for i := range crowd {
		contentType, path := "application/json", "/api/v1/events"
		if i%2 == 1 {
			contentType = ndjson
		}
		slow = append(slow, s.dial(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 1000000\r\n\r\n[",
			path, s.keys["write"], contentType)))
	}
	waitFor(t, "all of them are being served", func() bool {
		return s.get("/metrics", nil).number("ibarura_http_requests_in_flight") >= float64(crowd)
	})
	for round := range 10 {
		for _, conn := range slow {
			if _, err := io.WriteString(conn, " "); err != nil {
				t.Fatalf("a slow body is ended in round %d: %v", round, err)
			}
		}
		from := round * 100
		if r := s.post("/api/v1/events?wait=true", s.keys["write"], ndjson, ids(from, from+100)); r.status != http.StatusOK || !strings.Contains(string(r.body), `"accepted":100`) {
			t.Errorf("round %d: %d %s", round, r.status, r.body)
		}
	}
	if n := s.typeCounts("2020-01-01", "2100-01-01")["login"]; n != 1000 {
		t.Errorf("%d of 1000 events are counted", n)
	}
	s.staysWithin(t, quietMiB+crowd*crowdKiB>>10)
	for _, conn := range slow {
		_ = conn.Close()
	}
	waitFor(t, "what they held is given back", func() bool {
		return s.get("/metrics", nil).number("ibarura_http_body_memory_bytes") == 0
	})
}

// dial opens a connection that lives as long as the test.
func (s *instance) dial(t *testing.T, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestHostileConnectionsBeyondTheLimitAreToldSo(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--http.max-connections", "50", "--http.read-header-timeout", "1m")
	for range 50 {
		s.dial(t, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
	}
	conn := s.dial(t, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || codeOfResponse(t, resp) != "overloaded" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
}

// A stream may be longer than any memory: it is taken in as it comes.
func TestHostileStreamOfAnyLengthKeepsMemoryFlat(t *testing.T) {
	t.Parallel()
	size := int64(200 << 20)
	switch {
	case *hostile:
		size = 10 << 30
	case raceDetector:
		size = 50 << 20 // it is several times slower
	}
	s := serve(t, t.TempDir())
	source := &endless{left: size}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.base+"/api/v1/events", source)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", ndjson)
	r := send(req, s.keys["write"])
	var result struct{ Accepted, Duplicates int }
	if err := json.Unmarshal(r.body, &result); err != nil || r.status != http.StatusOK || int64(result.Accepted) != source.lines.Load() {
		t.Fatalf("%d %s after %d lines", r.status, r.body, source.lines.Load())
	}
	s.settled()
	if n := s.typeCounts("2020-01-01", "2100-01-01")["streamed"]; int64(n) != source.lines.Load() {
		t.Errorf("%d of %d events are counted", n, source.lines.Load())
	}
	bound := quietMiB
	if *hostile {
		bound *= 2 // while two cuts of ingest.batch-bytes are being inserted all the time
	}
	s.staysWithin(t, bound)
}

var padding = strings.Repeat("0123456789abcdef", 500)

// endless makes lines of 16 KB, of two properties, until size bytes are there.
type endless struct {
	left  int64
	lines atomic.Int64
	line  bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	if e.line.Len() == 0 {
		if e.left <= 0 {
			return 0, io.EOF
		}
		n := e.lines.Add(1)
		fmt.Fprintf(&e.line, `{"type":"streamed","user_id":"u%d","properties":{"a":"%s","b":"%s"}}`+"\n", n%1000, padding, padding)
		e.left -= int64(e.line.Len())
	}
	return e.line.Read(p)
}

// Each of these says what is wrong, in few words, and costs no memory to speak of.
func TestHostileBodiesGetAClearAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	mega := strings.Repeat("x", 1<<20)
	const most = 2000 // bytes of an answer
	for _, c := range []struct {
		name, contentType, encoding string
		body                        []byte
		status                      int
		wants                       []string
	}{
		{"a zip bomb of a gigabyte", "application/json", "gzip", bomb(1 << 30), 413, []string{`"body_too_large"`, "10485760 bytes"}},
		{"a zip bomb as one line", ndjson, "gzip", bomb(256 << 20), 200, []string{`"item_too_large"`, "1048576 bytes"}},
		{"a property's name of a megabyte", "application/json", "", []byte(`[{"type":"a","properties":{"` + mega + `":1}},{"type":"b"}]`), 200,
			[]string{`"accepted":1`, `"item_too_large"`, "1048576 bytes"}},
		{"a property's name of half a megabyte", "application/json", "", []byte(`[{"type":"a","properties":{"` + mega[:1<<19] + `":1}},{"type":"b"}]`), 200,
			[]string{`"accepted":1`, `"too_long"`, "the limit is 128"}},
		{"a field's name of half a megabyte", "application/json", "", []byte(`[{"type":"a","` + mega[:1<<19] + `":1},{"type":"b"}]`), 200,
			[]string{`"accepted":1`, `"unknown_field"`}},
		{"a thousand fields' names of ten kilobytes", ndjson, "", []byte(strings.Repeat(`{"`+mega[:10_000]+`":1}`+"\n", 3)), 200, []string{`"unknown_field"`}},
		{"ten thousand properties", "application/json", "", []byte(`{"type":"a","properties":{` + manyKeys(10_000) + `}}`), 200, []string{`"too_many"`, "64"}},
		{"brackets without end", "application/json", "", []byte(strings.Repeat("[", 1<<20)), 400, []string{`"too_deep"`}},
		{"a gigabyte that is announced", "application/json", "", nil, 400, []string{`"body_incomplete"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.postEncoded(t, c.contentType, c.encoding, c.body)
			if r.status != c.status {
				t.Errorf("%d %.300s", r.status, r.body)
			}
			for _, want := range c.wants {
				if !strings.Contains(string(r.body), want) {
					t.Errorf("the answer does not say %s: %.300s", want, r.body)
				}
			}
			if len(r.body) > most {
				t.Errorf("the answer has %d bytes", len(r.body))
			}
		})
	}
	s.staysWithin(t, quietMiB)
}

// postEncoded posts a body as it is; nil is a body that is announced and does
// not come.
func (s *instance) postEncoded(t *testing.T, contentType, encoding string, body []byte) reply {
	t.Helper()
	if body == nil {
		conn := s.dial(t, s.postHead(contentType, 1<<30))
		_ = conn.(*net.TCPConn).CloseWrite()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, _ := io.ReadAll(resp.Body)
		return reply{resp.StatusCode, resp.Header, text}
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.base+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	return send(req, s.keys["write"])
}

// bomb is so many spaces, gzipped: a megabyte again and again, as a gzip file
// may consist of several.
func bomb(size int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	_ = w.Close()
	return bytes.Repeat(b.Bytes(), size>>20)
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	return strings.Join(keys, ",")
}

// number is the value of a series on /metrics; -1 if it is not there.
func (r reply) number(series string) float64 {
	n, err := strconv.ParseFloat(r.sample(series), 64)
	if err != nil {
		return -1
	}
	return n
}

// A producer that floods is held back, and another key is not.
func TestHostileFloodOfOneKeyLeavesTheOthersTheirPlace(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--limits.requests-per-second", "5", "--limits.burst", "2s")
	polite := createProject(t, s, "polite", "UTC")
	refused := 0
	for i := range 30 {
		r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(i, i+1))
		if r.status == http.StatusTooManyRequests {
			refused++
			if r.header.Get("Retry-After") == "" || r.header.Get("RateLimit") == "" || codeOf(t, r) != "rate_limited" {
				t.Errorf("%v %s", r.header, r.body)
			}
		}
	}
	if refused == 0 {
		t.Error("30 requests at once are within 5 a second")
	}
	if r := s.post("/api/v1/events", polite.write, ndjson, ids(0, 1)); r.status != http.StatusOK {
		t.Errorf("the other key: %d %s", r.status, r.body)
	}
	time.Sleep(time.Second)
	if r := s.post("/api/v1/events", s.keys["write"], ndjson, ids(100, 101)); r.status != http.StatusOK {
		t.Errorf("after the time that it was told: %d %s", r.status, r.body)
	}
}

func TestNoMoreConnectionsAreTakenThanThereAreFilesFor(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--http.max-connections", "1000000")
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if files.Cur >= 1_000_200 {
		t.Logf("%d files may be open here: there is nothing to warn of", files.Cur)
		return
	}
	waitFor(t, "serve warns of too few files", func() bool { return strings.Contains(s.log.String(), "limit on open files") })
}
