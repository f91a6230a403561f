package httpapi_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestWhatCannotBeWatchedIsAProblem(t *testing.T) {
	f := newFixture(t)
	const upgrade, events, socket = "Upgrade", "/api/v1/analytics/live/events", "/api/v1/analytics/live"
	handshake := []string{"Connection", "keep-alive, Upgrade", upgrade, "WebSocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, c := range map[string]struct {
		path, key string
		headers   []string
		status    int
		code      string
	}{
		"no key":                      {events, "", nil, 401, "unauthorized"},
		"a write key":                 {events, "write", nil, 403, "forbidden"},
		"a name that is none":         {events + "?tpye=a", "read", nil, 400, "unknown_parameter"},
		"a name that reports have":    {events + "?from=2026-01-01", "read", nil, 400, "unknown_parameter"},
		"twice":                       {events + "?type=a&type=b", "read", nil, 400, "invalid_parameter"},
		"a kind that is none":         {events + "?kind=click", "read", nil, 400, "invalid_parameter"},
		"bot without sense":           {events + "?bot=maybe", "read", nil, 400, "invalid_parameter"},
		"detail without sense":        {events + "?detail=all", "admin", nil, 400, "invalid_parameter"},
		"too long":                    {events + "?path=" + strings.Repeat("a", 2000), "read", nil, 400, "invalid_parameter"},
		"too many properties":         {events + "?" + properties(6), "read", nil, 400, "invalid_parameter"},
		"events' and page views' own": {events + "?type=a&path=/", "read", nil, 400, "unsupported_filter"},
		"persons for a read key":      {events + "?detail=person", "read", nil, 403, "forbidden"},
		"no WebSocket":                {socket, "read", nil, 426, "upgrade_required"},
		"an old WebSocket":            {socket, "read", append(handshake[:4:4], "Sec-WebSocket-Version", "8", "Sec-WebSocket-Key", handshake[7]), 426, "upgrade_required"},
		"another page's WebSocket":    {socket, "read", append(handshake, "Origin", "https://good.example"), 403, "origin_not_allowed"},
		"a WebSocket without a key":   {socket, "", handshake, 401, "unauthorized"},
		"a WebSocket's parameter":     {socket + "?x=1", "read", handshake, 400, "unknown_parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.do(t, http.MethodGet, c.path, c.key, nil, c.headers...)
			if a.status != c.status || a.Code != c.code || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
				t.Errorf("%d %s, want %d %s", a.status, a.body, c.status, c.code)
			}
		})
	}
}

func properties(n int) string {
	q := url.Values{}
	for i := range n {
		q.Set("property."+string(rune('a'+i)), "x")
	}
	return q.Encode()
}

func TestASessionWatchesUntilItIsOver(t *testing.T) {
	f := newFixture(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/api/v1/analytics/live/events?kind=event", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", signedIn)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "event: state" {
	}
	if resp.StatusCode != http.StatusOK || lines.Err() != nil {
		t.Fatalf("%d, %v", resp.StatusCode, lines.Err())
	}
	if a := f.do(t, http.MethodGet, "/api/v1/analytics/live/events", "read", nil); a.status != 429 {
		t.Errorf("the key of a session has room for one more: %d %s", a.status, a.body)
	}
	f.over.Store(true)
	rest := ""
	for lines.Scan() {
		rest += lines.Text() + "\n"
	}
	if !strings.Contains(rest, "event: end\ndata: {\"reason\":\"access_ended\"}") {
		t.Errorf("the last words are %q, %v", rest, lines.Err())
	}
	if a := f.do(t, http.MethodGet, "/api/v1/analytics/live/events", "", nil, "Cookie", signedIn); a.status != 401 {
		t.Errorf("a session that is over: %d %s", a.status, a.body)
	}
}

func TestOtherPagesCannotWatchByASession(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodGet, "/api/v1/analytics/live/events", "", nil, "Cookie", signedIn, "Sec-Fetch-Site", "cross-site")
	if a.status != 403 || a.Code != "cross_site" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The fixture has room for one reader with a key.
func TestOneReaderTooManyIsAProblemUntilAnotherGoes(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/api/v1/analytics/live/events/?type=login&property.plan=pro", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer read")
	first, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Body.Close() }()
	if first.StatusCode != http.StatusOK || first.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("%d %v", first.StatusCode, first.Header)
	}
	dial := func(key string) (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(t.Context(), f.URL+"/api/v1/analytics/live?detail=person", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + key}}})
	}
	if a := f.do(t, http.MethodGet, "/api/v1/analytics/live/events", "read", nil); a.status != 429 || a.Code != "live_full" || a.header.Get("Retry-After") == "" {
		t.Errorf("with the same key: %d %s", a.status, a.body)
	}
	cancel()
	for {
		conn, resp, err := dial("admin")
		if err == nil {
			_ = conn.CloseNow()
			break
		}
		if resp == nil || resp.StatusCode != http.StatusTooManyRequests {
			t.Fatal(err)
		}
	}
}
