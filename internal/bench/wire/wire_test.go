package wire

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ibarura/internal/loadgen"
)

// seen is a server that notes the ids that it is sent.
type seen struct {
	mu   sync.Mutex
	ids  map[string]int
	turn int // so many requests are turned away first
	slow time.Duration
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn > 0 {
		s.turn--
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	time.Sleep(s.slow)
	body, _ := io.ReadAll(r.Body)
	for line := range bytes.Lines(body) {
		s.ids[string(line[:loadgen.IDBytes])]++
	}
	_, _ = w.Write([]byte("fine")) // a client that is gone has seen enough
}

// prepared returns a server, and as many requests of two rows to it.
func prepared(t *testing.T, s *seen, requests int) *Load {
	t.Helper()
	s.ids = map[string]int{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	target := &Target{Address: strings.TrimPrefix(server.URL, "http://"), Path: "/x?y=1", Headers: []string{"A: b"}}
	l := &Load{Target: target, Connections: requests, Check: fine}
	for n := range requests {
		line := strings.Repeat("-", loadgen.RunBytes)
		first, second := fmt.Sprintf("%s%016d\n", line, 2*n), fmt.Sprintf("%s%016d\n", line, 2*n+1)
		l.Requests = append(l.Requests, target.New([]byte(first+second), []int{0, len(first)}))
	}
	return l
}

func fine(a *Answer, _ *Request) error {
	if a.Status != http.StatusOK || string(a.Body) != "fine" {
		return fmt.Errorf("answer %d: %s", a.Status, a.Body)
	}
	return nil
}

func TestEveryRequestHasIDsOfItsOwn(t *testing.T) {
	var s seen
	l := prepared(t, &s, 3)
	l.Count = 50
	result, err := l.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Requests != 50 || result.Rows != 100 || len(result.Latency) != 50 || len(s.ids) != 100 {
		t.Errorf("%d requests, %d rows, %d latencies, %d ids", result.Requests, result.Rows, len(result.Latency), len(s.ids))
	}
}

func TestRequestsThatAreTurnedAwayAreSentAgainWithTheSameIDs(t *testing.T) {
	s := seen{turn: 3}
	l := prepared(t, &s, 2)
	l.Count = 10
	result, err := l.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.TurnedAway != 3 || result.Rows != 20 || len(s.ids) != 20 {
		t.Errorf("%d turned away, %d rows, %d ids", result.TurnedAway, result.Rows, len(s.ids))
	}
}

func TestLatencyOfASteadyLoadCountsFromWhenARequestWasDue(t *testing.T) {
	s := seen{slow: 20 * time.Millisecond}
	l := prepared(t, &s, 1)
	l.Count, l.Every = 10, time.Millisecond // due within 10 ms, served in 200
	result, err := l.Send(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := result.Latency.Percentile(100); last < 150*time.Millisecond {
		t.Errorf("the last answer came %s after it was due", last)
	}
}

func TestTimeEndsALoad(t *testing.T) {
	var s seen
	l := prepared(t, &s, 2)
	l.For = 30 * time.Millisecond
	if result, err := l.Send(t.Context()); err != nil || result.Requests == 0 {
		t.Errorf("%d requests, %v", result.Requests, err)
	}
}

func TestWrongAnswerEndsTheLoad(t *testing.T) {
	var s seen
	l := prepared(t, &s, 1)
	l.Count = 5
	l.Check = func(*Answer, *Request) error { return io.ErrUnexpectedEOF }
	if result, err := l.Send(t.Context()); err == nil || result.Requests != 0 {
		t.Errorf("%d requests, %v", result.Requests, err)
	}
}

func TestLoadWithoutAnEndIsRefused(t *testing.T) {
	var s seen
	l := prepared(t, &s, 1)
	if _, err := l.Send(t.Context()); err == nil {
		t.Error("a load without an end was sent")
	}
}

func TestPercentile(t *testing.T) {
	var l Latency
	if l.Percentile(50) != 0 {
		t.Error("of nothing")
	}
	for n := range 100 {
		l = append(l, time.Duration(n+1))
	}
	for p, want := range map[float64]time.Duration{1: 1, 50: 50, 99: 99, 100: 100} {
		if got := l.Percentile(p); got != want {
			t.Errorf("%g%%: %d, want %d", p, got, want)
		}
	}
}

// answers reads one answer from text.
func answerOf(t *testing.T, text string) (Answer, error) {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		_, _ = theirs.Write([]byte(text))
		_ = theirs.Close()
	}()
	defer ours.Close()
	return newConn(ours).read()
}

func TestAnswersAreRead(t *testing.T) {
	for text, want := range map[string]Answer{
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine":                                                            {Status: 200, Body: []byte("fine")},
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfin\r\n1\r\ne\r\n0\r\n\r\n":                        {Status: 200, Body: []byte("fine")},
		"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\n\r\n":                             {Status: 503, RetryAfter: 2 * time.Second, last: true},
		"HTTP/1.1 200 OK\r\nX-ClickHouse-Exception-Code: 60\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nE\r\n0\r\n\r\n": {Status: 200, Exception: true, Body: []byte("E")},
	} {
		got, err := answerOf(t, text)
		if err != nil || got.Status != want.Status || got.RetryAfter != want.RetryAfter || got.Exception != want.Exception ||
			got.last != want.last || !bytes.Equal(got.Body, want.Body) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestBrokenAnswersAreErrors(t *testing.T) {
	for _, text := range []string{
		"", "220 mail\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		if got, err := answerOf(t, text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfin\r\n-1\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := answerOf(t, text); err == nil && len(a.Body) > len(text) {
			t.Errorf("%d bytes of body out of %d", len(a.Body), len(text))
		}
	})
}
