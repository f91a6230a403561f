package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/httpapi"
	"ibarura/internal/openapi"
	"ibarura/internal/openapi/openapitest"
)

// answersCheck is the way of all requests that the tests of this package send:
// it holds each answer against the OpenAPI document.
var answersCheck *openapitest.Transport

// runDocumented runs the tests; an answer that is not documented so fails them
// all.
func runDocumented(m *testing.M) int {
	check, err := openapitest.New(httpapi.Document())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	answersCheck = &openapitest.Transport{Validator: check, Next: http.DefaultTransport}
	http.DefaultClient.Transport = answersCheck
	code := m.Run()
	for _, wrong := range answersCheck.Wrong() {
		fmt.Fprintf(os.Stderr, "not as documented: %v\n", wrong)
		code = max(code, 1)
	}
	return code
}

// answersTheExamples compares the examples with the answers, -update writes them.
func answersTheExamples(t *testing.T, s *instance) {
	if r := s.post("/api/v1/events?wait=true", s.keys["write"], ndjson, []byte(meetups)); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for _, op := range httpapi.Document().Operations() {
		answered, _ := op.Responses.Get(strconv.Itoa(op.Expect()))
		if _, inJSON := answered.Content.Get("application/json"); !inJSON || op.ID == "openapi" {
			continue
		}
		r := s.send(t, requestOf(op))
		if r.status != op.Expect() {
			t.Errorf("%s: %d %s", op.ID, r.status, r.body)
			continue
		}
		got := s.settledExample(t, r.body)
		if unsettled[op.ID] && !*update {
			continue
		}
		file := filepath.Join("..", "..", "internal", "httpapi", "examples", op.ID+".json")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(anySource(have), anySource(got)); diff != "" {
			t.Errorf("%s: example (-), answer (+); go test ./cmd/ibarura -run ImportedCommunity/TheExamples -update renews them:\n%s", op.ID, diff)
		}
	}
}

// meetups are what the community's history has nothing of: people who attend an
// event, and are sent notifications and messages about it.
const meetups = `{"id":"m1","type":"event_registered","occurred_at":"2026-01-10T08:00:00Z","user_id":"m-ann","object_type":"event","object_id":"meetup"}
{"id":"m2","type":"event_registered","occurred_at":"2026-01-10T08:05:00Z","user_id":"m-bob","object_type":"event","object_id":"meetup"}
{"id":"m3","type":"event_attended","occurred_at":"2026-01-10T18:00:00Z","user_id":"m-ann","object_type":"event","object_id":"meetup"}
{"id":"m4","type":"notification_sent","occurred_at":"2026-01-10T09:00:00Z","user_id":"m-ann","object_type":"notification","object_id":"n1","properties":{"channel":"push","campaign":"meetup"}}
{"id":"m5","type":"notification_sent","occurred_at":"2026-01-10T09:00:00Z","user_id":"m-bob","object_type":"notification","object_id":"n2","properties":{"channel":"push","campaign":"meetup"}}
{"id":"m6","type":"notification_delivered","occurred_at":"2026-01-10T09:00:02Z","user_id":"m-ann","object_type":"notification","object_id":"n1","properties":{"channel":"push","campaign":"meetup"}}
{"id":"m7","type":"notification_opened","occurred_at":"2026-01-10T09:10:00Z","user_id":"m-ann","object_type":"notification","object_id":"n1","properties":{"channel":"push","campaign":"meetup"}}
{"id":"m8","type":"message_sent","occurred_at":"2026-01-10T10:00:00Z","user_id":"m-ann","object_type":"message","object_id":"c1","properties":{"channel":"email","campaign":"thanks"}}
{"id":"m9","type":"message_opened","occurred_at":"2026-01-10T10:30:00Z","user_id":"m-bob","object_type":"message","object_id":"c1","properties":{"channel":"email","campaign":"thanks"}}
`

var sources = regexp.MustCompile(`"source": \[[^\]]*\]`)

// anySource is an example without the tables that were read, which hang on
// whether derived ones were made just before.
func anySource(example []byte) string {
	return sources.ReplaceAllString(string(example), `"source": […]`)
}

// unsettled are the operations whose answers hang on when and by whom they are
// asked. Their examples were real answers once; the document's check holds them
// against their schemas, as it does every answer.
var unsettled = map[string]bool{"erase": true, "erasures": true, "keys": true, "create_key": true, "project": true, "links": true, "create_link": true}

// passing is what differs from run to run, and what stands for it in examples.
var passing = []struct {
	match *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`"as_of": "[^"]*"`), `"as_of": "2026-03-02T08:00:00.123Z"`},
	{regexp.MustCompile(`"elapsed_ms": [0-9.]+`), `"elapsed_ms": 4.2`},
	{regexp.MustCompile(`"rows_read": [0-9]+`), `"rows_read": 1024`},
	{regexp.MustCompile(`"ends_at": "[^"]*"`), `"ends_at": "2026-03-02T20:00:00Z"`},
	{regexp.MustCompile(`"key_id": "[^"]*"`), `"key_id": "aNjLJjQS3UN"`},
	{regexp.MustCompile(`"key": "ib[war]_[^"]*"`), `"key": "…"`},
	{regexp.MustCompile(`"path": "/embed#[^"]*"`), `"path": "/embed#1.eyJpZCI6…"`},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), `127.0.0.1:8080`},
}

// settledExample is an answer with what differs from run to run replaced.
func (s *instance) settledExample(t *testing.T, body []byte) []byte {
	t.Helper()
	var laidOut bytes.Buffer
	if err := json.Indent(&laidOut, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(laidOut.String()) + "\n"
	for _, p := range passing {
		text = p.match.ReplaceAllString(text, p.as)
	}
	for scope, key := range s.keys {
		text = strings.ReplaceAll(text, key, strings.ToUpper(scope)+"_KEY")
	}
	return []byte(text)
}

// writtenRequest is a request as docs/ibarura.http has it.
type writtenRequest struct {
	name, method, target string
	headers              [][2]string
	body                 string
	expect               int
}

// requestOf reads the request of an operation as it is written into the file.
func requestOf(op *openapi.Operation) writtenRequest {
	return parseRequests(openapi.Request(op))[0]
}

var (
	requestName   = regexp.MustCompile(`(?m)^# @name (\S+)$`)
	requestExpect = regexp.MustCompile(`(?m)^# expect (\d+)$`)
)

// parseRequests reads a file of requests as editors do.
func parseRequests(text string) []writtenRequest {
	var list []writtenRequest
	for _, block := range regexp.MustCompile(`(?m)^### .*\n`).Split(text, -1)[1:] {
		w := writtenRequest{name: requestName.FindStringSubmatch(block)[1]}
		w.expect, _ = strconv.Atoi(requestExpect.FindStringSubmatch(block)[1])
		head, body, _ := strings.Cut(block, "\n\n")
		w.body, _, _ = strings.Cut(strings.TrimSpace(body), "\n\n########")
		for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
			switch name, value, isHeader := strings.Cut(line, ": "); {
			case strings.HasPrefix(line, "#"):
			case w.method == "":
				w.method, w.target, _ = strings.Cut(line, " ")
			case isHeader:
				w.headers = append(w.headers, [2]string{name, value})
			}
		}
		list = append(list, w)
	}
	return list
}

// send sends a request, its variables filled in. A stream, which has no end, is
// left once its head is there.
func (s *instance) send(t *testing.T, w writtenRequest) reply {
	t.Helper()
	fill := func(text string) string {
		text = strings.ReplaceAll(text, "{{host}}", s.base)
		for scope, key := range s.keys {
			text = strings.ReplaceAll(text, "{{"+scope+"}}", key)
		}
		return text
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, w.method, fill(w.target), strings.NewReader(fill(w.body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range w.headers {
		req.Header.Set(h[0], fill(h[1]))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return reply{resp.StatusCode, resp.Header, nil}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, body}
}

func answersTheFile(t *testing.T, s *instance) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "ibarura.http"))
	if err != nil {
		t.Fatal(err)
	}
	requests := parseRequests(string(text))
	if len(requests) != len(httpapi.Document().Operations()) {
		t.Errorf("%d requests for %d operations", len(requests), len(httpapi.Document().Operations()))
	}
	for _, w := range requests {
		if r := s.send(t, w); r.status != w.expect {
			t.Errorf("%s: %d, want %d: %s", w.name, r.status, w.expect, r.body)
		}
	}
}
