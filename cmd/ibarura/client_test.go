package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body with a key and returns the answer; a connection that fails
// is status 0.
func (s *instance) post(path, key, contentType string, body []byte) reply {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	req.Header.Set("Content-Type", contentType)
	return send(req, key)
}

// get asks with the read key.
func (s *instance) get(path string, query url.Values) reply {
	return s.getAs(s.keys["read"], path, query)
}

func (s *instance) getAs(key, path string, query url.Values) reply {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.base+path+"?"+query.Encode(), nil)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	return send(req, key)
}

func send(req *http.Request, key string) reply {
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body}
}

// data decodes the data of an envelope into v and fails the test on a problem.
func (s *instance) data(path string, query url.Values, v any) {
	s.t.Helper()
	s.dataAs(s.keys["read"], path, query, v)
}

func (s *instance) dataAs(key, path string, query url.Values, v any) {
	s.t.Helper()
	r := s.getAs(key, path, query)
	if r.status != http.StatusOK {
		s.t.Fatalf("GET %s?%s: %d %s", path, query.Encode(), r.status, r.body)
	}
	envelope := struct{ Data any }{v}
	if err := json.Unmarshal(r.body, &envelope); err != nil {
		s.t.Fatalf("GET %s: %v in %s", path, err, r.body)
	}
}

// typeCounts asks how many events of each type there are.
func (s *instance) typeCounts(from, to string) map[string]int {
	s.t.Helper()
	var types []struct {
		Type   string
		Events int
	}
	s.data("/api/v1/analytics/events/types", url.Values{"from": {from}, "to": {to}}, &types)
	counts := map[string]int{}
	for _, t := range types {
		counts[t.Type] = t.Events
	}
	return counts
}

// readPaths are all questions that can be asked.
var readPaths = []string{
	"users", "posts", "events", "summary", "users/active", "users/growth", "users/lifecycle", "users/rolling",
	"users/stickiness", "users/retention", "users/logins", "events/types", "posts/top", "tags/top",
}

// answers are the data of all read paths, as one key gets them.
func (s *instance) answers(key string, query url.Values) map[string]any {
	s.t.Helper()
	all := map[string]any{}
	for _, path := range readPaths {
		var data any
		s.dataAs(key, "/api/v1/analytics/"+path, query, &data)
		all[path] = data
	}
	return all
}

// settled returns once all that was taken in before can be queried: a request
// that waits brings in everything before it.
func (s *instance) settled() {
	s.t.Helper()
	waitFor(s.t, "rows are queryable", func() bool {
		return s.post("/api/v1/events?wait=true", s.keys["write"], "application/json", []byte(`{"id":"settled","type":"settled"}`)).status == http.StatusOK
	})
}

// codeOf is the stable code of a problem.
func codeOf(t *testing.T, r reply) string {
	t.Helper()
	var problem struct{ Code string }
	if err := json.Unmarshal(r.body, &problem); err != nil {
		t.Errorf("%d is no problem in JSON: %s", r.status, r.body)
	}
	return problem.Code
}
