package otlp_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logs "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resources "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/otlp"
	"ibarura/internal/protocol/prototest"
)

func decode(t *testing.T, body []byte, mediaType string) *prototest.Log {
	t.Helper()
	opened, err := otlp.Open(body, mediaType)
	if err != nil {
		t.Fatalf("%.200q: %v", body, err)
	}
	log := prototest.NewLog()
	if err := opened.Decode(prototest.Context(), log); err != nil {
		t.Fatal(err)
	}
	return log
}

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func list(values ...*common.AnyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: values}}}
}

func members(attributes ...*common.KeyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: attributes}}}
}

func attribute(key string, v *common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: v}
}

func number(n int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}
}

func double(f float64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: f}}
}

func export(records ...*logs.LogRecord) *collector.ExportLogsServiceRequest {
	about := &resources.Resource{Attributes: []*common.KeyValue{attribute("service.name", text("shop")), attribute("host.name", text("h"))}}
	return &collector.ExportLogsServiceRequest{ResourceLogs: []*logs.ResourceLogs{{Resource: about, ScopeLogs: []*logs.ScopeLogs{{LogRecords: records}}}}}
}

func marshalled(t testing.TB, m proto.Message) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

const atNanos = uint64(prototest.Now-500)*1e6 + 999

// everything is a record with all that is looked at.
func everything() *logs.LogRecord {
	return &logs.LogRecord{EventName: "post.created", TimeUnixNano: atNanos, ObservedTimeUnixNano: 1,
		Attributes: []*common.KeyValue{
			attribute("user.id", text("u")), attribute("device.id", text("a")), attribute("session.id", text("s")), attribute("user.roles", list(text("member"), text("other"))),
			attribute("object.type", text("post")), attribute("object.id", number(12)), attribute("tags", list(text("x"))), attribute("log.record.uid", text("id")),
			attribute("n", double(1.5)), attribute("nan", double(math.NaN())), attribute("nested", list(number(1), members(attribute("a", text("b"))))),
			attribute("bytes", &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte{0, 255}}}), attribute("client.address", text("192.0.2.1")), attribute("user_agent.original", text("UA")), attribute("nothing", nil),
			attribute("on", &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: true}}),
		},
		Body: text("body"), TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567")}
}

func TestARecordWithANameIsAnEvent(t *testing.T) {
	want := event.Event{
		ID: "id", Type: "post.created", OccurredAt: prototest.Now - 500, Identity: event.Identity{UserID: "u", AnonymousID: "a", SessionID: "s", Role: "member"},
		Object: event.Object{Type: "post", ID: "12"}, Tags: []string{"x"},
		Properties: prototest.Properties("n", "1.5", "nan", "NaN", "nested", `[1,{"a":"b"}]`, "bytes", "AP8=", "on", "true", "body", "body",
			"trace_id", "30313233343536373839616263646566", "span_id", "3031323334353637", "service.name", "shop"),
	}
	body := marshalled(t, export(everything()))
	written, err := protojson.Marshal(export(everything()))
	if err != nil {
		t.Fatal(err)
	}
	// OTLP writes these two in hexadecimal, unlike other bytes.
	asJSON := strings.NewReplacer("MDEyMzQ1Njc4OWFiY2RlZg==", "30313233343536373839616263646566", "MDEyMzQ1Njc=", "3031323334353637").Replace(string(written))
	for mediaType, log := range map[string]*prototest.Log{otlp.Protobuf: decode(t, body, otlp.Protobuf), otlp.JSON: decode(t, []byte(asJSON), otlp.JSON)} {
		if diff := cmp.Diff(map[int]event.Event{0: want}, log.Events); diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", mediaType, log.Rejected, diff)
		}
	}
}

func TestNamesAndBodiesOfOldAreReadToo(t *testing.T) {
	old := &logs.LogRecord{ObservedTimeUnixNano: atNanos, Body: members(attribute("n", number(1)), attribute("object_id", text("o"))),
		Attributes: []*common.KeyValue{attribute("event.name", text("old one")), attribute("enduser.id", text("u"))}}
	log := decode(t, marshalled(t, export(old)), otlp.Protobuf)
	e := log.Events[0]
	if e.Type != "old one" || e.UserID != "u" || e.Object.ID != "o" || e.OccurredAt != prototest.Now-500 {
		t.Errorf("%+v", e)
	}
	if diff := cmp.Diff(prototest.Properties("n", "1", "service.name", "shop"), e.Properties); diff != "" {
		t.Error(diff)
	}
}

func TestAPageViewIsARecordOfThatNameWithAnAddress(t *testing.T) {
	view := &logs.LogRecord{EventName: "browser.page_view", Attributes: []*common.KeyValue{attribute("url.full", text("https://a.example/p")), attribute("title", text("P")),
		attribute("referrer", text("https://b.example/")), attribute("user_agent.original", text("UA")), attribute("client.address", text("192.0.2.1")), attribute("session.id", text("s"))}}
	want := event.PageView{URL: "https://a.example/p", Title: "P", Referrer: "https://b.example/", UserAgent: "UA", IP: "192.0.2.1",
		Identity: event.Identity{SessionID: "s"}, Properties: prototest.Properties("service.name", "shop")}
	log := decode(t, marshalled(t, export(view)), otlp.Protobuf)
	if diff := cmp.Diff(map[int]event.PageView{0: want}, log.Pages); diff != "" {
		t.Error(diff)
	}
}

func TestARecordSentAgainHasTheSameID(t *testing.T) {
	record := &logs.LogRecord{EventName: "x", TimeUnixNano: atNanos}
	body := marshalled(t, export(record, record, &logs.LogRecord{EventName: "x"}))
	first, again := decode(t, body, otlp.Protobuf), decode(t, body, otlp.Protobuf)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	if a, b, c := first.Events[0].ID, first.Events[1].ID, first.Events[2].ID; a == "" || b == "" || a == b || c != "" {
		t.Errorf("ids %q, %q, %q", a, b, c)
	}
}

func TestRecordsThatAreNoEventsAreRejectedBesideTheOthers(t *testing.T) {
	nested := text("x")
	for range 7 {
		nested = list(nested)
	}
	good := &logs.LogRecord{EventName: "x"}
	for want, record := range map[string]*logs.LogRecord{
		"missing_field event_name": {Body: text("a line of a log")},
		"wrong_type user.id":       {EventName: "x", Attributes: []*common.KeyValue{attribute("user.id", members())}},
		"too_deep properties.a":    {EventName: "x", Attributes: []*common.KeyValue{attribute("a", nested)}},
		"too_many properties":      {EventName: "x", Attributes: many(65)},
		"item_too_large ":          {EventName: "x", Body: text(strings.Repeat("x", 1<<20))},
	} {
		log := decode(t, marshalled(t, export(good, record, good)), otlp.Protobuf)
		if diff := cmp.Diff(map[int]string{1: want}, log.Rejected); diff != "" || len(log.Events) != 2 {
			t.Error(diff)
		}
	}
	log := decode(t, []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"x"},{"eventName":7},9,{"eventName":"x"}]}]}]}`), otlp.JSON)
	if diff := cmp.Diff(map[int]string{1: "invalid_protobuf ", 2: "invalid_protobuf "}, log.Rejected); diff != "" || len(log.Events) != 2 {
		t.Error(diff)
	}
}

func many(n int) []*common.KeyValue {
	var all []*common.KeyValue
	for i := range n {
		all = append(all, attribute(strings.Repeat("k", i+1), number(1)))
	}
	return all
}

func TestBodiesThatAreNoExportsAreErrors(t *testing.T) {
	cut := marshalled(t, export(everything()))
	for _, c := range []struct{ body, mediaType, code string }{
		{string(cut[:len(cut)-1]), otlp.Protobuf, event.CodeInvalidProtobuf}, {"{}", otlp.Protobuf, event.CodeInvalidProtobuf},
		{"", otlp.JSON, event.CodeInvalidJSON}, {"[]", otlp.JSON, event.CodeNotAnObject},
	} {
		var got *protocol.BodyError
		if _, err := otlp.Open([]byte(c.body), c.mediaType); !errors.As(err, &got) || got.Code != c.code {
			t.Errorf("%.20q: %v, want %s", c.body, err, c.code)
		}
	}
}

func TestTheResponseSaysHowManyWereRejected(t *testing.T) {
	for _, mediaType := range []string{otlp.Protobuf, otlp.JSON} {
		for _, rejected := range []int{0, 3} {
			body, err := otlp.Response(mediaType, rejected, "why")
			var got collector.ExportLogsServiceResponse
			if mediaType == otlp.JSON {
				err = errors.Join(err, protojson.Unmarshal(body, &got))
			} else {
				err = errors.Join(err, proto.Unmarshal(body, &got))
			}
			if partial := got.GetPartialSuccess(); err != nil || partial.GetRejectedLogRecords() != int64(rejected) || (partial != nil) != (rejected > 0) {
				t.Errorf("%s, %d: %v, %v", mediaType, rejected, &got, err)
			}
		}
	}
}

func TestWhatTheExporterWasRecordedToSendIsTakenWhole(t *testing.T) {
	for name, body := range prototest.Recorded(t) {
		log := decode(t, body, otlp.JSON)
		if len(log.Events) == 0 || len(log.Rejected) > 0 || log.Events[0].ID == "" || log.Events[0].UserID == "" {
			t.Errorf("%s: %+v", name, log)
		}
	}
}

func FuzzDecodeKeepsTheLimits(f *testing.F) {
	for _, body := range prototest.Recorded(f) {
		f.Add(body, true)
	}
	f.Add(marshalled(f, export(everything(), everything())), false)
	f.Fuzz(func(t *testing.T, body []byte, isJSON bool) {
		mediaType := otlp.Protobuf
		if isJSON {
			mediaType = otlp.JSON
		}
		opened, err := otlp.Open(body, mediaType)
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
