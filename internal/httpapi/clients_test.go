package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// clientPost is what a client of another product sends, with the key wherever
// that client has it. @KEY@ stands for a key.
type clientPost struct {
	path, body string
	headers    []string
	status     int
	answer     string // what it begins with
}

const trackCall = `{"event":"x","userId":"u","messageId":"m"}`

var clientPosts = map[string]clientPost{
	"Segment, Basic":           {"/v1/track", trackCall, []string{"Authorization", "@BASIC@"}, 200, `{"success":true,"accepted":1,`},
	"Segment, in the body":     {"/v1/t", `{"event":"x","writeKey":"@KEY@"}`, []string{"Content-Type", "text/plain"}, 200, `{"success":true,"accepted":1,`},
	"Segment, batch":           {"/v1/batch", `{"batch":[{"type":"track","event":"x"},{"type":"page","context":{"page":{"url":"/"}}}],"writeKey":"@KEY@"}`, nil, 200, `{"success":true,"accepted":2,`},
	"RudderStack, beacon":      {"/beacon/v1/batch?writeKey=@KEY@", `{"batch":[{"type":"track","event":"x"}]}`, []string{"Content-Type", "text/plain"}, 200, `{"success":true,"accepted":1,`},
	"Segment, a call rejected": {"/v1/identify", `{"userId":{},"writeKey":"@KEY@"}`, nil, 200, `{"success":true,"accepted":0,"duplicates":0,"rejected":[{"index":0,"code":"wrong_type","field":"userId"`},
	"PostHog, batch":           {"/batch/", `{"api_key":"@KEY@","batch":[{"event":"x","distinct_id":"u"}]}`, nil, 200, `{"status":1,"accepted":1,`},
	"PostHog, one":             {"/i/v0/e/?ip=1&_=2", `{"token":"@KEY@","event":"x"}`, nil, 200, `{"status":1,"accepted":1,`},
	"PostHog, in a form":       {"/e/", `data=@FORM@`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 200, `{"status":1,"accepted":1,`},
	"PostHog, silently gzip":   {"/e/?compression=gzip-js", `@GZIP@`, []string{"Content-Type", "text/plain"}, 200, `{"status":1,"accepted":1,`},
	"CloudEvents, structured":  {"/cloudevents", `{"specversion":"1.0","id":"1","source":"s","type":"x"}`, []string{"Authorization", "Bearer @KEY@", "Content-Type", "application/cloudevents+json"}, 200, `{"accepted":1,`},
	"CloudEvents, binary":      {"/api/v1/events", `{"n":1}`, []string{"Authorization", "Bearer @KEY@", "Ce-Specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "x"}, 200, `{"accepted":1,`},
	"CloudEvents, batch":       {"/api/v1/events?key=@KEY@", `[{"specversion":"1.0","id":"1","source":"s","type":"x"},{}]`, []string{"Content-Type", "application/cloudevents-batch+json"}, 200, `{"accepted":1,"duplicates":0,"rejected":[{"index":1,`},
	"OTLP":                     {"/v1/logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"x"}]}]}]}`, []string{"Authorization", "Bearer @KEY@", "Content-Type", "application/json"}, 200, `{}`},
	"OTLP, not JSON":           {"/v1/logs", ``, []string{"Authorization", "Bearer @KEY@", "Content-Type", "application/x-protobuf"}, 200, ``},
	"OTLP, a line of a log":    {"/v1/logs", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}`, []string{"Authorization", "Bearer @KEY@", "Content-Type", "application/json"}, 200, `{"partialSuccess":{"rejectedLogRecords":"1",`},
	"Plausible":                {"/api/event?key=@KEY@", `{"n":"pageview","u":"https://a.example/","d":"a.example"}`, []string{"Content-Type", "text/plain"}, 202, "ok"},
	"beacon":                   {"/api/v1/beacon?key=@KEY@", `{"events":[{"type":"x"}],"pageviews":[{"url":"/"}]}`, []string{"Content-Type", "text/plain;charset=UTF-8"}, 200, `{"accepted":2,`},
	"beacon, in the body":      {"/api/v1/pageviews", `{"key":"@KEY@","events":[{"type":"x"}]}`, []string{"Content-Type", "text/plain"}, 200, `{"accepted":1,`},
	"beacon of one kind":       {"/api/v1/events?key=@KEY@", `[{"type":"x"}]`, []string{"Content-Type", "text/plain"}, 200, `{"accepted":1,`},
}

// with puts a key into what is sent.
func (p clientPost) with(t *testing.T, key string) clientPost {
	t.Helper()
	event := fmt.Sprintf(`{"event":"x","properties":{"token":%q}}`, key)
	fill := strings.NewReplacer("@KEY@", key, "@BASIC@", "Basic "+base64.StdEncoding.EncodeToString([]byte(key+":")),
		"@FORM@", url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(event))),
		"@GZIP@", string(compress(t, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }, event)))
	p.path, p.body = fill.Replace(p.path), fill.Replace(p.body)
	filled := make([]string, len(p.headers))
	for i, header := range p.headers {
		filled[i] = fill.Replace(header)
	}
	p.headers = filled
	return p
}

func (f *fixture) send(t *testing.T, p clientPost) answer {
	t.Helper()
	return f.do(t, "POST", p.path, "", strings.NewReader(p.body), p.headers...)
}

// rows is how many items were taken in.
func (f *fixture) rows() int {
	families, _ := f.reg.Gather()
	rows := 0.0
	for _, family := range families {
		if family.GetName() == "ibarura_ingest_items_accepted_total" {
			for _, m := range family.GetMetric() {
				rows += m.GetCounter().GetValue()
			}
		}
	}
	return int(rows)
}

func TestEveryClientGetsTheAnswerThatItExpects(t *testing.T) {
	for name, post := range clientPosts {
		f := newFixture(t)
		p := post.with(t, "write")
		if a := f.send(t, p); a.status != p.status || !strings.HasPrefix(a.body, p.answer) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestEveryClientNeedsAKeyThatWrites(t *testing.T) {
	f := newFixture(t)
	for name, post := range clientPosts {
		for key, want := range map[string]int{"": 401, "wrong": 401, "read": 403} {
			if a := f.send(t, post.with(t, key)); a.status != want {
				t.Errorf("%s with the key %q: %d %s", name, key, a.status, a.body)
			}
		}
	}
	if f.rows() != 0 {
		t.Errorf("%d rows were taken in", f.rows())
	}
}

func TestEveryClientIsToldToComeBackWhenTheServerIsFull(t *testing.T) {
	f := newFixture(t)
	f.store.full = true
	for name, post := range clientPosts {
		if a := f.send(t, post.with(t, "write")); a.status != 503 || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestNoKeyInABodyOrAnAddressReachesTheLog(t *testing.T) {
	f := newFixture(t)
	for _, post := range clientPosts {
		f.send(t, post.with(t, "wrong-secret-key"))
	}
	f.do(t, "GET", "/v1/projects/wrong-secret-key/settings", "", nil)
	f.do(t, "GET", "/sourceConfig/?writeKey=wrong-secret-key", "", nil)
	f.do(t, "GET", "/array/wrong-secret-key/config.js", "", nil)
	for _, entry := range f.logs.All() {
		if text := fmt.Sprint(entry.Message, entry.ContextMap()); strings.Contains(text, "wrong-secret-key") {
			t.Errorf("log: %s", text)
		}
	}
	if f.logs.Len() < len(clientPosts) {
		t.Errorf("%d lines of log", f.logs.Len())
	}
}

func TestWhatAClientMeansForTwoCallsIsCountedOnce(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/v1/track", "/v1/track/", "/v1/t"} {
		f.do(t, "POST", path, "write", strings.NewReader(trackCall))
	}
	if f.rows() != 1 {
		t.Errorf("%d rows", f.rows())
	}
}

func TestBodiesThatCannotBeReadAreTheClientsProblem(t *testing.T) {
	f := newFixture(t)
	bomb := compress(t, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }, strings.Repeat(" ", 8<<20))
	wrapped := "data=" + url.QueryEscape(base64.StdEncoding.EncodeToString(bomb))
	for _, c := range []struct {
		path, contentType, body string
		status                  int
		code                    string
	}{
		{"/v1/batch", "", `{`, 400, "invalid_json"},
		{"/v1/batch", "", `{}`, 400, "missing_field"},
		{"/batch", "", `"x"`, 400, "not_an_object"},
		{"/batch", "", string(bomb), 413, "body_too_large"},
		{"/e", "application/x-www-form-urlencoded", wrapped, 413, "body_too_large"},
		{"/e", "", "\x1f\x8bnothing", 400, "invalid_encoding"},
		{"/v1/logs", "text/plain", `{}`, 415, "unsupported_media_type"},
		{"/v1/logs", "application/x-protobuf", "\xff", 400, "invalid_protobuf"},
		{"/api/event", "text/plain", `{"n":"pageview","u":"ftp://x"}`, 400, "url_invalid"},
		{"/api/v1/beacon", "text/plain", `{"event":[]}`, 400, "unknown_field"},
		{"/cloudevents", "application/cloudevents+json", `7`, 400, "not_an_object"},
	} {
		a := f.do(t, "POST", c.path, "write", strings.NewReader(c.body), "Content-Type", c.contentType)
		if a.status != c.status || a.Code != c.code {
			t.Errorf("%s %.40q: %d %s", c.path, c.body, a.status, a.body)
		}
	}
}

func TestTextThatIsNoUTF8IsRejectedByItsFieldOnEveryRoute(t *testing.T) {
	f := newFixture(t)
	for path, body := range map[string]string{
		"/v1/track":    `{"event":"x","userId":"\ud800"}`,
		"/batch":       "{\"event\":\"x\",\"distinct_id\":\"\xff\"}",
		"/cloudevents": `{"specversion":"1.0","id":"1","source":"s","type":"x","data":{"user_id":"\udc00"}}`,
	} {
		a := f.do(t, "POST", path, "write", strings.NewReader(body))
		if len(a.Rejected) != 1 || a.Rejected[0].Code != "invalid_utf8" || a.Rejected[0].Field != "user_id" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestLoadersAreToldWhereToSend(t *testing.T) {
	f := newFixture(t)
	var settings struct {
		Integrations map[string]struct{ APIKey, APIHost, Protocol string }
	}
	host := strings.TrimPrefix(f.URL, "http://")
	for _, c := range []struct{ header, page, protocol string }{
		{"Origin", "", "http"}, {"Referer", "http://a.example/", "http"}, {"Referer", "https://a.example/", "https"},
		{"Origin", "https://good.example", "https"}, {"X-Forwarded-Proto", "https", "https"},
	} {
		a := f.do(t, "GET", "/v1/projects/write/settings", "", nil, c.header, c.page)
		if err := json.Unmarshal([]byte(a.body), &settings); err != nil || a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if got := settings.Integrations["Segment.io"]; got.APIKey != "write" || got.APIHost != host+"/v1" || got.Protocol != c.protocol {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	for path, want := range map[string]int{
		"/v1/projects/wrong/settings": 401, "/v1/projects/read/settings": 403, "/sourceConfig/?writeKey=write": 200, "/sourceConfig?writeKey=read": 403,
		"/sourceConfig": 401, "/array/any/config": 200, "/array/any/config.js": 200, `/array/a"]=alert(1)/config.js`: 404,
	} {
		if a := f.do(t, "GET", path, "", nil); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/flags/?v=2", "/decide/?v=3"} {
		if a := f.do(t, "POST", path, "", strings.NewReader(`{"token":"any"}`)); a.status != 200 || !strings.Contains(a.body, `"featureFlags":{}`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestARemoteConfigIsAScriptForItsKeyAlone(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, "GET", "/array/some_KEY-1/config.js", "", nil)
	if !strings.HasPrefix(a.body, `(window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{})["some_KEY-1"]={config:{`) ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("%s %s", a.header, a.body)
	}
}

func TestOTLPIsAnsweredInItsOwnEncoding(t *testing.T) {
	f := newFixture(t)
	for _, kind := range []string{"application/x-protobuf", "application/json"} {
		body := map[string]string{"application/json": `{}`}[kind]
		a := f.do(t, http.MethodPost, "/v1/logs", "write", bytes.NewReader([]byte(body)), "Content-Type", kind)
		if a.status != 200 || a.header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", kind, a.status, a.header)
		}
	}
}
