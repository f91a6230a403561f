package plausible_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/plausible"
	"ibarura/internal/protocol/prototest"
)

func decode(t *testing.T, body string) *prototest.Log {
	t.Helper()
	opened, err := plausible.Open([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	log := prototest.NewLog()
	if err := opened.Decode(prototest.Context(), log); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAPageViewIsOne(t *testing.T) {
	want := event.PageView{URL: "https://a.example/p", Referrer: "https://b.example/", Object: event.Object{ID: "o"}, Properties: prototest.Properties("domain", "a.example", "x", "1")}
	for _, body := range []string{
		`{"n":"pageview","u":"https://a.example/p","d":"a.example","r":"https://b.example/","p":{"x":1,"object_id":"o"},"v":36,"h":1,"w":1280}`,
		`{"name":"pageview","url":"https://a.example/p","domain":"a.example","referrer":"https://b.example/","props":"{\"x\":1,\"object_id\":\"o\"}"}`,
	} {
		if diff := cmp.Diff(map[int]event.PageView{0: want}, decode(t, body).Pages); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestAnyOtherNameIsAnEvent(t *testing.T) {
	for body, want := range map[string]event.Event{
		`{"n":"Outbound Link: Click","u":"/p","d":"a.example","r":null,"p":{"url":"https://b.example/","tags":["x"]}}`: {
			Type: "Outbound Link: Click", Tags: []string{"x"}, Properties: prototest.Properties("domain", "a.example", "page_url", "/p", "url", "https://b.example/")},
		`{"n":"Bought","u":"/p","$":{"amount":10.5,"currency":"RWF"},"i":false}`: {
			Type: "Bought", Properties: prototest.Properties("page_url", "/p", "revenue_amount", "10.5", "revenue_currency", "RWF", "interactive", "false")},
		`{"n":"engagement","u":"/p","e":4011,"sd":100,"p":"not JSON"}`: {
			Type: "engagement", Properties: prototest.Properties("page_url", "/p", "engaged_ms", "4011", "scroll_depth", "100")},
	} {
		if diff := cmp.Diff(map[int]event.Event{0: want}, decode(t, body).Events); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestWhatCannotBecomeAnythingIsRejected(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "missing_field n", `{"n":{}}`: "wrong_type n", `{"n":"x","u":[]}`: "wrong_type u", `{"n":"x","p":{"a":[[[[[[[]]]]]]]}}`: "too_deep properties.a",
		`{"n":"` + strings.Repeat("x", 1<<20) + `"}`: "item_too_large ",
	} {
		if diff := cmp.Diff(map[int]string{0: want}, decode(t, body).Rejected); diff != "" {
			t.Errorf("%.40s: %s", body, diff)
		}
	}
	for _, body := range []string{``, `[]`, `"x"`} {
		var broken *protocol.BodyError
		if _, err := plausible.Open([]byte(body)); !errors.As(err, &broken) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWhatTheScriptWasRecordedToSendIsTakenWhole(t *testing.T) {
	for name, body := range prototest.Recorded(t) {
		if log := decode(t, string(body)); len(log.Events)+len(log.Pages) != 1 {
			t.Errorf("%s: %+v", name, log)
		}
	}
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	for _, body := range prototest.Recorded(f) {
		f.Add(body)
	}
	f.Add([]byte(`{"n":"\ud800","p":"{\"a\":[1]}","$":{"amount":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		opened, err := plausible.Open(body)
		if err != nil {
			return
		}
		log := prototest.NewLog()
		c := prototest.Context()
		if err := opened.Decode(c, log); err != nil {
			t.Fatal(err)
		}
		log.Bounded(t, c.Limits)
	})
}
