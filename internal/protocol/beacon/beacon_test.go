package beacon_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/beacon"
	"ibarura/internal/protocol/prototest"
)

func TestEventsAndPageViewsCountTogether(t *testing.T) {
	body, err := beacon.Open([]byte(`{"key":"k","pageviews":[{"url":"/p","id":"3"},{"url":7}],"events":[{"type":"a","id":"1"},{"typ":"b"},{"type":"c","id":"2"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	log := prototest.NewLog()
	if err := body.Decode(prototest.Context(), log); err != nil {
		t.Fatal(err)
	}
	want := &prototest.Log{
		Events:   map[int]event.Event{0: {ID: "1", Type: "a"}, 2: {ID: "2", Type: "c"}},
		Pages:    map[int]event.PageView{3: {ID: "3", URL: "/p"}},
		Rejected: map[int]string{1: "unknown_field typ", 4: "wrong_type url"}, Order: []int{0, 1, 2, 3, 4},
	}
	if diff := cmp.Diff(want, log); diff != "" || body.WriteKey() != "k" {
		t.Errorf("key %q\n%s", body.WriteKey(), diff)
	}
}

func TestEveryMemberMayBeAbsent(t *testing.T) {
	for _, text := range []string{`{}`, ` {"events":[]} `, `{"key":"","pageviews":[]}`} {
		body, err := beacon.Open([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		log := prototest.NewLog()
		if err := body.Decode(prototest.Context(), log); err != nil || len(log.Order) > 0 || body.WriteKey() != "" {
			t.Errorf("%s: %+v, %v", text, log, err)
		}
	}
}

func TestBodiesThatAreNoBeaconsAreErrors(t *testing.T) {
	for text, code := range map[string]string{
		``: event.CodeInvalidJSON, `[]`: event.CodeNotAnObject, `{"event":[]}`: event.CodeUnknownField, `{"events":{"type":"a"}}`: event.CodeNotAnObject, `{"pageviews":null}`: event.CodeNotAnObject, `{"events":[`: event.CodeInvalidJSON,
		`{"events":[],"events":[]}`: event.CodeDuplicateKey, `{"key":1}`: event.CodeWrongType,
	} {
		var broken *protocol.BodyError
		if _, err := beacon.Open([]byte(text)); !errors.As(err, &broken) || broken.Code != code {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	f.Add([]byte(`{"key":"k","pageviews":[{"url":"/p"}],"events":[{"type":"a","properties":{"a":[1]}},7]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := beacon.Open(text)
		if err != nil {
			return
		}
		log := prototest.NewLog()
		c := prototest.Context()
		if err := body.Decode(c, log); err != nil {
			t.Fatal(err)
		}
		log.Bounded(t, c.Limits)
	})
}
