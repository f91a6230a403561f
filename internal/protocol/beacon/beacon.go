// Package beacon reads what a page hands to navigator.sendBeacon for us: events
// and page views in the native format, together in one object, which may hold
// the key too, since a beacon has no headers of its own. It stands between its
// routes and ingest, as a pure function from bytes to a sink.
package beacon

import (
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// Body is a body that is a JSON object of three known members, none required.
type Body struct{ key, events, pageViews foreign.Value }

// Open checks a body. The error is a *protocol.BodyError. body must not change
// while the Body is used.
func Open(body []byte) (*Body, error) {
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	if kind := root.Kind(); kind != strictjson.Object {
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object with events, pageviews or both", kind)}
	}
	b := &Body{}
	for name, value := range root.Members() {
		if err := b.take(name, value); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *Body) take(name string, value foreign.Value) error {
	to, want := b.member(name)
	switch {
	case to == nil:
		return &protocol.BodyError{Code: event.CodeUnknownField, Message: "the body has a member that is none of key, events, pageviews"}
	case to.Kind() != strictjson.End:
		return &protocol.BodyError{Code: event.CodeDuplicateKey, Message: name + " is given twice"}
	case value.Kind() != want && want == strictjson.String:
		return &protocol.BodyError{Code: event.CodeWrongType, Message: fmt.Sprintf("%s is %s, want %s", name, value.Kind(), want)}
	case value.Kind() != want:
		return &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("%s is %s, want %s", name, value.Kind(), want)}
	}
	*to = value
	return nil
}

func (b *Body) member(name string) (*foreign.Value, strictjson.Kind) {
	switch name {
	case "key":
		return &b.key, strictjson.String
	case "events":
		return &b.events, strictjson.Array
	case "pageviews":
		return &b.pageViews, strictjson.Array
	default:
		return nil, strictjson.End
	}
}

// WriteKey returns the key that the body has, or "".
func (b *Body) WriteKey() string {
	key, _ := b.key.Text()
	return key
}

// Decode hands each item to sink. The index of a page view goes on from that of
// the last event. An error of the sink ends it and is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	counted := &counting{sink: sink}
	if b.events.Given() {
		if err := protocol.DecodeEvents(b.events.JSON(), c.Limits, counted); err != nil {
			return err
		}
	}
	if !b.pageViews.Given() {
		return nil
	}
	return protocol.DecodePageViews(b.pageViews.JSON(), c.Limits, &shifted{sink, counted.items})
}

// counting passes events on and counts them.
type counting struct {
	sink  protocol.Sink
	items int
}

func (c *counting) Event(index int, e *event.Event) error {
	c.items = index + 1
	return c.sink.Event(index, e)
}

func (c *counting) Reject(index int, r *event.Rejection) error {
	c.items = index + 1
	return c.sink.Reject(index, r)
}

// shifted passes page views on that come after so many events.
type shifted struct {
	sink   protocol.Sink
	events int
}

func (s *shifted) PageView(index int, p *event.PageView) error {
	return s.sink.PageView(s.events+index, p)
}

func (s *shifted) Reject(index int, r *event.Rejection) error {
	return s.sink.Reject(s.events+index, r)
}
