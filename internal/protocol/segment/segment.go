package segment

import (
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// The kinds of calls. Batch is a body that holds several of the others.
const (
	Track    = "track"
	Page     = "page"
	Screen   = "screen"
	Identify = "identify"
	Group    = "group"
	Alias    = "alias"
	Batch    = "batch"
)

// Screened is the type of the event that a screen call becomes; identify, group
// and alias keep their names.
const Screened = "screen_viewed"

// Body is a body that is JSON.
type Body struct {
	kind                        string
	root                        foreign.Value
	batch, key, context, sentAt foreign.Value // members of the root
}

func (b *Body) member(name string) *foreign.Value {
	switch name {
	case "batch":
		return &b.batch
	case "writeKey":
		return &b.key
	case "context":
		return &b.context
	case "sentAt":
		return &b.sentAt
	default:
		return nil
	}
}

// Open checks a body of the kind that its route is for. The error is a
// *protocol.BodyError. body must not change while the Body is used.
func Open(body []byte, kind string) (*Body, error) {
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	if got := root.Kind(); got != strictjson.Object {
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object", got)}
	}
	b := &Body{kind: kind, root: root}
	for name, value := range root.Members() {
		if to := b.member(name); to != nil {
			*to = value
		}
	}
	if got := b.batch.Kind(); kind == Batch && got != strictjson.Array {
		return nil, &protocol.BodyError{Code: event.CodeMissingField, Message: fmt.Sprintf("batch is %s, want an array of calls", got)}
	}
	return b, nil
}

// WriteKey returns the key that the body has, or "".
func (b *Body) WriteKey() string {
	key, _ := b.key.Text()
	return key
}

// Decode hands each call to sink: its place in the batch is its index. An error
// of the sink ends it and is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	d := decoder{Context: c, sink: sink}
	if b.kind != Batch {
		return d.call(0, b.kind, b.root)
	}
	d.common, d.sent = b.context, b.sentAt
	for index, call := range b.batch.Elements() {
		if err := d.call(index, "", call); err != nil {
			return err
		}
	}
	return nil
}
