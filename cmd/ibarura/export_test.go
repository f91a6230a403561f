package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibarura/internal/export"
)

// TestExports goes the whole way: in by the front door, out as files.
func TestExports(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--export.max-concurrent", "1")
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], ndjson, manyEvents(1500)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	t.Run("TheCommandWritesWhatItsManifestSays", func(t *testing.T) { commandExports(t, s) })
	t.Run("RawRowsNeedAnAdminKey", func(t *testing.T) {
		for _, scope := range []string{"read", "write"} {
			if r, _ := s.download(t, s.keys[scope], "/api/v1/export/events"); r.StatusCode != http.StatusForbidden {
				t.Errorf("with a %s key: %s", scope, r.Status)
			}
		}
	})
	t.Run("TheManifestIsInTheTrailersAlsoOfACompressedAnswer", func(t *testing.T) {
		for _, encoding := range []string{"identity", "gzip"} {
			r, body := s.download(t, s.keys["admin"], "/api/v1/export/events?from=2026-01-01&to=2026-02-01&format=csv", "Accept-Encoding", encoding)
			if encoding == "gzip" {
				body = gunzip(t, body)
			}
			sum := sha256.Sum256(body)
			if r.Trailer.Get("Export-Rows") != "1500" || r.Trailer.Get("Export-Complete") != "true" || r.Trailer.Get("Export-Sha256") != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: %v", encoding, r.Trailer)
			}
			if name := r.Header.Get("Content-Disposition"); name != `attachment; filename="default-events-2026-01-01-2026-02-01.csv"` {
				t.Error(name)
			}
		}
	})
	t.Run("WhatIsWrongIsAProblemBeforeTheFirstByte", func(t *testing.T) {
		for query, code := range map[string]string{
			"format=xlsx": "invalid_parameter", "from=yesterday": "invalid_parameter", "limit=0": "invalid_parameter", "explain=true": "unknown_parameter",
			"cursor=x": "invalid", "device=mobile": "unsupported_filter", "from=2026-02-01&to=2026-01-01": "empty_range", "header=maybe": "invalid_parameter",
		} {
			r, body := s.download(t, s.keys["admin"], "/api/v1/export/events?"+query)
			if !strings.Contains(string(body), `"code":"`+code+`"`) || r.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %s %s", query, r.Status, body)
			}
		}
	})
	t.Run("AnswersAreFilesByParameterAndByHeader", func(t *testing.T) { answersAsFiles(t, s) })
}

func manyEvents(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":"e%d","type":"login","occurred_at":"2026-01-%02dT10:00:00Z","user_id":"=u%d","tags":["@t"],"properties":{"k":"v"}}`+"\n", i, 1+i%28, i%50)
	}
	return b.Bytes()
}

func commandExports(t *testing.T, s *instance) {
	for _, format := range []string{"ndjson", "csv", "parquet"} {
		out := filepath.Join(t.TempDir(), "rows."+format)
		args := []string{"export", "--url", s.base, "--key", s.keys["admin"], "--from", "2026-01-01", "--to", "2026-02-01", "--format", format, "--part", "400", "--out", out}
		ibarura(t, args...)
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var m export.Manifest
		manifest, err := os.ReadFile(out + ".manifest.json")
		if err == nil {
			err = json.Unmarshal(manifest, &m)
		}
		sum := sha256.Sum256(text)
		if err != nil || m.Rows != 1500 || !m.Complete || m.SHA256 != hex.EncodeToString(sum[:]) || m.First != "2026-01-01T10:00:00Z" || m.Last != "2026-01-28T10:00:00Z" {
			t.Errorf("%s: %v %s", format, err, manifest)
		}
		if format == "ndjson" && bytes.Count(text, []byte("\n")) != 1500 || format == "csv" && bytes.Count(text, []byte("\r\n")) != 1501 {
			t.Errorf("%s has %d bytes", format, len(text))
		}
		if format == "csv" && !bytes.Contains(text, []byte(",'=u1,")) {
			t.Error("a text that begins like a formula is left as it is")
		}
	}
}

func answersAsFiles(t *testing.T, s *instance) {
	const question = "/api/v1/analytics/users/active?from=2026-01-01&to=2026-01-04"
	// Each day's events are those of every 28th of 50 persons in turn: 25 of them.
	const want = "period,users,partial\r\n2026-01-01,25,false\r\n2026-01-02,25,false\r\n2026-01-03,25,false\r\n"
	r, body := s.download(t, s.keys["read"], question+"&format=csv")
	if string(body) != want {
		t.Errorf("%s %q", r.Status, body)
	}
	if name := r.Header.Get("Content-Disposition"); name != `attachment; filename="default-users-active-2026-01-01-2026-01-04.csv"` {
		t.Error(name)
	}
	again, same := s.download(t, s.keys["read"], question, "Accept", "text/csv;q=0.9, application/json;q=0.1")
	if !bytes.Equal(body, same) || again.Header.Get("ETag") != r.Header.Get("ETag") {
		t.Errorf("by header: %q", same)
	}
	if r, _ := s.download(t, s.keys["read"], question+"&format=csv", "If-None-Match", r.Header.Get("ETag")); r.StatusCode != http.StatusNotModified {
		t.Errorf("the same again: %s", r.Status)
	}
	if r, _ := s.download(t, s.keys["read"], question+"&format=xlsx", "If-None-Match", r.Header.Get("ETag")); r.StatusCode != http.StatusOK {
		t.Errorf("another format of what is known: %s", r.Status)
	}
	for query, field := range map[string]string{"&format=pdf": "format", "&format=csv&table=none": "table", "&table=data": "table", "&format=csv&explain=true": "explain"} {
		if r, body := s.download(t, s.keys["read"], question+query); r.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"field":"`+field+`"`) {
			t.Errorf("%s: %s %s", query, r.Status, body)
		}
	}
	query := s.post("/api/v1/analytics/query", s.keys["read"], "application/json",
		[]byte(`{"metrics":["events"],"dimensions":["type"],"from":"2026-01-01","to":"2026-02-01","format":"csv"}`))
	if string(query.body) != "type,events\r\nlogin,1500\r\n" {
		t.Errorf("a query: %d %q", query.status, query.body)
	}
}

func gunzip(t *testing.T, zipped []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// download asks and reads to the end, so that the trailers are there.
func (s *instance) download(t *testing.T, key, path string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}
