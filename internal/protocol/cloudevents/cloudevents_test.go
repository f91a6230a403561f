package cloudevents_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/cloudevents"
	"ibarura/internal/protocol/prototest"
)

func decode(t *testing.T, body, contentType string, attributes map[string]string) *prototest.Log {
	t.Helper()
	opened, err := cloudevents.Open([]byte(body), contentType, attributes)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	log := prototest.NewLog()
	if err := opened.Decode(prototest.Context(), log); err != nil {
		t.Fatal(err)
	}
	return log
}

const (
	around = `"specversion":"1.0","id":"7","source":"/blog"`
	data   = `{"user_id":"u","anonymous_id":"a","session_id":"s","user_role":"member","n":1.50,"tags":["x"],"properties":{"tags":"own"},"deep":{"a": [1]}}`
)

func TestTheThreeFormsOfAnEventAreOne(t *testing.T) {
	want := event.Event{
		ID: "/blog 7", Type: "com.example.post.created", OccurredAt: prototest.Now - 500, Tags: []string{"x"},
		Identity: event.Identity{UserID: "u", AnonymousID: "a", SessionID: "s", Role: "member"}, Object: event.Object{Type: "post", ID: "12/en"},
		Properties: prototest.Properties("n", "1.50", "tags", "own", "deep", `{"a":[1]}`, "source", "/blog", "traceparent", "é"),
	}
	structured := `{` + around + `,"type":"com.example.post.created","subject":"post/12/en","time":"2026-11-24T17:19:59.5Z","dataschema":"x","datacontenttype":"application/json","traceparent":"é","data":` + data + `}`
	headers := map[string]string{"specversion": "1.0", "id": "7", "source": "/blog", "type": "com.example.post.created", "subject": "post/12/en",
		"time": "2026-11-24T17:19:59.5Z", "traceparent": "%C3%A9"}
	for name, log := range map[string]*prototest.Log{
		"structured": decode(t, structured, "application/cloudevents+json; charset=utf-8", nil),
		"batch":      decode(t, "["+structured+"]", "application/cloudevents-batch+json", nil),
		"binary":     decode(t, data, "application/json", headers),
	} {
		if diff := cmp.Diff(map[int]event.Event{0: want}, log.Events); diff != "" || len(log.Rejected) > 0 {
			t.Errorf("%s (-want +got): %v\n%s", name, log.Rejected, diff)
		}
	}
}

func TestExtensionsSayWhoWhereTheDataDoesNot(t *testing.T) {
	log := decode(t, `[{`+around+`,"type":"x","userid":"u","anonymousid":"a","sessionid":"s","userrole":"r"},
		{`+around+`,"type":"x","userid":"u","data":{"user_id":"v"}}]`, "", nil)
	if got := log.Events[0].Identity; got != (event.Identity{UserID: "u", AnonymousID: "a", SessionID: "s", Role: "r"}) {
		t.Errorf("%+v", got)
	}
	if got := log.Events[1].UserID; got != "v" {
		t.Errorf("user %q", got)
	}
}

func TestAPageViewIsAnEventOfThatTypeWithAnAddress(t *testing.T) {
	log := decode(t, `{`+around+`,"type":"page_view","data":{"url":"/p","title":"P","referrer":"https://b.example/","user_agent":"UA","ip":"192.0.2.1","x":1,"object_id":"o"}}`, "", nil)
	want := event.PageView{ID: "/blog 7", URL: "/p", Title: "P", Referrer: "https://b.example/", UserAgent: "UA", IP: "192.0.2.1",
		Object: event.Object{ID: "o"}, Properties: prototest.Properties("x", "1", "source", "/blog")}
	if diff := cmp.Diff(map[int]event.PageView{0: want}, log.Pages); diff != "" {
		t.Error(diff)
	}
}

func TestDataThatIsNoObjectIsOneProperty(t *testing.T) {
	binary := map[string]string{"specversion": "1.0", "id": "7", "source": "s", "type": "x"}
	for _, c := range []struct{ body, contentType, key, want string }{
		{`[1, 2]`, "application/json", "data", "[1,2]"},
		{`"text"`, "application/vnd.x+json", "data", "text"},
		{`plain`, "text/plain; charset=utf-8", "data", "plain"},
		{"\x00\xff", "application/octet-stream", "data_base64", "AP8="},
		{"\xff", "text/plain", "data_base64", "/w=="},
		{"", "", "", ""},
	} {
		e := decode(t, c.body, c.contentType, binary).Events[0]
		want := prototest.Properties("source", "s")
		if c.key != "" {
			want = prototest.Properties("source", "s", c.key, c.want)
		}
		if diff := cmp.Diff(want, e.Properties); diff != "" {
			t.Errorf("%q: %s", c.body, diff)
		}
	}
	e := decode(t, `{`+around+`,"type":"x","data_base64":"AP8="}`, "", nil).Events[0]
	if diff := cmp.Diff(prototest.Properties("source", "/blog", "data_base64", "AP8="), e.Properties); diff != "" {
		t.Error(diff)
	}
}

func TestTheIDJoinsSourceAndIDWithoutMixingThem(t *testing.T) {
	var ids []string
	for _, c := range [][2]string{{"/a", "b"}, {"/a", "b c"}, {"/a b", "c"}, {"/a", strings.Repeat("x", 200)}, {"/a", strings.Repeat("x", 201)}} {
		id := decode(t, `{"specversion":"1.0","type":"x","source":"`+c[0]+`","id":"`+c[1]+`"}`, "", nil).Events[0].ID
		if len(id) > 128 || (id != "" && slices.Contains(ids, id)) {
			t.Errorf("%v: id %q, after %q", c, id, ids)
		}
		ids = append(ids, id)
	}
}

func TestEventsThatCannotBecomeAnythingAreRejectedBesideTheOthers(t *testing.T) {
	for item, want := range map[string]string{
		`7`:  "not_an_object ",
		`{}`: "wrong_type specversion",
		`{"specversion":"0.3","id":"1","source":"s","type":"x"}`:            "wrong_type specversion",
		`{"specversion":"1.0","id":"1","source":"s"}`:                       "missing_field type",
		`{"specversion":"1.0","source":"s","type":"x"}`:                     "missing_field id",
		`{"specversion":"1.0","id":"1","type":"x"}`:                         "missing_field source",
		`{"specversion":"1.0","id":{},"source":"s","type":"x"}`:             "wrong_type id",
		`{"specversion":"1.0","id":"1","source":"s","type":"x","time":"?"}`: "time_invalid time",
		`{` + around + `,"type":"x","data":{"user_id":[]}}`:                 "wrong_type data.user_id",
		`{` + around + `,"type":"x","data":[[[[[[[]]]]]]]}`:                 "too_deep properties.data",
	} {
		good := `{` + around + `,"type":"x"}`
		log := decode(t, `[`+good+`,`+item+`,`+good+`]`, cloudevents.Batch, nil)
		if diff := cmp.Diff(map[int]string{1: want}, log.Rejected); diff != "" || len(log.Events) != 2 {
			t.Errorf("%s: %s", item, diff)
		}
	}
}

func TestBodiesThatHoldNoEventsAreErrors(t *testing.T) {
	binary := map[string]string{"specversion": "1.0"}
	for body, attributes := range map[string]map[string]string{``: nil, `7`: nil, `{`: binary} {
		var broken *protocol.BodyError
		if _, err := cloudevents.Open([]byte(body), "application/json", attributes); !errors.As(err, &broken) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestWhatTheSDKsWereRecordedToSendIsTakenWhole(t *testing.T) {
	for name, body := range prototest.Recorded(t) {
		log := decode(t, string(body), cloudevents.Structured, nil)
		if len(log.Events) != 1 || log.Events[0].ID == "" {
			t.Errorf("%s: %+v", name, log)
		}
	}
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	for _, body := range prototest.Recorded(f) {
		f.Add(body, cloudevents.Structured, "")
	}
	f.Add([]byte(data), "application/json", "%zz")
	f.Add([]byte(`[{`+around+`,"type":"\ud800","data":{"properties":{"\udc00":1},"user_id":1}}]`), cloudevents.Batch, "")
	f.Fuzz(func(t *testing.T, body []byte, contentType, attribute string) {
		var attributes map[string]string
		if attribute != "" {
			attributes = map[string]string{"specversion": "1.0", "type": attribute, "id": "1", "source": attribute, "x": attribute}
		}
		opened, err := cloudevents.Open(body, contentType, attributes)
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
