package posthog_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/posthog"
	"ibarura/internal/protocol/prototest"
)

func decode(t *testing.T, body string) *prototest.Log {
	t.Helper()
	opened, err := posthog.Open([]byte(body))
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
	device = "01a20e88-2d55-70f6-b0ec-f582495c2c4f"
	at     = prototest.Now - 500
)

func TestEachEventBecomesWhatTheTableSays(t *testing.T) {
	browser := `"$current_url":"https://a.example/p?utm_source=news","$host":"a.example","$pathname":"/p","$referrer":"https://b.example/","title":"P","$raw_user_agent":"UA","$ip":"192.0.2.1",
		"$lib":"web","$lib_version":"1","$browser_language":"rw","$session_id":"s","$device_id":"` + device + `","$is_identified":true,"token":"k","distinct_id":"u","$os":"Linux","$viewport_width":9,"$sdk_x":1,"utm_source":"news","gclid":null`
	around := `"timestamp":"2026-11-24T17:19:59.5Z","uuid":"id"`
	log := decode(t, `{"api_key":"k","sent_at":"2026-11-24T17:20:00Z","batch":[
		{`+around+`,"event":"post created","properties":{`+browser+`,"n":1.50,"object_type":"post","object_id":12,"tags":["x"],"user_role":"member","$groups":{"company": "acme"},"$feature/a":"b"}},
		{`+around+`,"event":"$pageview","properties":{`+browser+`,"x":"y"}},
		{`+around+`,"event":"$screen","distinct_id":"u","properties":{"$screen_name":"Main"}},
		{`+around+`,"event":"$identify","properties":{`+browser+`,"$anon_distinct_id":"anon"},"$set":{"role":"admin","plan":"pro","$os":"x"},"$set_once":{"plan":"free","first":1,"$initial_os":"y"}},
		{`+around+`,"event":"$set","distinct_id":"u","properties":{"$set":{"plan":"team"}}},
		{`+around+`,"event":"$create_alias","properties":{"distinct_id":"u","alias":"old"}},
		{`+around+`,"event":"$groupidentify","distinct_id":"$company_acme","properties":{"$group_type":"company","$group_key":"acme","$group_set":{"name":"Acme"}}},
		{`+around+`,"distinct_id":"u","$set":{"plan":"solo"}}]}`)
	browsing := event.Identity{UserID: "u", AnonymousID: device, SessionID: "s"}
	client := []string{"locale", "rw", "library", "web", "library_version", "1"}
	member := browsing
	member.Role = "member"
	events := map[int]event.Event{
		0: {Type: "post created", Identity: member, Object: event.Object{Type: "post", ID: "12"}, Tags: []string{"x"}, Properties: prototest.Properties(append(client,
			"n", "1.50", "utm_source", "news", "title", "P", "page_url", "https://a.example/p?utm_source=news", "page_referrer", "https://b.example/",
			"$groups", `{"company":"acme"}`, "$feature/a", "b")...)},
		2: {Type: "screen_viewed", Identity: event.Identity{UserID: "u"}, Object: event.Object{Type: "screen", ID: "Main"}},
		3: {Type: "identify", Identity: event.Identity{UserID: "u", AnonymousID: "anon", SessionID: "s", Role: "admin"}, Properties: prototest.Properties("role", "admin", "plan", "pro", "first", "1")},
		4: {Type: "identify", Identity: event.Identity{UserID: "u"}, Properties: prototest.Properties("plan", "team")},
		5: {Type: "alias", Identity: event.Identity{UserID: "u", AnonymousID: "old"}},
		6: {Type: "group", Object: event.Object{Type: "company", ID: "acme"}, Properties: prototest.Properties("name", "Acme")},
		7: {Type: "identify", Identity: event.Identity{UserID: "u"}, Properties: prototest.Properties("plan", "solo")},
	}
	for i, e := range events {
		e.ID, e.OccurredAt = "id", at
		events[i] = e
	}
	if diff := cmp.Diff(events, log.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	pages := map[int]event.PageView{1: {ID: "id", OccurredAt: at, Identity: browsing, URL: "https://a.example/p?utm_source=news", Title: "P",
		Referrer: "https://b.example/", UserAgent: "UA", IP: "192.0.2.1", Properties: prototest.Properties(append(client, "x", "y")...)}}
	if diff := cmp.Diff(pages, log.Pages); diff != "" {
		t.Errorf("page views (-want +got):\n%s", diff)
	}
	if len(log.Rejected) > 0 || len(log.Asides) > 0 {
		t.Error(log.Rejected, log.Asides)
	}
}

func TestUsersAndVisitorsAreToldApart(t *testing.T) {
	for properties, want := range map[string]event.Identity{
		`"distinct_id":"u"`:                                                            {UserID: "u"},
		`"distinct_id":"` + device + `"`:                                               {UserID: device}, // a server whose users have such ids
		`"distinct_id":"v","$is_identified":false`:                                     {AnonymousID: "v"},
		`"distinct_id":"u","$is_identified":true,"$device_id":"d"`:                     {UserID: "u", AnonymousID: "d"},
		`"distinct_id":"d","$is_identified":true,"$device_id":"d"`:                     {UserID: "d"},
		`"distinct_id":"d","$device_id":"d"`:                                           {AnonymousID: "d"},
		`"distinct_id":"u","$device_id":"d"`:                                           {UserID: "u", AnonymousID: "d"},
		`"distinct_id":"` + device + `","$process_person_profile":false`:               {AnonymousID: device},
		`"distinct_id":"u","$process_person_profile":false`:                            {UserID: "u"},
		`"distinct_id":"$posthog_cookieless","$is_identified":false,"$device_id":null`: {},
	} {
		if e := decode(t, `{"event":"x","properties":{`+properties+`}}`).Events[0]; e.Identity != want {
			t.Errorf("%s: %+v, want %+v", properties, e.Identity, want)
		}
	}
}

func TestWhatAnEventSaysOfItsUserIsAnIdentifyBesideIt(t *testing.T) {
	log := decode(t, `[{"event":"x","uuid":"id","distinct_id":"u","properties":{"$set":{"plan":"pro"}}},
		{"event":"x","distinct_id":"u","$set":{"$os":"automatic"}},
		{"event":"x","distinct_id":"v","$set":{"plan":"pro"},"properties":{"$is_identified":false}},
		{"event":"x","distinct_id":"u","$set":{"plan":"pro"},"properties":{"$process_person_profile":false}}]`)
	want := []event.Event{{ID: "id:set", Type: "identify", Identity: event.Identity{UserID: "u"}, Properties: prototest.Properties("plan", "pro")}}
	if diff := cmp.Diff(want, log.Asides); diff != "" || len(log.Events) != 4 {
		t.Error(diff, log)
	}
}

func TestEventsThatCannotBecomeAnythingAreRejectedBesideTheOthers(t *testing.T) {
	for item, want := range map[string]string{
		`7`:                              "not_an_object ",
		`{}`:                             "missing_field event",
		`{"event":[]}`:                   "wrong_type event",
		`{"event":"x","timestamp":"?"}`:  "time_invalid timestamp",
		`{"event":"x","offset":-1}`:      "number_out_of_range offset",
		`{"event":"x","offset":1e30}`:    "number_out_of_range offset",
		`{"event":"x","distinct_id":{}}`: "wrong_type distinct_id",
		`{"event":"$create_alias","distinct_id":"u"}`:                "missing_field properties.alias",
		`{"event":"$groupidentify","properties":{"$group_key":"k"}}`: "missing_field properties.$group_type",
		`{"event":"x","properties":{"a":1e999}}`:                     "number_out_of_range properties.a",
	} {
		log := decode(t, `[{"event":"before"},`+item+`,{"event":"after"}]`)
		if diff := cmp.Diff(map[int]string{1: want}, log.Rejected); diff != "" || len(log.Events) != 2 {
			t.Errorf("%s: %s", item, diff)
		}
	}
}

func TestAClientsOwnPropertiesNeverRejectAnEvent(t *testing.T) {
	var own, theirs []string
	for range 63 {
		own = append(own, `"k`+strings.Repeat("x", len(own))+`":1`)
		theirs = append(theirs, `"$k`+strings.Repeat("x", len(theirs))+`":[1e999]`)
	}
	log := decode(t, `{"event":"x","properties":{`+strings.Join(theirs, ",")+`,"$long":"`+strings.Repeat("y", 9000)+`",`+strings.Join(own, ",")+`}}`)
	if e := log.Events[0]; len(e.Properties) != 64 || len(log.Rejected) > 0 {
		t.Errorf("%d properties, %v", len(e.Properties), log.Rejected)
	}
}

func TestTimesAreCorrectedAndOffsetsCounted(t *testing.T) {
	for body, want := range map[string]event.Millis{
		`{"batch":[{"event":"x","timestamp":"2020-01-01T00:00:00Z"}],"sent_at":"2020-01-01T00:00:10Z"}`: prototest.Now - 10_000,
		`{"batch":[{"event":"x","timestamp":"2020-01-01T00:00:00Z"}]}`:                                  1_577_836_800_000,
		`[{"event":"x","offset":1500}]`:                                                                 prototest.Now - 1500,
		`{"event":"x"}`:                                                                                 0,
	} {
		if got := decode(t, body).Events[0].OccurredAt; got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
}

func TestTheKeyOfABodyIsFoundWhereverItIs(t *testing.T) {
	for body, want := range map[string]string{
		`{"api_key":"k","batch":[]}`: "k", `{"token":"k","event":"x"}`: "k", `{"event":"x","properties":{"token":"k"}}`: "k",
		`[{"event":"x","properties":{"token":"k"}}]`: "k", `[{"$token":"k","$set":{}}]`: "k", `[]`: "", `{"batch":[{"event":"x"}]}`: "",
	} {
		opened, err := posthog.Open([]byte(body))
		if err != nil || opened.WriteKey() != want {
			t.Errorf("%s: %q, %v", body, opened.WriteKey(), err)
		}
	}
}

func TestFormsAndBase64AreUnwrapped(t *testing.T) {
	const text = `{"event":"naïve? +/ >>>","properties":{"token":"k"}}`
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	for name, body := range map[string]string{
		"JSON":                    text,
		"base64":                  encoded,
		"base64 for addresses":    base64.RawURLEncoding.EncodeToString([]byte(text)),
		"form with JSON":          "data=" + url.QueryEscape(text),
		"form with base64":        "compression=base64&data=" + url.QueryEscape(encoded),
		"form, escapes forgotten": "data=" + strings.TrimRight(encoded, "="),
	} {
		if got, err := posthog.Unwrap([]byte(body)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	packed := zipped(text)
	got, err := posthog.Unwrap([]byte("data=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed))))
	if err != nil || !bytes.Equal(got, packed) || !posthog.Compressed(got) {
		t.Errorf("gzip in base64 in a form: %q, %v", got, err)
	}
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

func TestBodiesThatHoldNoEventsAreErrors(t *testing.T) {
	for _, body := range []string{``, `"x"`, `{"batch":{}}`, `{"batch":[`, `data=%zz`, `data=`, `lz64!`} {
		var broken *protocol.BodyError
		plain, err := posthog.Unwrap([]byte(body))
		if err == nil {
			_, err = posthog.Open(plain)
		}
		if !errors.As(err, &broken) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWhatRealClientsWereRecordedToSendIsTakenWhole(t *testing.T) {
	for name, body := range prototest.Recorded(t) {
		log := decode(t, string(body))
		if len(log.Rejected) > 0 || len(log.Order) == 0 {
			t.Errorf("%s: %+v", name, log)
		}
		for index, e := range log.Events {
			lim := event.DefaultLimits()
			if r := e.Validate(&lim, prototest.Now+86_400_000); r != nil || e.ID == "" || len(e.Properties) > 20 {
				t.Errorf("%s, item %d: %v %+v", name, index, r, e)
			}
		}
	}
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	for _, body := range prototest.Recorded(f) {
		f.Add(body)
	}
	f.Add([]byte(`data=eyJldmVudCI6ICJ4In0%3D&compression=base64`))
	f.Add([]byte(`[{"event":"\ud800","properties":{"$set":{"a":1},"$groups":[[1]],"tags":["\udc00"]},"distinct_id":9}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		plain, err := posthog.Unwrap(body)
		if err != nil {
			return
		}
		if len(plain) > len(body) {
			t.Fatalf("%d bytes became %d", len(body), len(plain))
		}
		opened, err := posthog.Open(plain)
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
