package protocol

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
)

func TestEventWithEveryFieldIsReadWhole(t *testing.T) {
	log := decode(t, `{"type":"post_created","id":"e1","occurred_at":"2026-05-01T12:00:00.123+02:00","user_id":"u",
		"anonymous_id":"a","session_id":"s","user_role":"member","object_type":"post","object_id":"p",
		"tags":["go","go","naïve"],
		"properties":{"text":"a\"b","number":-1.50e3,"yes":true,"no":false,"gone":null,"list":[ 1, {"x": "y z"} ],"empty":{}}}`)
	want := map[int]event.Event{0: {
		ID: "e1", Type: "post_created", OccurredAt: 1777629600123,
		Identity: event.Identity{UserID: "u", AnonymousID: "a", SessionID: "s", Role: "member"},
		Object:   event.Object{Type: "post", ID: "p"},
		Tags:     []string{"go", "go", "naïve"},
		Properties: []event.Property{
			{Key: "text", Value: `a"b`}, {Key: "number", Value: "-1.50e3"}, {Key: "yes", Value: "true"}, {Key: "no", Value: "false"},
			{Key: "list", Value: `[1,{"x":"y z"}]`}, {Key: "empty", Value: "{}"},
		},
	}}
	if diff := cmp.Diff(want, log.events); diff != "" {
		t.Error(diff)
	}
}

func TestPageViewWithEveryFieldIsReadWhole(t *testing.T) {
	lim := event.DefaultLimits()
	log := newPageLog()
	err := DecodePageViews([]byte(`[{"url":"https://example.org/a?b","referrer":"https://x.y/","title":"T","duration_ms":1234.9,"id":7,
		"occurred_at":1777629600123,"user_id":42,"anonymous_id":"a","session_id":9007199254740993,"user_role":"core","object_type":"post",
		"object_id":12,"properties":{"k":"v"},"user_agent":"UA","ip":"192.0.2.1"},{"url":"/"},{"type":"x","url":"/"}]`), &lim, log)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]event.PageView{0: {
		ID: "7", OccurredAt: 1777629600123, URL: "https://example.org/a?b", Referrer: "https://x.y/", Title: "T", DurationMs: 1234,
		Identity:   event.Identity{UserID: "42", AnonymousID: "a", SessionID: "9007199254740993", Role: "core"},
		Object:     event.Object{Type: "post", ID: "12"},
		Properties: []event.Property{{Key: "k", Value: "v"}}, UserAgent: "UA", IP: "192.0.2.1",
	}, 1: {URL: "/"}}
	if diff := cmp.Diff(want, log.views); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]string{2: "unknown_field type"}, summary(log.rejected)); diff != "" {
		t.Error(diff)
	}
}

func TestNullFieldsAreAbsent(t *testing.T) {
	log := decode(t, `{"type":"x","id":null,"occurred_at":null,"user_id":null,"tags":null,"properties":null}`)
	if diff := cmp.Diff(map[int]event.Event{0: {Type: "x"}}, log.events); diff != "" {
		t.Error(diff)
	}
}

func TestItemsAreRejectedForWhatOnlyTheJSONShows(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for item, want := range map[string]string{
		`1`:                                      "not_an_object ",
		`[]`:                                     "not_an_object ",
		`null`:                                   "not_an_object ",
		`{"type":1}`:                             "wrong_type type",
		`{"type":["a"]}`:                         "wrong_type type",
		`{"id":1.5}`:                             "wrong_type id",
		`{"id":true}`:                            "wrong_type id",
		`{"user_role":1}`:                        "wrong_type user_role",
		`{"tags":"a"}`:                           "wrong_type tags",
		`{"tags":["a",null]}`:                    "wrong_type tags[1]",
		`{"properties":[]}`:                      "wrong_type properties",
		`{"occurred_at":[]}`:                     "wrong_type occurred_at",
		`{"occurred_at":"yesterday"}`:            "time_invalid occurred_at",
		`{"occurred_at":"2026-02-30T00:00:00Z"}`: "time_invalid occurred_at",
		`{"occurred_at":"2026-02-28"}`:           "time_invalid occurred_at",
		`{"occurred_at":0}`:                      "time_too_early occurred_at",
		`{"occurred_at":"1970-01-01T00:00:00Z"}`: "time_too_early occurred_at",
		`{"occurred_at":1e300}`:                  "number_out_of_range occurred_at",
		`{"occurred_at":99999999999999999999}`:   "number_out_of_range occurred_at",
		`{"occurred_at":253402300800000}`:        "number_out_of_range occurred_at",
		`{"type":"a","type":"b"}`:                "duplicate_key type",
		`{"id":null,"id":"b"}`:                   "duplicate_key id",
		`{"type":"a","\u0074ype":"b"}`:           "duplicate_key type",
		`{"properties":{"a":1,"a":2}}`:           "duplicate_key properties.a",
		`{"properties":{"a":null,"a":2}}`:        "duplicate_key properties.a",
		`{"properties":{"a":1e400}}`:             "number_out_of_range properties.a",
		`{"properties":{"a":12345678901234567890123456789012345678901}}`: "number_out_of_range properties.a",
		`{"properties":{"a":` + deep(7) + `}}`:                           "too_deep properties.a",
		`{"properties":{"a":["\ud800"]}}`:                                "invalid_utf8 properties.a",
		`{"properties":{"a":"\ud800"}}`:                                  "invalid_utf8 properties.a",
		`{"properties":{"\ud800":1}}`:                                    "invalid_utf8 ",
		`{"type":"\udc00"}`:                                              "invalid_utf8 type",
		`{"tags":["\udc00"]}`:                                            "invalid_utf8 tags[0]",
		"{\"user_id\":\"\xff\"}":                                         "invalid_utf8 user_id",
		"{\"properties\":{\"a\":[\"\xff\"]}}":                            "invalid_utf8 properties.a",
		"{\"\xff\":1}":                                                   "invalid_utf8 ",
		`{"userId":1}`:                                                   "unknown_field userId",
		`{"url":"/"}`:                                                    "unknown_field url",
		`{"properties":{"` + strings.Repeat("k", 300) + `":1e999}}`:      "number_out_of_range properties." + strings.Repeat("k", 128) + "…",
	} {
		log := decode(t, "["+`{"type":"before"},`+item+`,{"type":"after"}]`)
		if diff := cmp.Diff(map[int]string{1: want}, summary(log.rejected)); diff != "" {
			t.Errorf("%s: %s", item, diff)
		}
		if log.events[0].Type != "before" || log.events[2].Type != "after" {
			t.Errorf("%s: its neighbours are %+v", item, log.events)
		}
	}
}

func TestLimitsOnNumbersOfThingsAreInclusive(t *testing.T) {
	list := func(n int, format string) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(format, i))
		}
		return strings.Join(parts, ",")
	}
	log := decode(t, `[{"tags":[`+list(32, `"t%d"`)+`]},{"tags":[`+list(33, `"t%d"`)+`]},
		{"properties":{`+list(64, `"k%d":1`)+`}},{"properties":{`+list(65, `"k%d":1`)+`}},
		{"properties":{"a":[[[[[[]]]]]]}}]`)
	want := map[int]string{1: "too_many tags", 3: "too_many properties"}
	if diff := cmp.Diff(want, summary(log.rejected)); diff != "" {
		t.Error(diff)
	}
	if len(log.events[0].Tags) != 32 || len(log.events[2].Properties) != 64 {
		t.Errorf("%d tags, %d properties", len(log.events[0].Tags), len(log.events[2].Properties))
	}
}

func TestItemOverTheSizeLimitIsRejectedBesideTheOthers(t *testing.T) {
	lim := event.DefaultLimits()
	lim.MaxItemBytes = 20
	log := newEventLog()
	body := `[{"type":"12345678"}, {"type":"123456789","id":"0"} ,{"type":"x"}]`
	if err := DecodeEvents([]byte(body), &lim, log); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]string{1: "item_too_large "}, summary(log.rejected)); diff != "" || len(log.events) != 2 {
		t.Error(diff, log.events)
	}
}

func TestUnknownFieldsAreGuessed(t *testing.T) {
	for name, want := range map[string]string{
		"userId": "user_id", "metadata": "properties", "timestamp": "occurred_at", "event": "type", "Type": "type",
		"ocurred_at": "occurred_at", "session": "session_id", "propertys": "properties", "tag": "tags", "objectType": "object_type",
	} {
		log := decode(t, `{"`+name+`":"x"}`)
		if message := log.rejected[0].Message; !strings.Contains(message, "did you mean "+want+"?") {
			t.Errorf("%s: %s", name, message)
		}
	}
	log := decode(t, `{"favourite_colour":"x"}`)
	if message := log.rejected[0].Message; strings.Contains(message, "did you mean") {
		t.Errorf("guessed %s", message)
	}
}

func TestBodyThatIsNoListOfItemsReachesNoSink(t *testing.T) {
	for body, want := range map[string]BodyError{
		"":                                {Code: event.CodeInvalidJSON},
		" \n":                             {Code: event.CodeInvalidJSON},
		`[{"type":"a"},{"type":"b"`:       {Code: event.CodeInvalidJSON, Offset: 25},
		`[{"type":"a"},{"type":NaN}]`:     {Code: event.CodeInvalidJSON, Offset: 22},
		"\uFEFF[{\"type\":\"a\"},]":       {Code: event.CodeInvalidJSON, Offset: 17},
		`{"type":"a"}{"type":"b"}`:        {Code: event.CodeInvalidJSON, Offset: 12},
		`"text"`:                          {Code: event.CodeNotAnObject},
		`null`:                            {Code: event.CodeNotAnObject},
		"[{}," + strings.Repeat("[", 999): {Code: event.CodeTooDeep, Offset: 515},
	} {
		lim := event.DefaultLimits()
		log := newEventLog()
		var got *BodyError
		if err := DecodeEvents([]byte(body), &lim, log); !errors.As(err, &got) {
			t.Errorf("%.40q: %v, want a BodyError", body, err)
			continue
		}
		if got.Code != want.Code || got.Offset != want.Offset || got.Message == "" {
			t.Errorf("%.40q: %+v, want %+v", body, *got, want)
		}
		if len(log.order) > 0 {
			t.Errorf("%.40q: items %v reached the sink", body, log.order)
		}
	}
}

func TestEmptyArrayIsNoItems(t *testing.T) {
	if log := decode(t, "\uFEFF [ ] "); len(log.order) > 0 {
		t.Errorf("items %v", log.order)
	}
}

type brokenSink struct{ err error }

func (s brokenSink) Event(int, *event.Event) error      { return s.err }
func (s brokenSink) Reject(int, *event.Rejection) error { return s.err }

func TestErrorOfTheSinkIsReturnedAsItIs(t *testing.T) {
	lim := event.DefaultLimits()
	full := errors.New("full")
	for _, body := range []string{`[{"type":"a"}]`, `[1]`} {
		if err := DecodeEvents([]byte(body), &lim, brokenSink{full}); err != full { //nolint:errorlint // identity is the claim
			t.Errorf("%s: %v", body, err)
		}
		if err := DecodeEventLines(strings.NewReader(body), &lim, brokenSink{full}); err != full { //nolint:errorlint // identity is the claim
			t.Errorf("%s as a line: %v", body, err)
		}
	}
}

// The race detector makes sync.Pool drop decoders at random, which costs a few
// allocations a body; one an event would be 100.
func TestDecodingAllocatesNothingPerEvent(t *testing.T) {
	body := communityBody(100)
	lim := event.DefaultLimits()
	sink := &validatingSink{lim: &lim, now: 1800000000000}
	allocations := testing.AllocsPerRun(50, func() {
		if err := DecodeEvents(body, &lim, sink); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 10 || sink.bad > 0 {
		t.Errorf("%v allocations for 100 events, %d rejected", allocations, sink.bad)
	}
}
