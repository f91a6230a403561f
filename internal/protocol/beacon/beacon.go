// Package beacon reads what our tracker's script sends from browsers: one JSON
// object with the arrays events and pageviews, whose items have the fields of
// the native API. On the way from POST to chart it stands beside the other
// protocols, between the front door and ingest.
package beacon

import (
	"bytes"
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// Decode hands the items of body to sink, the page views' indexes following
// those of the events. A body that is not such an object is a
// *protocol.BodyError, and nothing of it reaches the sink.
//
// body is not changed, but the strings given to the sink are views of it.
func Decode(body []byte, lim *event.Limits, sink protocol.Sink) error {
	events, views, err := split(body)
	if err != nil {
		return err
	}
	counted := &counter{Sink: sink}
	if events != nil {
		if err := protocol.DecodeEvents(events, lim, counted); err != nil {
			return err
		}
	}
	if views == nil {
		return nil
	}
	return protocol.DecodePageViews(views, lim, after{sink, counted.items})
}

// split returns the two arrays as they stand in the body; nil for one that is
// not there.
func split(body []byte) (events, views []byte, err error) {
	if wrong := strictjson.Check(body); wrong != nil {
		code := event.CodeInvalidJSON
		if wrong.TooDeep {
			code = event.CodeTooDeep
		}
		return nil, nil, &protocol.BodyError{Code: code, Offset: wrong.Offset, Message: "the body is not JSON: " + wrong.Error()}
	}
	body = bytes.TrimSpace(body) // offsets are counted from the value
	cursor := strictjson.NewCursor(body)
	if kind := cursor.Kind(); kind != strictjson.Object {
		return nil, nil, notAnObject("the body is %s, want an object with events and pageviews", kind)
	}
	for cursor.Enter(); cursor.More(); {
		key, _, _ := cursor.Str(nil)
		cursor.AfterKey()
		list, err := array(&cursor, body, key)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case key == "events" && events == nil:
			events = list
		case key == "pageviews" && views == nil:
			views = list
		case key == "events" || key == "pageviews":
			return nil, nil, &protocol.BodyError{Code: event.CodeDuplicateKey, Message: "the body has " + key + " twice"}
		default:
			return nil, nil, &protocol.BodyError{Code: event.CodeUnknownField, Message: "the body has a member that is neither events nor pageviews"}
		}
	}
	return events, views, nil
}

// array returns the text of the array that the cursor is on, and moves behind
// it.
func array(cursor *strictjson.Cursor, body []byte, key string) ([]byte, error) {
	if kind := cursor.Kind(); kind != strictjson.Array && (key == "events" || key == "pageviews") {
		return nil, notAnObject("%s is %s, want an array of objects", key, kind)
	}
	start := cursor.Offset()
	cursor.Skip()
	return body[start:cursor.Offset()], nil
}

func notAnObject(format string, args ...any) error {
	return &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf(format, args...)}
}

// counter counts the events that pass to the sink.
type counter struct {
	protocol.Sink
	items int
}

func (c *counter) Event(index int, e *event.Event) error {
	c.items++
	return c.Sink.Event(index, e)
}

func (c *counter) Reject(index int, r *event.Rejection) error {
	c.items++
	return c.Sink.Reject(index, r)
}

// after moves the indexes of page views behind those of the events.
type after struct {
	sink protocol.Sink
	by   int
}

func (a after) PageView(index int, p *event.PageView) error { return a.sink.PageView(a.by+index, p) }

func (a after) Reject(index int, r *event.Rejection) error { return a.sink.Reject(a.by+index, r) }
