package openapitest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ibarura/internal/openapi"
)

// small documents one path, with an answer and a problem.
func small() *openapi.Document {
	d := &openapi.Document{OpenAPI: openapi.Version}
	body := &openapi.Schema{
		Type: "object", AdditionalProperties: false, Required: []string{"n"},
		Properties: openapi.Map[*openapi.Schema]{{Name: "n", Value: openapi.Integer(0, 0)}, {Name: "next", Value: openapi.OrNull(openapi.Text())}},
	}
	code := &openapi.Schema{Type: "object", Properties: openapi.Map[*openapi.Schema]{{Name: "code", Value: openapi.Text("busy")}}}
	d.Components.Schemas.Set("Body", body)
	d.Add(&openapi.Operation{Method: http.MethodGet, Path: "/a/{b}", ID: "a", Responses: openapi.Map[openapi.Response]{
		{Name: "200", Value: openapi.Response{Content: openapi.Map[openapi.Media]{{Name: "application/json",
			Value: openapi.Media{Schema: &openapi.Schema{Ref: "#/components/schemas/Body"}}}}}},
		{Name: "304"},
		{Name: "503", Value: openapi.Response{Content: openapi.Map[openapi.Media]{{Name: "application/problem+json", Value: openapi.Media{Schema: code}}}}},
	}})
	return d
}

func TestAnswersAreHeldAgainstTheDocument(t *testing.T) {
	const json, problem = "application/json; charset=utf-8", "application/problem+json"
	for _, c := range []struct {
		name, method, path, kind, body string
		status                         int
		wrong                          string // in the error; empty: none
	}{
		{"as documented", "GET", "/a/1", json, `{"n":1}`, 200, ""},
		{"with a slash", "GET", "/a/1/", json, `{"n":1,"next":null}`, 200, ""},
		{"not modified", "GET", "/a/1", "", ``, 304, ""},
		{"a documented problem", "GET", "/a/1", problem, `{"code":"busy"}`, 503, ""},
		{"another code", "GET", "/a/1", problem, `{"code":"lazy"}`, 503, "code"},
		{"another status", "GET", "/a/1", json, `{"n":1}`, 201, "status"},
		{"another media type", "GET", "/a/1", "text/plain", `1`, 200, "media type"},
		{"a field too many", "GET", "/a/1", json, `{"n":1,"m":2}`, 200, "additional properties"},
		{"a field too few", "GET", "/a/1", json, `{}`, 200, "missing"},
		{"a wrong type", "GET", "/a/1", json, `{"n":"1"}`, 200, "integer"},
		{"no JSON", "GET", "/a/1", json, `{"n":`, 200, "EOF"},
		{"nothing there", "GET", "/b", problem, `{"code":"not_found"}`, 404, ""},
		{"a method that it does not take", "POST", "/a/1", problem, `{"code":"method_not_allowed"}`, 405, ""},
		{"something that is not documented", "GET", "/b", json, `{}`, 200, "not documented"},
		{"a preflight", "OPTIONS", "/a/1", "", ``, 204, ""},
		{"a stream", "GET", "/b", "text/event-stream", ``, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			check, err := New(small())
			if err != nil {
				t.Fatal(err)
			}
			handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-ID", "r")
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			var told []error
			server := httptest.NewServer(check.Handler(handler, func(err error) { told = append(told, err) }))
			way := &Transport{Validator: check, Next: http.DefaultTransport}
			sendThrough(t, way, c.method, server.URL+c.path)
			server.Close()
			for who, errs := range map[string][]error{"server": told, "client": way.Wrong()} {
				if (len(errs) > 0) != (c.wrong != "") || len(errs) > 0 && !strings.Contains(errs[0].Error(), c.wrong) {
					t.Errorf("the %s tells %v, want %q", who, errs, c.wrong)
				}
			}
		})
	}
}

func sendThrough(t *testing.T, way http.RoundTripper, method, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: way}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	if err := resp.Write(&all); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}
