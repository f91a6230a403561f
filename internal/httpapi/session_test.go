package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ibarura/internal/access"
)

// sessions makes a token of a scope's name.
type sessions struct{ over *atomic.Bool }

func (sessions) Issue(who access.Principal) (token string, ends time.Time) {
	return "token-" + who.Scope.String(), time.Unix(4_000_000_000, 0)
}

func (s sessions) Authorize(ctx context.Context, token string, needed access.Scope) (access.Principal, time.Time, error) {
	if s.over.Load() {
		return access.Principal{}, time.Time{}, access.ErrUnauthorized
	}
	who, err := keys{}.Authorize(ctx, strings.TrimPrefix(token, "token-"), needed)
	return who, time.Unix(4_000_000_000, 0), err
}

const (
	own      = "X-Ibarura-Request"
	signedIn = "ibarura_session=token-read"
	aQuery   = `{"metrics":["events"],"from":"2026-01-01","to":"2026-01-02","explain":true}`
)

func (f *fixture) signIn(t *testing.T, body string, headers ...string) answer {
	t.Helper()
	return f.do(t, http.MethodPost, "/api/v1/session", "", strings.NewReader(body), headers...)
}

func TestSigningInGivesACookieThatNoScriptSees(t *testing.T) {
	f := newFixture(t)
	for scope, want := range map[string]int{"read": 200, "admin": 200, "write": 403, "wrong": 401, "": 401} {
		a := f.signIn(t, `{"key":"`+scope+`"}`, own, "1")
		if a.status != want {
			t.Errorf("%q: %d %s, want %d", scope, a.status, a.body, want)
		}
		cookie := a.header.Get("Set-Cookie")
		if want != 200 {
			if cookie != "" {
				t.Errorf("%q: a cookie %s", scope, cookie)
			}
			continue
		}
		for _, part := range []string{"ibarura_session=token-" + scope + ";", "Path=/", "HttpOnly", "SameSite=Strict", "Expires=Tue, 02 Oct 2096"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%s is not in %s", part, cookie)
			}
		}
		if want := `{"project":"p","timezone":"UTC","scope":"` + scope + `","key_id":"k","ends_at":"2096-10-02T07:06:40Z"}`; strings.TrimSpace(a.body) != want {
			t.Errorf("%s, want %s", a.body, want)
		}
	}
}

func TestACookieIsBoundToTLSWhereTheBrowserCameByIt(t *testing.T) {
	f := newFixture(t)
	for scheme, want := range map[string]bool{"http": false, "https": true} {
		a := f.signIn(t, `{"key":"read"}`, own, "1", "X-Forwarded-Proto", scheme)
		if got := strings.Contains(a.header.Get("Set-Cookie"), "Secure"); got != want {
			t.Errorf("%s: %s", scheme, a.header.Get("Set-Cookie"))
		}
	}
}

func TestASignInThatIsNoneSaysNothingOfTheKey(t *testing.T) {
	f := newFixture(t)
	for body, want := range map[string]string{
		"":                       "invalid_sign_in",
		`{"key":"hunter2"`:       "invalid_sign_in",
		`{"hunter2":"hunter2"}`:  "invalid_sign_in",
		`{"key":["hunter2"]}`:    "invalid_sign_in",
		strings.Repeat(" ", 2e3): "body_too_large",
	} {
		a := f.signIn(t, body, own, "1")
		if a.Code != want || strings.Contains(a.body, "hunter2") {
			t.Errorf("%.30q: %d %s", body, a.status, a.body)
		}
	}
	for _, entry := range f.logs.All() {
		if strings.Contains(entry.Message, "hunter2") {
			t.Errorf("logged: %s", entry.Message)
		}
	}
}

func TestACookieReadsBesideKeysAndNeverWrites(t *testing.T) {
	f := newFixture(t)
	path := "/api/v1/analytics/query"
	if a := f.do(t, http.MethodGet, path, "", nil, "Cookie", signedIn); a.status != 200 {
		t.Errorf("read: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodPost, "/api/v1/analytics/query", "", strings.NewReader(aQuery), "Cookie", signedIn, own, "1"); a.status != 200 {
		t.Errorf("query: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodPost, "/api/v1/events", "", strings.NewReader(two), "Cookie", "ibarura_session=token-admin", own, "1"); a.status != 401 {
		t.Errorf("write: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodGet, path, "wrong", nil, "Cookie", signedIn); a.status != 401 {
		t.Errorf("a wrong key beside a good cookie: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodGet, path, "", nil, "Cookie", "ibarura_session=nonsense"); a.status != 401 {
		t.Errorf("a cookie of nobody: %d %s", a.status, a.body)
	}
}

func TestPagesOfOtherOriginsCannotUseASession(t *testing.T) {
	f := newFixture(t)
	for name, headers := range map[string][]string{
		"without the header":       {},
		"another site":             {own, "1", "Sec-Fetch-Site", "cross-site"},
		"another host of the site": {own, "1", "Sec-Fetch-Site", "same-site"},
		"another origin":           {own, "1", "Origin", "https://evil.example"},
		"an allowed origin":        {own, "1", "Origin", "https://good.example"},
		"no origin to speak of":    {own, "1", "Origin", "null"},
	} {
		with := append([]string{"Cookie", signedIn}, headers...)
		for _, r := range []struct{ method, path, body string }{
			{http.MethodPost, "/api/v1/session", `{"key":"read"}`}, {http.MethodDelete, "/api/v1/session", ""}, {http.MethodPost, "/api/v1/analytics/query", aQuery},
		} {
			if a := f.do(t, r.method, r.path, "", strings.NewReader(r.body), with...); a.status != 403 || a.Code != "cross_site" || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %s %s: %d %s", name, r.method, r.path, a.status, a.body)
			}
		}
		if a := f.do(t, http.MethodGet, "/api/v1/analytics/query", "", nil, with...); len(headers) > 0 && a.status != 403 {
			t.Errorf("%s may read: %d %s", name, a.status, a.body)
		}
	}
	if a := f.do(t, http.MethodOptions, "/api/v1/session", "", nil, "Origin", "https://good.example", "Access-Control-Request-Method", "POST"); a.status != 405 {
		t.Errorf("a page may ask beforehand: %d %s", a.status, a.body)
	}
}

func TestOnesOwnPageMayUseItsSession(t *testing.T) {
	f := newFixture(t)
	with := []string{"Cookie", signedIn, own, "1", "Origin", f.URL, "Sec-Fetch-Site", "same-origin"}
	if a := f.do(t, http.MethodPost, "/api/v1/analytics/query", "", strings.NewReader(aQuery), with...); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestASessionSaysWhoseItIsAndEndsOnRequest(t *testing.T) {
	f := newFixture(t)
	if a := f.do(t, http.MethodGet, "/api/v1/session", "", nil); a.status != 200 || strings.TrimSpace(a.body) != "null" {
		t.Errorf("nobody: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodGet, "/api/v1/session/", "", nil, "Cookie", signedIn); !strings.Contains(a.body, `"ends_at":"2096-10-02T07:06:40Z"`) {
		t.Errorf("a cookie: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodGet, "/api/v1/session", "admin", nil); !strings.Contains(a.body, `"scope":"admin"`) || strings.Contains(a.body, "ends_at") {
		t.Errorf("a key: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodGet, "/api/v1/session", "write", nil); a.status != 403 {
		t.Errorf("a write key: %d %s", a.status, a.body)
	}
	a := f.do(t, http.MethodDelete, "/api/v1/session", "", nil, "Cookie", "ibarura_session=over", own, "1")
	if cookie := a.header.Get("Set-Cookie"); a.status != 200 || !strings.Contains(cookie, "ibarura_session=;") || !strings.Contains(cookie, "1970") {
		t.Errorf("%d %s: %s", a.status, a.body, cookie)
	}
}
