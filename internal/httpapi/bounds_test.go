package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/httpapi"
)

// open begins a request on a connection of its own, and sends the first bytes
// of a body of that length.
func (f *fixture) open(t *testing.T, contentType string, length int, first string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer write\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, length, first)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// held waits until bodies hold as much memory as the test says.
func (f *fixture) held(t *testing.T, metric string, is func(bytes float64) bool) {
	t.Helper()
	last := -1.0
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		families, err := f.reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if family.GetName() == metric {
				last = family.GetMetric()[0].GetGauge().GetValue()
			}
		}
		if is(last) {
			return
		}
	}
	t.Fatalf("%s stays at %v", metric, last)
}

func nothing(held float64) bool { return held == 0 }

const memory = "ibarura_http_body_memory_bytes"

func patient(c *httpapi.Config) { c.BodyTimeout = time.Minute }

func TestASlowBodyHoldsWhatItSentAndNotWhatItAnnounced(t *testing.T) {
	f := newFixture(t, patient)
	conn := f.open(t, "application/json", 1<<20, "["+strings.Repeat(" ", 999))
	f.held(t, memory, func(held float64) bool { return held == 4<<10 })
	if _, err := io.WriteString(conn, strings.Repeat(" ", 99_000)); err != nil {
		t.Fatal(err)
	}
	f.held(t, memory, func(held float64) bool { return held == 256<<10 })
	_ = conn.Close()
	f.held(t, memory, nothing)
}

func TestASlowStreamHoldsItsUnfinishedLine(t *testing.T) {
	f := newFixture(t, patient)
	conn := f.open(t, "application/x-ndjson", 1<<30, `{"type":"login"}`+"\n")
	f.held(t, memory, func(held float64) bool { return held == 4<<10 })
	if _, err := io.WriteString(conn, `{"type":"`+strings.Repeat("x", 300_000)); err != nil {
		t.Fatal(err)
	}
	f.held(t, memory, func(held float64) bool { return held >= 600_000 && held < 1_000_000 })
	if _, err := io.WriteString(conn, "\"}\n"); err != nil {
		t.Fatal(err)
	}
	f.held(t, memory, func(held float64) bool { return held == 64<<10 })
	_ = conn.Close()
	f.held(t, memory, nothing)
}

func TestBodiesBeyondTheMemoryForThemAreTurnedAwayAndTheOthersServed(t *testing.T) {
	f := newFixture(t, patient)
	var slow []net.Conn
	for range 7 { // each holds a MiB of the 8
		slow = append(slow, f.open(t, "application/json", 1<<20, "["+strings.Repeat(" ", 900_000)))
	}
	f.held(t, memory, func(held float64) bool { return held == 7<<20 })
	large := "[" + strings.Repeat(" ", 900_000) + `{"type":"login"}]`
	a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(large))
	if a.status != http.StatusServiceUnavailable || a.Code != "overloaded" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	if a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(`{"type":"login"}`)); a.status != http.StatusOK {
		t.Errorf("a body for which there is room: %d %s", a.status, a.body)
	}
	_ = slow[0].Close()
	f.held(t, memory, func(held float64) bool { return held == 6<<20 })
	if a := f.do(t, http.MethodPost, "/api/v1/events", "write", strings.NewReader(large)); a.status != http.StatusOK {
		t.Errorf("with room again: %d %s", a.status, a.body)
	}
	for _, conn := range slow {
		_ = conn.Close()
	}
	f.held(t, memory, nothing)
}

func TestABodyThatTricklesIsEndedAndAStreamIsNot(t *testing.T) {
	f := newFixture(t, func(c *httpapi.Config) { c.MinBodyRate = 1000 })
	for contentType, want := range map[string]string{"application/json": "body_too_slow", "application/x-ndjson": `"accepted":8`} {
		conn := f.open(t, contentType, 8*17, "")
		go func() {
			for range 8 { // 17 bytes in 100 ms, over more than two times the 300 ms of the average
				time.Sleep(100 * time.Millisecond)
				if _, err := io.WriteString(conn, `{"type":"login"}`+"\n"); err != nil {
					return
				}
			}
		}()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		answer := make([]byte, 4096)
		n, err := conn.Read(answer)
		if err != nil || !strings.Contains(string(answer[:n]), want) {
			t.Errorf("%s: %s, %v", contentType, answer[:n], err)
		}
	}
	f.held(t, memory, nothing)
}

func TestAZipBombCostsNoMoreThanTheLimit(t *testing.T) {
	f := newFixture(t)
	bomb := map[string][]byte{"gzip": gzipped(64 << 20), "zstd": zstandard(t, 64<<20)}
	for encoding, body := range bomb {
		a := f.do(t, http.MethodPost, "/api/v1/events", "write", bytes.NewReader(body), "Content-Encoding", encoding)
		if a.status != http.StatusRequestEntityTooLarge || a.Code != "body_too_large" {
			t.Errorf("%s: %d %s", encoding, a.status, a.body)
		}
		a = f.do(t, http.MethodPost, "/api/v1/events", "write", bytes.NewReader(body), "Content-Encoding", encoding, "Content-Type", "application/x-ndjson")
		if a.status != http.StatusOK || len(a.Rejected) != 1 || a.Rejected[0].Code != "item_too_large" {
			t.Errorf("%s, as a line without end: %d %s", encoding, a.status, a.body)
		}
	}
	f.held(t, memory, nothing)
	f.held(t, "ibarura_http_window_memory_bytes", nothing)
}

func gzipped(size int64) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.CopyN(w, spaces{}, size)
	_ = w.Close()
	return b.Bytes()
}

func zstandard(t *testing.T, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.CopyN(w, spaces{}, size)
	_ = w.Close()
	return b.Bytes()
}

// spaces is a text of any length.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestStreamsThatBringLargeWindowsAreBoundApart(t *testing.T) {
	f := newFixture(t, patient) // 8 MiB for bodies: windows have 17 MiB, of which zstd's takes 9
	body := zstandard(t, 1)
	begin := func() net.Conn {
		conn := f.open(t, "application/x-ndjson\r\nContent-Encoding: zstd", 1<<20, string(body))
		return conn
	}
	first := begin()
	f.held(t, "ibarura_http_window_memory_bytes", func(held float64) bool { return held == 9<<20 })
	second := begin()
	_ = second.SetDeadline(time.Now().Add(10 * time.Second))
	answer := make([]byte, 4096)
	n, err := second.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), `"overloaded"`) {
		t.Errorf("%s, %v", answer[:n], err)
	}
	if a := f.do(t, http.MethodPost, "/api/v1/events", "write", bytes.NewReader(zstandard(t, 4)), "Content-Encoding", "zstd"); a.Code != "invalid_json" {
		t.Errorf("a body that is no stream needs no window of theirs: %d %s", a.status, a.body)
	}
	_ = first.Close()
	f.held(t, "ibarura_http_window_memory_bytes", nothing)
}

func TestConnectionsBeyondTheLimitAreAnsweredAndClosed(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits httpapi.ConnectionLimits
	}{
		{"all", httpapi.ConnectionLimits{Most: 2}},
		{"address", httpapi.ConnectionLimits{Most: 100, PerAddress: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			listener := httpapi.BoundConnections(inner, c.limits, prometheus.NewRegistry())
			server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
			go func() { _ = server.Serve(listener) }()
			t.Cleanup(func() { _ = server.Close() })
			first, second, third := ask(t, inner), ask(t, inner), ask(t, inner)
			if first.status != "200 OK" || second.status != "200 OK" {
				t.Errorf("within the limit: %s, %s", first.status, second.status)
			}
			if third.status != "503 Service Unavailable" || !strings.Contains(third.body, `"overloaded"`) {
				t.Errorf("beyond the limit: %s %s", third.status, third.body)
			}
			_ = first.conn.Close()
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				if ask(t, inner).status == "200 OK" {
					return
				}
			}
			t.Error("a connection that was closed makes no room")
		})
	}
}

// asked is a connection with the answer to its first request.
type asked struct {
	conn         net.Conn
	status, body string
}

func ask(t *testing.T, l net.Listener) asked {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(answer[:n]), "\r\n\r\n")
	line, _, _ := strings.Cut(head, "\r\n")
	return asked{conn, strings.TrimPrefix(line, "HTTP/1.1 "), body}
}
