package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ibarura/internal/event"
)

var seedBodies = []string{
	`{"type":"a","id":1,"occurred_at":"2026-05-01T12:00:00Z","user_id":"u","tags":["x"],"properties":{"a":1,"b":[true,null],"c":"\u00e9"}}`,
	`[{"type":"a"},{"type":"a","type":"b"},7,{"properties":{"a":1e400}}]`,
	`[{"properties":{"a":{"b":{"c":"\ud800"}}}},{"userId":1},{"occurred_at":1777629600123.5}]`,
	"[{\"type\":\"\xff\"}]", "{\"type\":\"a\x01\\n\"}", `[[[[]]]]`, `[{"type":"a"},]`, `nan`, `{"type":"a"} {`, "\uFEFF{}",
	"{\"type\":\"a\"}\r\n\n{\"type\":\"b\"}\nnonsense", `{"url":"/","duration_ms":1e3,"ip":"::1"}`,
}

// FuzzDecodeEventsAcceptsOnlyWhatEncodingJSONReadsAlike compares every
// accepted item, field by field, with what encoding/json makes of it.
func FuzzDecodeEventsAcceptsOnlyWhatEncodingJSONReadsAlike(f *testing.F) {
	for _, body := range seedBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		lim := event.DefaultLimits()
		log := newEventLog()
		err := DecodeEvents(body, &lim, log)
		var broken *BodyError
		if errors.As(err, &broken) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		items := standardItems(t, bytes.TrimPrefix(body, byteOrderMark))
		if len(items) != len(log.order) {
			t.Fatalf("%d items, encoding/json finds %d", len(log.order), len(items))
		}
		for index, e := range log.events {
			compareWithStandard(t, &e, items[index])
		}
	})
}

func standardItems(t *testing.T, body []byte) []json.RawMessage {
	t.Helper()
	var items []json.RawMessage
	if json.Unmarshal(body, &items) == nil {
		return items
	}
	var item map[string]json.RawMessage
	if err := json.Unmarshal(body, &item); err != nil {
		t.Fatalf("accepted %q: %v", body, err)
	}
	return []json.RawMessage{body}
}

func compareWithStandard(t *testing.T, e *event.Event, item json.RawMessage) {
	t.Helper()
	var want struct {
		Type       string
		UserRole   string `json:"user_role"`
		Tags       []string
		Properties map[string]json.RawMessage
	}
	if err := json.Unmarshal(item, &want); err != nil {
		t.Fatalf("accepted %q: %v", item, err)
	}
	if e.Type != want.Type || e.Role != want.UserRole || strings.Join(e.Tags, "\x00") != strings.Join(want.Tags, "\x00") {
		t.Fatalf("%q: read %+v, want %+v", item, e, want)
	}
	for _, p := range e.Properties {
		if value := standardText(t, want.Properties[p.Key]); value != p.Value {
			t.Fatalf("%q: property %q is %q, want %q", item, p.Key, p.Value, value)
		}
		delete(want.Properties, p.Key)
	}
	for key, value := range want.Properties {
		if string(value) != "null" {
			t.Fatalf("%q: property %q is missing", item, key)
		}
	}
}

// standardText is the text that a property's value has to become.
func standardText(t *testing.T, value json.RawMessage) string {
	t.Helper()
	var s string
	if bytes.HasPrefix(value, []byte(`"`)) {
		if err := json.Unmarshal(value, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

func FuzzDecodeLinesNeverFails(f *testing.F) {
	for _, body := range seedBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		lim := event.DefaultLimits()
		lim.MaxItemBytes = 100
		events, views := newEventLog(), newPageLog()
		if err := DecodeEventLines(bytes.NewReader(stream), &lim, events); err != nil {
			t.Fatal(err)
		}
		if err := DecodePageViewLines(bytes.NewReader(stream), &lim, views); err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(stream, []byte("\n")) + 1; len(events.order) > lines {
			t.Fatalf("%d items in %d lines", len(events.order), lines)
		}
	})
}
