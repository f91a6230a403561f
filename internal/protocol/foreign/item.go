package foreign

import (
	"math"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// Item collects what one foreign item says, until it is handed on as an event
// or, if Page is set, as a page view. What is wrong with it is kept, the first
// thing only, and rejects it when it is handed on.
type Item struct {
	Page       bool
	ID         string
	Type       string // of an event
	OccurredAt event.Millis
	Who        event.Identity
	Object     event.Object

	URL, Referrer, Title string // of a page view
	UserAgent, IP        string

	context    Context
	why        *event.Rejection
	tags       []string
	properties []event.Property
	scratch    []byte // of nested values, while they are compacted
	event      event.Event
	page       event.PageView
}

// Begin forgets everything and begins with the item that v is.
func (it *Item) Begin(c Context, v Value) {
	it.BeginSized(c, len(v.text))
	if kind := v.Kind(); kind != strictjson.Object {
		it.Reject(event.Reject(event.CodeNotAnObject, "", "the item is %s, want an object", kind))
	}
}

// BeginSized is Begin for an item of so many bytes that is no JSON object.
func (it *Item) BeginSized(c Context, bytes int) {
	*it = Item{context: c, tags: it.tags[:0], properties: it.properties[:0], scratch: it.scratch[:0]}
	if bytes > c.Limits.MaxItemBytes {
		it.Reject(event.Reject(event.CodeItemTooLarge, "", "the item is larger than the limit of %d bytes", c.Limits.MaxItemBytes))
	}
}

// Reject keeps the reason if it is the first.
func (it *Item) Reject(r *event.Rejection) {
	if it.why == nil {
		it.why = r
	}
}

// Rejected reports whether something is wrong with the item already.
func (it *Item) Rejected() bool { return it.why != nil }

// Missing rejects the item for the lack of a field.
func (it *Item) Missing(field string) {
	it.Reject(event.Reject(event.CodeMissingField, field, "%s is required", field))
}

// Emit hands the item on.
func (it *Item) Emit(index int, sink protocol.Sink) error {
	switch {
	case it.why != nil:
		return sink.Reject(index, it.why)
	case it.Page:
		it.describeVisitor()
		it.page = event.PageView{
			ID: it.ID, OccurredAt: it.OccurredAt, Identity: it.Who, Object: it.Object, URL: it.URL, Referrer: it.Referrer,
			Title: it.Title, Properties: it.properties, UserAgent: it.UserAgent, IP: it.IP,
		}
		return sink.PageView(index, &it.page)
	default:
		it.event = event.Event{
			ID: it.ID, Type: it.Type, OccurredAt: it.OccurredAt, Identity: it.Who, Object: it.Object,
			Tags: it.tags, Properties: it.properties,
		}
		return sink.Event(index, &it.event)
	}
}

// describeVisitor leaves it to the request to say who sent a page view of its
// own browser, since the item does not know the address. What is only looked at
// may be cut.
func (it *Item) describeVisitor() {
	if limit := it.context.Limits.MaxUserAgentBytes; len(it.UserAgent) > limit {
		it.UserAgent = strings.ToValidUTF8(it.UserAgent[:limit], "")
	}
	if it.UserAgent == it.context.UserAgent && it.IP == "" {
		it.UserAgent = ""
	}
}

// Text reads a field that is a string, or a number or boolean that stands for
// its text. field is the foreign name, for the rejection of anything else.
func (it *Item) Text(field string, v Value) string {
	text, ok := v.Text()
	if !ok {
		it.Reject(event.Reject(event.CodeWrongType, field, "%s is %s, want a string", field, v.Kind()))
	}
	return text
}

// Name sets the type of an event from a name that people chose. What types
// cannot hold becomes a space; the property event then has the name as it was.
func (it *Item) Name(name string) {
	it.Type = event.TypeOf(name)
	if it.Type != name {
		it.Note("event", name)
	}
}

// layouts are the times that clients write beside RFC 3339; without a zone they
// are UTC.
var layouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z0700", time.DateOnly}

// Time reads a moment: RFC 3339 or near it, or epoch milliseconds. An absent
// one, an empty string and null are 0.
func (it *Item) Time(field string, v Value) event.Millis {
	text := it.Text(field, v)
	if text == "" {
		return 0
	}
	if v.Kind() == strictjson.Number {
		return it.epoch(field, text)
	}
	if at, ok := protocol.ParseTime(text); ok {
		return it.moment(field, at)
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return it.moment(field, event.MillisOf(at))
		}
	}
	it.Reject(event.Reject(event.CodeTimeInvalid, field, "%s is not a time such as 2026-05-01T12:00:00.123Z", field))
	return 0
}

func (it *Item) epoch(field, digits string) event.Millis {
	ms, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.Abs(ms) > maxEpochMillis {
		it.Reject(event.Reject(event.CodeNumberOutOfRange, field, "%s is not epoch milliseconds of the years up to 9999", field))
		return 0
	}
	return it.moment(field, event.Millis(math.Floor(ms)))
}

// maxEpochMillis is 10000-01-01.
const maxEpochMillis = 253402300800000

// moment keeps an explicit 1970-01-01T00:00:00Z from being taken for an absent
// time, which would become now.
func (it *Item) moment(field string, at event.Millis) event.Millis {
	if at == 0 {
		it.Reject(event.Reject(event.CodeTimeTooEarly, field, "%s is 1970-01-01T00:00:00Z, which is earlier than any time kept", field))
	}
	return at
}
