package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/httpapi"
)

// linking keeps links; the token of each is its id.
type linking struct{ links []access.Link }

func (l *linking) Links(_ context.Context, project string) ([]access.Link, error) {
	if project != "p" {
		return nil, fmt.Errorf("links of %q are asked for", project)
	}
	return l.links, nil
}

func (l *linking) CreateLink(_ context.Context, link access.Link) (access.Link, error) {
	link.ID = fmt.Sprint("link", len(l.links))
	l.links = append(l.links, link)
	return link, nil
}

func (l *linking) RevokeLink(_ context.Context, id string) (access.Link, error) {
	for i := range l.links {
		if l.links[i].ID == id {
			l.links[i].RevokedAt = time.Unix(1, 0)
			return l.links[i], nil
		}
	}
	return access.Link{}, access.ErrNoLink
}

func (l *linking) Token(link *access.Link) string { return "token-" + link.ID }

func (l *linking) Open(_ context.Context, token string) (access.Link, access.Principal, error) {
	id := strings.TrimPrefix(token, "token-")
	for _, link := range l.links {
		switch {
		case link.ID != id:
		case link.Revoked():
			return access.Link{}, access.Principal{}, access.ErrLinkRevoked
		case link.ExpiresAt.Before(time.Now()):
			return access.Link{}, access.Principal{}, access.ErrLinkExpired
		default:
			return link, access.Principal{Project: access.NewProject("p", time.UTC, nil), KeyID: "link:" + id, Scope: access.Read}, nil
		}
	}
	return access.Link{}, access.Principal{}, access.ErrLinkInvalid
}

const (
	linksPath  = "/api/v1/admin/links"
	linkHeader = "X-Ibarura-Link"
)

// shares makes a link to a view and returns its token.
func (f *fixture) shares(t *testing.T, view string) string {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"name": "for the board", "view": view})
	made := f.do(t, http.MethodPost, linksPath, "admin", strings.NewReader(string(body)))
	var link struct{ Path string }
	if err := json.Unmarshal([]byte(made.body), &link); err != nil || made.status != 201 {
		t.Fatalf("%s: %d %s", view, made.status, made.body)
	}
	_, token, found := strings.Cut(link.Path, "/embed#")
	if !found {
		t.Fatalf("the link is %q", link.Path)
	}
	return token
}

func (f *fixture) asLink(t *testing.T, token, method, path string, headers ...string) answer {
	t.Helper()
	return f.do(t, method, path, "", nil, append([]string{linkHeader, token}, headers...)...)
}

func TestAnAdminMakesListsAndRevokesLinks(t *testing.T) {
	f := newFixture(t)
	token := f.shares(t, "users?range=12m&role=core")
	list := f.do(t, http.MethodGet, linksPath, "admin", nil)
	want := `"view":"users?range=12m&role=core","state":"good","made_by":"k"`
	if list.status != 200 || !strings.Contains(list.body, want) || !strings.Contains(list.body, `"path":"/embed#`+token) {
		t.Errorf("%d %s", list.status, list.body)
	}
	shown := f.asLink(t, token, http.MethodGet, "/api/v1/link")
	if shown.status != 200 || !strings.HasPrefix(shown.body, `{"project":"p","timezone":"UTC","name":"for the board","view":"users?range=12m&role=core","expires_at":`) {
		t.Errorf("%d %s", shown.status, shown.body)
	}
	for range 2 {
		if gone := f.do(t, http.MethodDelete, linksPath+"/link0", "admin", nil); gone.status != 200 || !strings.Contains(gone.body, `"state":"revoked"`) || strings.Contains(gone.body, token) {
			t.Errorf("%d %s", gone.status, gone.body)
		}
	}
	for _, path := range []string{"/api/v1/link", "/api/v1/analytics/users"} {
		if a := f.asLink(t, token, http.MethodGet, path); a.status != 403 || a.Code != "link_revoked" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := f.do(t, http.MethodDelete, linksPath+"/elsewhere", "admin", nil); a.status != 404 {
		t.Errorf("another's link: %d", a.status)
	}
	f.linking.links[0].RevokedAt, f.linking.links[0].ExpiresAt = time.Time{}, time.Unix(1, 0)
	if a := f.asLink(t, token, http.MethodGet, "/api/v1/link"); a.status != 403 || a.Code != "link_expired" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := f.asLink(t, token+"x", http.MethodGet, "/api/v1/link"); a.status != 401 || a.Code != "link_invalid" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, entry := range f.logs.All() {
		if strings.Contains(fmt.Sprint(entry.Context), token) {
			t.Errorf("the log has the token: %v", entry)
		}
	}
}

func TestLinksAreMadeByAdminsOnPagesOfThisServer(t *testing.T) {
	f := newFixture(t)
	const order = `{"name":"n","view":"users"}`
	for _, key := range []string{"read", "write"} {
		if a := f.do(t, http.MethodPost, linksPath, key, strings.NewReader(order)); a.status != 403 {
			t.Errorf("by a %s key: %d", key, a.status)
		}
	}
	const admin = "ibarura_session=token-admin"
	if a := f.do(t, http.MethodPost, linksPath, "", strings.NewReader(order), "Cookie", admin); a.Code != "cross_site" {
		t.Errorf("without the header: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodPost, linksPath, "", strings.NewReader(order), "Cookie", admin, own, "1"); a.status != 201 {
		t.Errorf("with it: %d %s", a.status, a.body)
	}
}

func TestWhatIsNoLinkIsAProblemThatNamesTheField(t *testing.T) {
	f := newFixture(t)
	view := func(v string) string {
		text, _ := json.Marshal(map[string]any{"name": "n", "view": v})
		return string(text)
	}
	for body, want := range map[string]string{
		`{"view":"users"}`:                                        "invalid_parameter name",
		`{"name":"a\nb","view":"users"}`:                          "invalid_parameter name",
		`{"name":"n","view":"users","days":367}`:                  "invalid_parameter days",
		`{"name":"n","view":"users","days":-1}`:                   "invalid_parameter days",
		`{"name":"n","view":"users","days":0}`:                    "invalid_parameter days",
		`{"name":"n","view":"users","days":1e99}`:                 "invalid_json ",
		`{"name":"n","view":"users","project":"q"}`:               "invalid_json ",
		strings.Repeat(" ", 9000):                                 "body_too_large ",
		view(""):                                                  "invalid_parameter view",
		view("person?user_id=ada"):                                "invalid_parameter view",
		view("keys"):                                              "invalid_parameter view",
		view("live"):                                              "invalid_parameter view",
		view("health"):                                            "invalid_parameter view",
		view("post"):                                              "invalid_parameter view",
		view("funnel?window=1d"):                                  "invalid_parameter view",
		view("users?user_id=ada"):                                 "invalid_parameter view",
		view("users?object_id=7"):                                 "invalid_parameter view",
		view("users?role=a&role=b"):                               "invalid_parameter view",
		view("users?role=%ff"):                                    "invalid_parameter view",
		view("users?property.=a"):                                 "invalid_parameter view",
		view("users?property=a"):                                  "invalid_parameter view",
		view("users?range=never"):                                 "invalid_parameter view",
		view("users?range=7d&from=2026-01-01&to=2026-02-01"):      "invalid_parameter view",
		view("users?from=2026-01-01"):                             "invalid_parameter view",
		view("users?from=2026-02-01&to=2026-01-01"):               "invalid_parameter view",
		view("users?interval=second"):                             "invalid_parameter view",
		view("users?compare=moon"):                                "invalid_parameter view",
		view("users?timezone=Nowhere/Land"):                       "invalid_parameter view",
		view("pages?bot=perhaps"):                                 "invalid_parameter view",
		view("users?role=" + strings.Repeat("r", 1000)):           "invalid_parameter view",
		view("users?role=é"):                                      "invalid_parameter view",
		view("users?role=a b"):                                    "invalid_parameter view",
		view("users?%zz"):                                         "invalid_parameter view",
		view("users?role=a?b"):                                    "invalid_parameter view",
		view("users?role="):                                       "invalid_parameter view",
		view("funnel?steps=a,,b"):                                 "invalid_parameter view",
		view("funnel?steps=a,b&window=soon"):                      "invalid_parameter view",
		view("funnel?steps=a,b&breakdown=x"):                      "invalid_parameter view",
		view("users?interval=hour&from=2000-01-01&to=2026-01-01"): "invalid_parameter view",
	} {
		if a := f.do(t, http.MethodPost, linksPath, "admin", strings.NewReader(body)); a.Code+" "+a.Field != want {
			t.Errorf("%.60s: %d %s", body, a.status, a.body)
		}
	}
}

func TestAProjectsLinksAreBoundedGoodOnesAndAll(t *testing.T) {
	f := newFixture(t)
	for links, ends := range map[int]time.Time{200: time.Now().Add(time.Hour), 5000: time.Now().Add(-time.Hour)} {
		for had, want := range map[int]int{links - 1: 201, links: 409} {
			f.linking.links = make([]access.Link, had)
			for i := range f.linking.links {
				f.linking.links[i].ExpiresAt = ends
			}
			if a := f.do(t, http.MethodPost, linksPath, "admin", strings.NewReader(`{"name":"n","view":"users"}`)); a.status != want || want == 409 && a.Code != "too_many_links" {
				t.Errorf("after %d: %d %s", had, a.status, a.body)
			}
		}
	}
}

// openToAll are the operations that need no key, and so no link.
var openToAll = map[string]bool{
	"/": true, "/embed": true, "/assets/{name}": true, "/js/ibarura.js": true, "/healthz": true, "/readyz": true, "/metrics": true,
	"/api/openapi.json": true, "/docs": true, "/docs/docs.css": true, "/docs/docs.js": true,
	"/flags": true, "/decide": true, "/array/{key}/config": true, "/array/{key}/config.js": true, "/reports/unsubscribe/{token}": true,
	"/api/v1/session": true, // with a link alone it is nobody's
}

func TestALinkOpensItsViewAndNothingElse(t *testing.T) {
	f := newFixture(t)
	const view = "users?from=2026-01-01&to=2026-03-01&role=core"
	token := f.shares(t, view)
	days := url.Values{"from": {"2026-01-01"}, "to": {"2026-03-01"}, "max_age": {"60"}}
	of := map[string]url.Values{ // the questions of the page, and how it asks them
		"users": {"interval": {"day"}}, "users/active": {"interval": {"day"}}, "users/growth": {"interval": {"day"}}, "users/logins": {"interval": {"day"}},
		"users/lifecycle": {"interval": {"day"}}, "users/stickiness": {}, "users/rolling": {},
		"users/retention": {"interval": {"week"}, "kind": {"on"}, "periods": {"12"}},
	}
	for _, op := range httpapi.Document().Operations() {
		path := op.Path
		if op.Try.Path != "" {
			path = op.Try.Path
		}
		path = strings.NewReplacer("{id}", "x", "{name}", "x", "{token}", "x").Replace(path)
		question, isQuestion := strings.CutPrefix(op.Path, "/api/v1/analytics/")
		extra, ofView := of[question]
		switch {
		case openToAll[op.Path], op.Path == "/api/v1/link":
		case isQuestion && ofView:
			query := url.Values{"role": {"core"}}
			for _, values := range []url.Values{days, extra} {
				for name, value := range values {
					query[name] = value
				}
			}
			f.answersItsOnlyWay(t, token, path, query)
		default:
			if a := f.asLink(t, token, op.Method, path+"?"+op.Try.Query); a.status != 401 && a.status != 403 && a.status != 400 && a.status != 415 {
				t.Errorf("%s %s: %d %s", op.Method, op.Path, a.status, a.body)
			} else if isQuestion && a.Code != "link_view" {
				t.Errorf("%s %s: %d %s", op.Method, op.Path, a.status, a.body)
			}
		}
	}
	if a := f.asLink(t, token, http.MethodGet, "/api/v1/session"); strings.TrimSpace(a.body) != "null" {
		t.Errorf("a link is signed in: %s", a.body)
	}
}

// answersItsOnlyWay asks a question of the view, and then in ways that are not
// the view's.
func (f *fixture) answersItsOnlyWay(t *testing.T, token, path string, query url.Values) {
	t.Helper()
	for _, compare := range []string{"", "previous"} {
		q := changed(query, "compare", compare)
		if a := f.asLink(t, token, http.MethodGet, path+"?"+q.Encode()); a.status != 200 {
			t.Errorf("%s?%s: %d %s", path, q.Encode(), a.status, a.body)
		}
	}
	others := []url.Values{{}}
	for name, value := range map[string]string{
		"compare": "year", "from": "2025-01-01", "to": "2026-03-02", "role": "member", "interval": "hour", "max_age": "0", "limit": "1000", "timezone": "UTC",
		"format": "csv", "explain": "true", "type": "login", "tag": "x", "property.plan": "pro", "user_id": "ada", "cursor": "x", "table": "x",
	} {
		others = append(others, changed(query, name, value))
	}
	for name := range query {
		others = append(others, changed(query, name, ""))
	}
	twice := changed(query, "compare", "")
	twice.Add("role", "core")
	for _, q := range append(others, twice) {
		if a := f.asLink(t, token, http.MethodGet, path+"?"+q.Encode()); a.status != 403 || a.Code != "link_view" {
			t.Errorf("%s?%s: %d %s", path, q.Encode(), a.status, a.body)
		}
	}
	for _, accept := range []string{"text/csv", "application/x-ndjson", "application/vnd.apache.parquet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		if a := f.asLink(t, token, http.MethodGet, path+"?"+query.Encode(), "Accept", accept); a.status != 403 || a.Code != "link_view" {
			t.Errorf("%s as %s: %d %.100s", path, accept, a.status, a.body)
		}
	}
	if a := f.do(t, http.MethodGet, path+"?"+changed(query, "role", "").Encode(), "admin", nil, linkHeader, token); a.status != 403 {
		t.Errorf("with a key besides: %d %s", a.status, a.body)
	}
}

// changed returns a query with another value; "" takes the parameter away.
func changed(query url.Values, name, value string) url.Values {
	next := url.Values{}
	for n, v := range query {
		next[n] = v
	}
	if next.Del(name); value != "" {
		next.Set(name, value)
	}
	return next
}

func TestALinkHasNoRateAsKeysThatReadHaveNone(t *testing.T) {
	f := newFixture(t, func(c *httpapi.Config) { c.Rates = httpapi.Rates{RequestsPerSecond: 1, Burst: 2 * time.Second} })
	token := f.shares(t, "users")
	for range 4 {
		if a := f.asLink(t, token, http.MethodGet, "/api/v1/link"); a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

func TestOnlyThePageOfLinksMayStandInAFrameAndOnlyWhereItIsAllowed(t *testing.T) {
	for _, origins := range [][]string{nil, {"https://a.example", "https://*.b.example"}} {
		f := newFixture(t, func(c *httpapi.Config) { c.EmbedOrigins = origins })
		for path, want := range map[string]string{"/embed": strings.Join(append([]string{"'self'"}, origins...), " "), "/": "'none'", "/docs": "'none'", "/api/v1/link": "'none'"} {
			a := f.do(t, http.MethodGet, path, "", nil)
			policy, framing := a.header.Get("Content-Security-Policy"), a.header.Get("X-Frame-Options")
			if !strings.HasSuffix(policy, "frame-ancestors "+want) || (framing == "DENY") != (path != "/embed") || a.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s with %v: %q, %q", path, origins, policy, framing)
			}
		}
	}
}
