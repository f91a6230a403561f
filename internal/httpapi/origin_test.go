package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	goodPage = "https://good.example"
	evilPage = "https://evil.example"
)

// The fixture's projects allow goodPage alone.
func TestAPageOfAnotherOriginPostsOnlyWhereItsProjectAllowsIt(t *testing.T) {
	f := newFixture(t)
	host := strings.TrimPrefix(f.URL, "http://")
	for _, c := range []struct {
		name, path, key, origin, contentType string
		status                               int
		code, allowed                        string
	}{
		{"a producer's own client", "/api/v1/events", "write", "", "application/json", 200, "", ""},
		{"a page of this server", "/api/v1/events", "write", f.URL, "application/json", 200, "", ""},
		{"a page of this server behind a proxy that speaks TLS", "/api/v1/events", "write", "https://" + host, "application/json", 200, "", ""},
		{"a good page", "/api/v1/events", "write", goodPage, "application/json", 200, "", goodPage},
		{"a good page, with a slash", "/api/v1/events/", "admin", goodPage, "application/json", 200, "", goodPage},
		{"a good page that sends no headers", "/api/v1/beacon?key=write", "", goodPage, "text/plain", 200, "", goodPage},
		{"an evil page", "/api/v1/events", "write", evilPage, "application/json", 403, "origin_not_allowed", ""},
		{"an evil page that sends without asking first", "/api/v1/beacon?key=write", "", evilPage, "text/plain", 403, "origin_not_allowed", ""},
		{"an evil page without a slash", "/api/v1/pageviews/", "write", evilPage, "text/plain", 403, "origin_not_allowed", ""},
		{"a file or a sandboxed frame", "/api/v1/beacon?key=write", "", "null", "text/plain", 403, "origin_not_allowed", ""},
		{"a good page with a bad key may read why", "/api/v1/events", "guess", goodPage, "application/json", 401, "unauthorized", goodPage},
		{"an evil page with a bad key may not", "/api/v1/events", "guess", evilPage, "application/json", 401, "unauthorized", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := f.do(t, http.MethodPost, c.path, c.key, strings.NewReader(`{"type":"login","url":"/"}`), "Origin", c.origin, "Content-Type", c.contentType)
			if strings.Contains(c.path, "beacon") {
				a = f.do(t, http.MethodPost, c.path, c.key, strings.NewReader(`{"events":[{"type":"login"}]}`), "Origin", c.origin, "Content-Type", c.contentType)
			}
			if a.status != c.status || a.Code != c.code {
				t.Errorf("%d %s, want %d %s", a.status, a.body, c.status, c.code)
			}
			if got := a.header.Get("Access-Control-Allow-Origin"); got != c.allowed {
				t.Errorf("Access-Control-Allow-Origin is %q, want %q", got, c.allowed)
			}
			if a.header.Get("Access-Control-Allow-Credentials") != "" || a.header.Get("Vary") != "Origin" {
				t.Errorf("headers: %v", a.header)
			}
		})
	}
}

func TestAPreflightIsAnsweredForPagesThatSomeProjectAllows(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/api/v1/events", "/api/v1/events/", "/api/v1/pageviews", "/api/v1/beacon"} {
		a := f.do(t, http.MethodOptions, path, "", nil, "Origin", goodPage, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "authorization,content-type,x-anything")
		want := map[string]string{
			"Access-Control-Allow-Origin": goodPage, "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": "7200",
			"Access-Control-Allow-Headers": "authorization,content-type,x-anything", "Access-Control-Allow-Credentials": "",
		}
		for name, value := range want {
			if got := a.header.Get(name); got != value || a.status != http.StatusNoContent {
				t.Errorf("%s: %d, %s is %q, want %q", path, a.status, name, got, value)
			}
		}
		if vary := strings.Join(a.header.Values("Vary"), ", "); vary != "Origin, Access-Control-Request-Headers" {
			t.Errorf("%s: Vary is %q", path, vary)
		}
		a = f.do(t, http.MethodOptions, path, "", nil, "Origin", evilPage, "Access-Control-Request-Method", "POST")
		if a.status != http.StatusForbidden || a.Code != "origin_not_allowed" || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s from an evil page: %d %s %v", path, a.status, a.body, a.header)
		}
	}
	a := f.do(t, http.MethodOptions, "/api/v1/events", "", nil, "Origin", goodPage, "Access-Control-Request-Headers", strings.Repeat("x", 1001))
	if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Headers") != "" {
		t.Errorf("a list of headers without end is repeated: %d %v", a.status, a.header)
	}
}

func TestReadingIsForPagesOfThisServer(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodGet, "/api/v1/analytics/users?from=nonsense", "read", nil, "Origin", goodPage)
	if a.status != http.StatusBadRequest || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	a = f.do(t, http.MethodOptions, "/api/v1/analytics/users", "", nil, "Origin", goodPage, "Access-Control-Request-Method", "GET")
	if a.status != http.StatusMethodNotAllowed || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a preflight for reading: %d %v", a.status, a.header)
	}
}

func TestTheScriptIsServedToEveryPageAndOnlyOnce(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodGet, "/js/ibarura.js", "", nil, "Accept-Encoding", "gzip, br", "Origin", evilPage)
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Content-Encoding": "br", "Vary": "Accept-Encoding",
		"Cache-Control": "public, max-age=3600, stale-while-revalidate=86400", "Access-Control-Allow-Origin": "*",
		"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff",
	} {
		if got := a.header.Get(name); got != want || a.status != http.StatusOK {
			t.Errorf("%d, %s is %q, want %q", a.status, name, got, want)
		}
	}
	tag := a.header.Get("ETag")
	a = f.do(t, http.MethodGet, "/js/ibarura.js", "", nil, "Accept-Encoding", "gzip, br", "If-None-Match", "W/"+tag)
	if a.status != http.StatusNotModified || a.body != "" {
		t.Errorf("%d, %d bytes, although the client has it", a.status, len(a.body))
	}
	a = f.do(t, http.MethodGet, "/js/ibarura.js", "", nil, "Accept-Encoding", "identity", "If-None-Match", tag)
	if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" || !strings.Contains(a.body, "sendBeacon") {
		t.Errorf("%d %q", a.status, a.header)
	}
}
