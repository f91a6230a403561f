package httpapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"ibarura/internal/access"
	"ibarura/internal/event"
	"ibarura/internal/httpapi"
	"ibarura/internal/ingest"
	"ibarura/internal/live"
	"ibarura/internal/openapi/openapitest"
	"ibarura/internal/report"
	"ibarura/internal/spool"
)

// store is a real spool that can be told to be full, to panic, and to be slow
// with what is asked of the loader.
type store struct {
	*spool.Spool
	full  bool
	flush error
	slow  time.Duration // of Await
	panic bool
}

func (s *store) Room() bool { return !s.full }

func (s *store) Append(ctx context.Context, records []spool.Record) (*spool.Ticket, error) {
	if s.panic {
		panic("a value that must not reach the log")
	}
	return s.Spool.Append(ctx, records)
}

func (s *store) Await(ctx context.Context, _ spool.LSN) error {
	select {
	case <-time.After(s.slow):
		return s.flush
	case <-ctx.Done():
		return ctx.Err()
	}
}

type noVisitor struct{}

func (noVisitor) Visit(*event.PageView, *event.Visit) {}

// keys knows three keys by their scope's name.
type keys struct{}

func (keys) Authorize(_ context.Context, presented string, needed access.Scope) (access.Principal, error) {
	scope, err := access.ParseScope(presented)
	if err != nil {
		return access.Principal{}, access.ErrUnauthorized
	}
	who := access.Principal{Project: access.NewProject("p", time.UTC, []string{"https://good.example"}), KeyID: "k", Scope: scope}
	return who, who.Require(needed)
}

// AnyAllowsOrigin knows one good page.
func (keys) AnyAllowsOrigin(_ context.Context, origin string) (bool, error) {
	return origin == "https://good.example", nil
}

type fixture struct {
	*httptest.Server
	store   *store
	orders  *orders
	keeping *keeping
	linking *linking
	over    atomic.Bool // every session is
	logs    *observer.ObservedLogs
	reg     *prometheus.Registry
}

func newFixture(t *testing.T, changes ...func(*httpapi.Config)) *fixture {
	t.Helper()
	config := httpapi.Config{MaxBodyBytes: 1 << 20, MaxBodyMemory: 8 << 20, BodyTimeout: 300 * time.Millisecond, WriteTimeout: 10 * time.Second, MaxLinkAge: 366 * 24 * time.Hour}
	for _, change := range changes {
		change(&config)
	}
	core, logs := observer.New(zapcore.DebugLevel)
	log, err := spool.Open(t.Context(), spool.Options{Dir: t.TempDir(), SegmentBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	f := &fixture{store: &store{Spool: log}, orders: &orders{}, linking: &linking{}, keeping: &keeping{[]access.Key{{ID: "k", Project: "p", Scope: access.Admin}}}, logs: logs, reg: prometheus.NewRegistry()}
	in := ingest.New(ingest.Config{Limits: event.DefaultLimits(), Window: time.Hour, MaxIDs: 1000, WaitTimeout: 2 * time.Second},
		ingest.Deps{Log: f.store, Loading: f.store, Visitor: noVisitor{}, Clock: time.Now}, f.reg)
	hub := live.New(live.Options{MaxReaders: 2, MaxPerKey: 1, MaxFilters: 2, MaxPersons: 1000, Heartbeat: time.Hour}, nil, time.Now, zap.NewNop(), f.reg)
	t.Cleanup(func() { _ = hub.Close(context.Background()) })
	s, err := httpapi.New(config,
		httpapi.Deps{Keys: keys{}, Sessions: sessions{&f.over}, Ingest: in, Report: report.New(noRows{}, time.Now, report.DefaultLimits()), Live: hub, Erasing: f.orders, Keeping: f.keeping, Links: f.linking, Linking: f.linking, Kept: retentions, Gatherer: f.reg, Registry: f.reg, Log: zap.New(core),
			Ready: []httpapi.Check{{Name: "the store is full", Ask: func(context.Context) error {
				if f.store.full {
					return errors.New("full")
				}
				return nil
			}}}})
	if err != nil {
		t.Fatal(err)
	}
	f.Server = httptest.NewServer(documented(t, s))
	t.Cleanup(f.Close)
	return f
}

var answersCheck = sync.OnceValues(func() (*openapitest.Validator, error) { return openapitest.New(httpapi.Document()) })

// documented holds every answer of a test's server against the document.
func documented(t *testing.T, s http.Handler) http.Handler {
	t.Helper()
	check, err := answersCheck()
	if err != nil {
		t.Fatal(err)
	}
	return check.Handler(s, func(err error) { t.Errorf("not as documented: %v", err) })
}

type answer struct {
	status int
	header http.Header
	body   string
	ingest.Result
	httpapi.Problem
}

func (f *fixture) do(t *testing.T, method, path, key string, body io.Reader, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, f.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	_ = json.Unmarshal(text, &a.Result)
	_ = json.Unmarshal(text, &a.Problem)
	return a
}

const two = `[{"type":"login","user_id":"u1"},{"type":"login","user_id":"u2"}]`

func compress(t *testing.T, open func(io.Writer) (io.WriteCloser, error), text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var encodings = []struct {
	header string
	open   func(io.Writer) (io.WriteCloser, error)
}{
	{"gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
	{"deflate", func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }},
	{"Deflate", func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 6) }}, // bare, as some clients send it
	{"zstd", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }},
	{"br", func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriter(w), nil }},
}

func TestEveryEncodingIsReadInBothForms(t *testing.T) {
	f := newFixture(t)
	for _, e := range encodings {
		for kind, text := range map[string]string{
			"application/json":     two,
			"application/x-ndjson": "{\"type\":\"a\"}\n{\"type\":\"b\"}\n",
		} {
			a := f.do(t, "POST", "/api/v1/events", "write", bytes.NewReader(compress(t, e.open, text)), "Content-Encoding", e.header, "Content-Type", kind)
			if a.status != 200 || a.Accepted != 2 {
				t.Errorf("%s %s: %d %s", e.header, kind, a.status, a.body)
			}
		}
	}
}

func TestABombIsRefusedAtTheLimitAndNamesIt(t *testing.T) {
	f := newFixture(t)
	for _, e := range encodings {
		bomb := compress(t, e.open, "["+strings.Repeat(" ", 64<<20)+"]")
		a := f.do(t, "POST", "/api/v1/events", "write", bytes.NewReader(bomb), "Content-Encoding", e.header)
		if a.status != 413 || a.Code != "body_too_large" || !strings.Contains(a.Detail, "1048576") {
			t.Errorf("%s: %d %s", e.header, a.status, a.body)
		}
	}
}

func TestWhatCannotBeReadIsAProblemThatSaysWhy(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		name, method, path, key, body string
		headers                       []string
		status                        int
		code                          string
	}{
		{"no key", "POST", "/api/v1/events", "", two, nil, 401, "unauthorized"},
		{"unknown key", "POST", "/api/v1/events", "wrong", two, nil, 401, "unauthorized"},
		{"a read key writes", "POST", "/api/v1/events", "read", two, nil, 403, "forbidden"},
		{"a write key reads", "GET", "/api/v1/analytics/users", "write", "", nil, 403, "forbidden"},
		{"empty body", "POST", "/api/v1/events", "write", "", nil, 400, "invalid_json"},
		{"broken JSON", "POST", "/api/v1/events", "write", `[{"type":"a"},{`, nil, 400, "invalid_json"},
		{"no object", "POST", "/api/v1/events", "write", `42`, nil, 400, "not_an_object"},
		{"unknown encoding", "POST", "/api/v1/events", "write", two, []string{"Content-Encoding", "lzma"}, 415, "unsupported_encoding"},
		{"not what the encoding says", "POST", "/api/v1/events", "write", two, []string{"Content-Encoding", "gzip"}, 400, "invalid_encoding"},
		{"cut zstd", "POST", "/api/v1/events", "write", "\x28\xb5\x2f\xfd", []string{"Content-Encoding", "zstd"}, 400, "invalid_encoding"},
		{"bad wait", "POST", "/api/v1/events?wait=maybe", "write", two, nil, 400, "invalid_parameter"},
		{"long idempotency key", "POST", "/api/v1/events", "write", two, []string{"Idempotency-Key", strings.Repeat("x", 256)}, 400, "too_long"},
		{"unknown path", "GET", "/api/v1/nothing", "read", "", nil, 404, "not_found"},
		{"wrong method", "GET", "/api/v1/events", "write", "", nil, 405, "method_not_allowed"},
		{"unknown parameter", "GET", "/api/v1/analytics/users?form=2026-01-01", "read", "", nil, 400, "unknown_parameter"},
		{"bad date", "GET", "/api/v1/analytics/users?from=yesterday", "read", "", nil, 400, "invalid_parameter"},
		{"bad zone", "GET", "/api/v1/analytics/users?timezone=Mars/Base", "read", "", nil, 400, "invalid_parameter"},
		{"bad limit", "GET", "/api/v1/analytics/posts/top?limit=0", "read", "", nil, 400, "invalid_parameter"},
		{"twice", "GET", "/api/v1/analytics/users?role=a&role=b", "read", "", nil, 400, "invalid_parameter"},
	} {
		a := f.do(t, c.method, c.path, c.key, strings.NewReader(c.body), c.headers...)
		if a.status != c.status || a.Code != c.code || a.Problem.Status != c.status || a.Detail == "" {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
		if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
			t.Errorf("%s: content type %s", c.name, got)
		}
	}
	if end := f.store.Durable(); end != 0 {
		t.Errorf("%d bytes were taken in", end)
	}
}

func TestASlashAtTheEndMakesNoDifference(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/api/v1/events", "/api/v1/events/"} {
		if a := f.do(t, "POST", path, "write", strings.NewReader(two)); a.status != 200 || a.Accepted != 2 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestAFullServerAnswers503WithRetryAfterAndIsNotReady(t *testing.T) {
	f := newFixture(t)
	if a := f.do(t, "GET", "/readyz", "", nil); a.status != 200 {
		t.Errorf("ready: %d %s", a.status, a.body)
	}
	time.Sleep(1100 * time.Millisecond) // what /readyz found holds for a second
	f.store.full = true
	a := f.do(t, "POST", "/api/v1/events", "write", strings.NewReader(two))
	if a.status != 503 || a.Code != "overloaded" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	if a := f.do(t, "GET", "/readyz/", "", nil); a.status != 503 || !strings.Contains(a.Detail, "the store is full") {
		t.Errorf("ready while full: %d %s", a.status, a.body)
	}
	if a := f.do(t, "GET", "/healthz", "", nil); a.status != 200 {
		t.Errorf("healthy while full: %d", a.status)
	}
}

func TestWaitThatCannotBeKeptSaysSoAndWhatWasTakenIn(t *testing.T) {
	f := newFixture(t)
	f.store.flush = errors.New("the engine is away")
	a := f.do(t, "POST", "/api/v1/events?wait=true", "write", strings.NewReader(two))
	if a.status != 503 || a.Code != "not_queryable_yet" || a.header.Get("Retry-After") == "" ||
		a.Problem.Result == nil || a.Problem.Result.Accepted != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if strings.Contains(a.body, "engine is away") {
		t.Error("the cause is shown to the client")
	}
}

func TestAStreamOfAnyLengthIsTakenInAndItsBadLinesNamed(t *testing.T) {
	f := newFixture(t)
	r, w := io.Pipe()
	const n = 100_000 // 8 MB, eight times the limit on bodies
	go func() {
		for i := range n {
			line := fmt.Sprintf(`{"type":"login","user_id":"u%d","properties":{"filler":"%030d"}}`, i, i)
			if i == 77_777 {
				line = `{"type":}`
			}
			if _, err := io.WriteString(w, line+"\n"); err != nil {
				return
			}
		}
		_ = w.Close()
	}()
	a := f.do(t, "POST", "/api/v1/events", "write", r, "Content-Type", "application/x-ndjson; charset=utf-8")
	if a.status != 200 || a.Accepted != n-1 || len(a.Rejected) != 1 || a.Rejected[0].Index != 77_777 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestABodyThatStallsIsCutOffAndOneThatFlowsSlowlyIsNot(t *testing.T) {
	f := newFixture(t)
	begin := func() net.Conn {
		conn, err := net.Dial("tcp", f.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = fmt.Fprintf(conn, "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer write\r\nContent-Type: application/x-ndjson\r\nContent-Length: 64\r\n\r\n")
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		return conn
	}
	stalled := begin()
	_, _ = io.WriteString(stalled, `{"type":"a"}`+"\n")
	if a := readAnswer(t, stalled); a.status != 408 || a.Code != "body_timeout" {
		t.Errorf("stalled: %d %s", a.status, a.body)
	}
	slow := begin()
	for range 8 {
		time.Sleep(100 * time.Millisecond) // 0.8 s in all, more than twice the longest pause
		_, _ = io.WriteString(slow, `{"t":1}`+"\n")
	}
	if a := readAnswer(t, slow); a.status != 200 {
		t.Errorf("slow: %d %s", a.status, a.body)
	}
}

// A server reads what is left of a body before it answers; a client that never
// sends it must get its answer, and let go of its connection, all the same.
func TestABodyThatNobodyReadsAndThatNeverComesHoldsNothing(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		request string
		status  int
	}{
		{"POST /api/v1/events", 401}, {"POST /nowhere", 404}, {"DELETE /api/v1/events", 405}, {"GET /healthz", 200},
	} {
		conn, err := net.Dial("tcp", f.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", c.request)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if a := readAnswer(t, conn); a.status != c.status {
			t.Errorf("%s: %d %s", c.request, a.status, a.body)
		}
		_ = conn.Close()
	}
}

func TestABodyThatBreaksOffIsTheClientsProblem(t *testing.T) {
	f := newFixture(t)
	for _, kind := range []string{"application/json", "application/x-ndjson"} {
		conn, err := net.Dial("tcp", f.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer write\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n{", kind)
		_ = conn.(*net.TCPConn).CloseWrite()
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if a := readAnswer(t, conn); a.status != 400 || a.Code != "body_incomplete" {
			t.Errorf("%s: %d %s", kind, a.status, a.body)
		}
		_ = conn.Close()
	}
}

func readAnswer(t *testing.T, conn net.Conn) answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Errorf("no answer: %v", err)
		return answer{}
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	_ = json.Unmarshal(text, &a.Problem)
	return a
}

func TestWaitingMayTakeLongerThanTheBodyMayPause(t *testing.T) {
	f := newFixture(t)
	f.store.slow = 800 * time.Millisecond // the longest pause of a body is 300 ms
	for kind, encode := range map[string]func(string) []byte{
		"application/json":     func(text string) []byte { return []byte(text) },
		"application/x-ndjson": func(string) []byte { return []byte("{\"type\":\"a\"}\n{\"type\":\"b\"}\n") },
	} {
		a := f.do(t, "POST", "/api/v1/events?wait=true", "write", bytes.NewReader(encode(two)), "Content-Type", kind)
		if a.status != 200 || a.Accepted != 2 {
			t.Errorf("%s: %d %s", kind, a.status, a.body)
		}
	}
}

func TestAPanicIsOneRequestsProblemAndItsValueStaysOutOfTheLog(t *testing.T) {
	f := newFixture(t)
	f.store.panic = true
	a := f.do(t, "POST", "/api/v1/events", "write", strings.NewReader(two))
	if a.status != 500 || a.Code != "internal" || a.RequestID == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, entry := range f.logs.All() {
		if text := fmt.Sprint(entry.Message, entry.ContextMap()); strings.Contains(text, "must not reach") {
			t.Errorf("log: %s", text)
		}
	}
	f.store.panic = false
	if a := f.do(t, "POST", "/api/v1/events", "write", strings.NewReader(two)); a.status != 200 {
		t.Errorf("after the panic: %d %s", a.status, a.body)
	}
}

func TestTheLogNamesNoPersonAddressPathOrKey(t *testing.T) {
	f := newFixture(t)
	f.do(t, "POST", "/api/v1/events?who=jane", "write", strings.NewReader(`{"type":"login","user_id":"jane-doe"}`), "User-Agent", "Mozilla/5.0 (jane)")
	f.do(t, "GET", "/users/jane-doe/secrets", "wrong-secret-key", nil)
	for _, entry := range f.logs.All() {
		text := fmt.Sprint(entry.Message, entry.ContextMap())
		for _, private := range []string{"jane", "127.0.0.1", "wrong-secret-key"} {
			if strings.Contains(text, private) {
				t.Errorf("%q stands in the log: %s", private, text)
			}
		}
	}
	if f.logs.FilterMessage("request").Len() != 2 {
		t.Errorf("%d requests are logged", f.logs.FilterMessage("request").Len())
	}
}

func TestAnswersCarryTheirRequestIDAndSecurityHeaders(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, "GET", "/healthz", "", nil, "X-Request-ID", "abc-123")
	if got := a.header.Get("X-Request-ID"); got != "abc-123" {
		t.Errorf("request id %q", got)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, odd := range []string{strings.Repeat("x", 65), "a b", "<script>"} {
		if got := f.do(t, "GET", "/healthz", "", nil, "X-Request-ID", odd).header.Get("X-Request-ID"); got == odd || got == "" {
			t.Errorf("request id %q is taken over as %q", odd, got)
		}
	}
}

func TestMetricsCountByRouteAndNotByPath(t *testing.T) {
	f := newFixture(t)
	f.do(t, "POST", "/api/v1/events", "write", strings.NewReader(two))
	f.do(t, "GET", "/who/knows/1", "", nil)
	f.do(t, "BREW", "/who/knows/2", "", nil)
	text := f.do(t, "GET", "/metrics", "", nil).body
	for _, want := range []string{
		`ibarura_http_requests_total{method="POST",route="/api/v1/events",status="200"} 1`,
		`ibarura_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`ibarura_http_requests_total{method="other",route="unmatched",status="404"} 1`,
		`ibarura_ingest_items_accepted_total{kind="event"} 2`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not there", want)
		}
	}
	if strings.Contains(text, "knows") {
		t.Error("a path became a label")
	}
}

// noRows runs statements that find no rows.
type noRows struct{}

func (noRows) Query(context.Context, string, string, map[string]string, func(func(dest ...any) error) error) (uint64, error) {
	return 0, nil
}
