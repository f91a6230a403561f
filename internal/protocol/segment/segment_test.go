package segment_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/prototest"
	"ibarura/internal/protocol/segment"
)

func decode(t *testing.T, c foreign.Context, kind, body string) *prototest.Log {
	t.Helper()
	opened, err := segment.Open([]byte(body), kind)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	log := prototest.NewLog()
	if err := opened.Decode(c, log); err != nil {
		t.Fatal(err)
	}
	return log
}

// one decodes a batch of one call, and returns the event.
func one(t *testing.T, call string) event.Event {
	t.Helper()
	log := decode(t, prototest.Context(), segment.Batch, `{"batch":[`+call+`]}`)
	if len(log.Events) != 1 {
		t.Fatalf("%s: %+v", call, log)
	}
	return log.Events[0]
}

const sentAt = `"2026-11-24T17:20:00Z"` // as the request arrives

func TestEachCallBecomesWhatTheTableSays(t *testing.T) {
	context := `{"ip":"192.0.2.1","userAgent":"UA","locale":"rw","sessionId":17,"library":{"name":"lib","version":"1"},
		"page":{"url":"https://a.example/p?q","path":"/p","referrer":"https://b.example/","title":"P"},
		"campaign":{"source":"news","name":"spring"},"traits":{"role":"member"}}`
	ids := `"userId":"u","anonymousId":"a","messageId":"m","timestamp":"2026-11-24T17:19:59.5Z"`
	identity := event.Identity{UserID: "u", AnonymousID: "a", SessionID: "17", Role: "member"}
	const at = prototest.Now - 500
	log := decode(t, prototest.Context(), segment.Batch, `{"sentAt":`+sentAt+`,"context":`+context+`,"batch":[
		{"type":"track",`+ids+`,"event":"Post Created","properties":{"n":1.50,"on":true,"list":[ 1, {"a":"b c"} ],"gone":null,
			"object_type":"post","object_id":12,"tags":["x","y"],"locale":"own"}},
		{"type":"page",`+ids+`,"name":"Home","category":"Docs","properties":{"url":"https://a.example/own","title":"Own","x":"y"}},
		{"type":"screen",`+ids+`,"name":"Main"},
		{"type":"identify",`+ids+`,"traits":{"plan":"pro","role":"admin","tags":["t"]}},
		{"type":"group",`+ids+`,"groupId":"g","traits":{"name":"Acme","role":"customer"}},
		{"type":"alias",`+ids+`,"previousId":"old"}]}`)
	said := []string{"locale", "rw", "library", "lib", "library_version", "1"}
	where := append([]string{"page_url", "https://a.example/p?q", "page_referrer", "https://b.example/", "utm_source", "news", "utm_campaign", "spring"}, said...)
	admin := identity
	admin.Role = "admin"
	aliased := identity
	aliased.AnonymousID = "old"
	events := map[int]event.Event{
		0: {Type: "Post Created", Identity: identity, Object: event.Object{Type: "post", ID: "12"}, Tags: []string{"x", "y"},
			Properties: prototest.Properties(append([]string{"n", "1.50", "on", "true", "list", `[1,{"a":"b c"}]`, "locale", "own"}, remove(where, "locale")...)...)},
		2: {Type: "screen_viewed", Identity: identity, Object: event.Object{Type: "screen", ID: "Main"}, Properties: prototest.Properties(append(where, "name", "Main")...)},
		3: {Type: "identify", Identity: admin, Properties: prototest.Properties("plan", "pro", "role", "admin", "tags", `["t"]`)},
		4: {Type: "group", Identity: identity, Object: event.Object{Type: "group", ID: "g"}, Properties: prototest.Properties("name", "Acme", "role", "customer")},
		5: {Type: "alias", Identity: aliased},
	}
	for i, e := range events {
		e.ID, e.OccurredAt = "m", at
		events[i] = e
	}
	if diff := cmp.Diff(events, log.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	pages := map[int]event.PageView{1: {
		ID: "m", OccurredAt: at, Identity: identity, URL: "https://a.example/own", Title: "Own", Referrer: "https://b.example/", UserAgent: "UA", IP: "192.0.2.1",
		Properties: prototest.Properties(append(said, "x", "y", "name", "Home", "category", "Docs")...),
	}}
	if diff := cmp.Diff(pages, log.Pages); diff != "" {
		t.Errorf("page views (-want +got):\n%s", diff)
	}
	if len(log.Rejected) > 0 {
		t.Error(log.Rejected)
	}
}

// remove returns pairs without those of a key.
func remove(pairs []string, key string) []string {
	var rest []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != key {
			rest = append(rest, pairs[i], pairs[i+1])
		}
	}
	return rest
}

func TestCallsThatCannotBecomeAnythingAreRejectedBesideTheOthers(t *testing.T) {
	deep := strings.Repeat("[", 7) + strings.Repeat("]", 7)
	for call, want := range map[string]string{
		`1`:                           "not_an_object ",
		`{}`:                          "missing_field type",
		`{"type":"dance"}`:            "type_invalid type",
		`{"type":"track"}`:            "missing_field event",
		`{"type":"track","event":{}}`: "wrong_type event",
		`{"type":"track","event":"x","userId":[1]}`:                        "wrong_type userId",
		`{"type":"track","event":"x","timestamp":"yesterday"}`:             "time_invalid timestamp",
		`{"type":"track","event":"x","timestamp":0}`:                       "time_too_early timestamp",
		`{"type":"track","event":"x","originalTimestamp":1e300}`:           "number_out_of_range originalTimestamp",
		`{"type":"track","event":"x","properties":{"a":` + deep + `}}`:     "too_deep properties.a",
		`{"type":"track","event":"x","properties":{"a":1e999}}`:            "number_out_of_range properties.a",
		`{"type":"track","event":"x","properties":{` + numbered(65) + `}}`: "too_many properties",
		`{"type":"group","userId":"u"}`:                                    "missing_field groupId",
		`{"type":"alias","userId":"u"}`:                                    "missing_field previousId",
		`{"type":"alias","previousId":"p"}`:                                "missing_field userId",
	} {
		log := decode(t, prototest.Context(), segment.Batch, `{"batch":[{"type":"track","event":"before"},`+call+`,{"type":"track","event":"after"}]}`)
		if diff := cmp.Diff(map[int]string{1: want}, log.Rejected); diff != "" {
			t.Errorf("%s: %s", call, diff)
		}
		if log.Events[0].Type != "before" || log.Events[2].Type != "after" {
			t.Errorf("%s: its neighbours are %+v", call, log.Events)
		}
	}
}

func numbered(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = `"k` + strings.Repeat("x", i) + `":1`
	}
	return strings.Join(keys, ",")
}

func TestAContextNeverRejectsACall(t *testing.T) {
	e := one(t, `{"type":"track","event":"x","context":{"locale":"`+strings.Repeat("l", 9000)+`","ip":[],"page":7,"traits":{"role":"`+strings.Repeat("r", 65)+`"}},"properties":{`+numbered(64)+`}}`)
	if len(e.Properties) != 64 || e.Role != "" {
		t.Errorf("%d properties, role %q", len(e.Properties), e.Role)
	}
}

func TestTimesAreCorrectedByTheClientsClock(t *testing.T) {
	for _, c := range []struct{ times, want string }{
		{``, ""},
		{`"timestamp":"2026-11-24T12:00:00Z"`, "2026-11-24T12:00:00Z"},
		{`"timestamp":"2026-11-24T12:00:00Z","sentAt":"2026-11-24T17:19:45Z"`, "2026-11-24T12:00:00Z"}, // on its way, not wrong
		{`"timestamp":"2025-01-01T00:00:00Z","sentAt":"2025-01-01T00:20:00Z"`, "2026-11-24T17:00:00Z"},
		{`"originalTimestamp":"2027-01-01T00:00:00Z","sentAt":"2027-01-01T00:00:00Z"`, "2026-11-24T17:20:00Z"},
		{`"timestamp":"2026-11-24T12:00:00Z","originalTimestamp":"2020-01-01T00:00:00Z","sentAt":"2020-01-01T00:00:00Z"`, "2026-11-24T12:00:00Z"},
		{`"timestamp":1795521600000.9`, "2026-11-24T12:00:00Z"},
		{`"timestamp":"2026-11-24T12:00:00"`, "2026-11-24T12:00:00Z"},
		{`"timestamp":"2026-11-24 14:00:00+02:00"`, "2026-11-24T12:00:00Z"},
		{`"timestamp":"2026-11-24"`, "2026-11-24T00:00:00Z"},
		{`"timestamp":null,"sentAt":""`, ""},
	} {
		got := ""
		if e := one(t, `{"type":"track","event":"x"`+strings.Repeat(",", min(1, len(c.times)))+c.times+`}`); e.OccurredAt != 0 {
			got = e.OccurredAt.Time().Format("2006-01-02T15:04:05Z07:00")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.times, got, c.want)
		}
	}
}

func TestNamesThatAreNoTypesAreMadeTypesAndKept(t *testing.T) {
	for name, want := range map[string]string{
		"Post Created": "Post Created", "Clicked (Buy) now!": "Clicked Buy now", " spaced ": "spaced", "🎉 party": "party", "Ibyishimo né": "Ibyishimo né", "a → b": "a b",
	} {
		e := one(t, `{"type":"track","event":"`+name+`"}`)
		var kept []event.Property
		if want != name {
			kept = prototest.Properties("event", name)
		}
		if e.Type != want || !cmp.Equal(e.Properties, kept) {
			t.Errorf("%q became %q, %v", name, e.Type, e.Properties)
		}
	}
}

func TestACallWithoutAnIDGetsTheSameOneWheneverItIsSent(t *testing.T) {
	const call = `{"type":"track","event":"x","timestamp":"2026-11-24T12:00:00Z"}`
	body := `{"batch":[` + call + `,` + call + `,{"type":"track","event":"x"}]}`
	first, again := decode(t, prototest.Context(), segment.Batch, body), decode(t, prototest.Context(), segment.Batch, body)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	if a, b, c := first.Events[0].ID, first.Events[1].ID, first.Events[2].ID; a == "" || a == b || b == "" || c != "" {
		t.Errorf("ids %q, %q, %q", a, b, c)
	}
}

func TestABrowsersPageViewIsDescribedByItsRequest(t *testing.T) {
	c := prototest.Context()
	c.UserAgent = "Mozilla/5.0"
	for agent, want := range map[string]string{"Mozilla/5.0": "", "Mozilla/5.0 other": "Mozilla/5.0 other"} {
		log := decode(t, c, segment.Page, `{"context":{"userAgent":"`+agent+`","page":{"path":"/p","search":"?a=b","referrer":"$direct"}}}`)
		if p := log.Pages[0]; p.UserAgent != want || p.URL != "/p?a=b" || p.Referrer != "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestARouteDecidesTheKindOfItsOneCall(t *testing.T) {
	log := decode(t, prototest.Context(), segment.Track, `{"type":"page","event":"x","writeKey":"k"}`)
	if log.Events[0].Type != "x" {
		t.Errorf("%+v", log)
	}
}

func TestBodiesThatHoldNoCallsAreErrors(t *testing.T) {
	for body, want := range map[string]string{
		``: event.CodeInvalidJSON, `{"batch":[}`: event.CodeInvalidJSON, `[]`: event.CodeNotAnObject, `{}`: event.CodeMissingField, `{"batch":{}}`: event.CodeMissingField,
		strings.Repeat("[", 600): event.CodeTooDeep,
	} {
		var got *protocol.BodyError
		if _, err := segment.Open([]byte(body), segment.Batch); !errors.As(err, &got) || got.Code != want {
			t.Errorf("%.20s: %v, want %s", body, err, want)
		}
	}
}

func TestTheKeyOfABodyIsFound(t *testing.T) {
	for body, want := range map[string]string{`{"writeKey":"k"}`: "k", `{}`: "", `{"writeKey":{}}`: ""} {
		opened, err := segment.Open([]byte(body), segment.Track)
		if err != nil || opened.WriteKey() != want {
			t.Errorf("%s: %q, %v", body, opened.WriteKey(), err)
		}
	}
}

func TestWhatRealClientsWereRecordedToSendIsTakenWhole(t *testing.T) {
	for name, body := range prototest.Recorded(t) {
		log := decode(t, prototest.Context(), kindOf(name), string(body))
		if len(log.Rejected) > 0 || len(log.Order) == 0 {
			t.Errorf("%s: %+v", name, log)
		}
		for index, e := range log.Events {
			lim := event.DefaultLimits()
			if r := e.Validate(&lim, prototest.Now+86_400_000); r != nil || e.ID == "" {
				t.Errorf("%s, item %d: %v", name, index, r)
			}
		}
	}
}

// kindOf tells what a recorded body is by the route in its file's name.
func kindOf(name string) string {
	for suffix, kind := range map[string]string{
		"-t": segment.Track, "-p": segment.Page, "-i": segment.Identify, "-g": segment.Group, "-a": segment.Alias,
		"-track": segment.Track, "-page": segment.Page, "-identify": segment.Identify, "-group": segment.Group, "-alias": segment.Alias,
	} {
		if strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".json"), "-2"), suffix) {
			return kind
		}
	}
	return segment.Batch
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	for name, body := range prototest.Recorded(f) {
		f.Add(kindOf(name), body)
	}
	f.Add(segment.Batch, []byte(`{"batch":[{"type":"track","event":"\ud800","properties":{"tags":["a"],"\ud800":[ "\udc00" ]}},7,{"type":"page","context":[]}]}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		opened, err := segment.Open(body, kind)
		if err != nil {
			return
		}
		opened.WriteKey()
		log := prototest.NewLog()
		c := prototest.Context()
		if err := opened.Decode(c, log); err != nil {
			t.Fatal(err)
		}
		log.Bounded(t, c.Limits)
	})
}

func BenchmarkDecode(b *testing.B) {
	body := prototest.Recorded(b)["analytics-node-batch.json"]
	c := prototest.Context()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		opened, err := segment.Open(body, segment.Batch)
		if err == nil {
			err = opened.Decode(c, nothing{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// nothing is a sink that forgets.
type nothing struct{}

func (nothing) Event(int, *event.Event) error       { return nil }
func (nothing) PageView(int, *event.PageView) error { return nil }
func (nothing) Reject(int, *event.Rejection) error  { return nil }
