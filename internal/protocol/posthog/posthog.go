package posthog

import (
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// Body is a body that is JSON: an event, an array of them, or an object with a
// batch of them.
type Body struct {
	root   foreign.Value
	events foreign.Value // absent if the root is the one event
}

// Open checks a body that is neither compressed nor wrapped any more. The error
// is a *protocol.BodyError. body must not change while the Body is used.
func Open(body []byte) (*Body, error) {
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	switch kind := root.Kind(); kind {
	case strictjson.Array:
		return &Body{root, root}, nil
	case strictjson.Object:
	default:
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object or an array of events", kind)}
	}
	batch := root.Get("batch")
	if kind := batch.Kind(); kind != strictjson.End && kind != strictjson.Array {
		return nil, &protocol.BodyError{Code: event.CodeWrongType, Message: fmt.Sprintf("batch is %s, want an array of events", kind)}
	}
	return &Body{root, batch}, nil
}

// WriteKey returns the key that the body has, or "": api_key or token beside a
// batch, or of its first event, where it can also be a property.
func (b *Body) WriteKey() string {
	if key := keyOf(b.root); key != "" {
		return key
	}
	for _, first := range b.events.Elements() {
		return keyOf(first)
	}
	return ""
}

func keyOf(v foreign.Value) string {
	var key string
	for name, value := range v.Members() {
		switch name {
		case "api_key", "token", "$token":
		case "properties":
			value = value.Get("token")
		default:
			continue
		}
		if text, _ := value.Text(); text != "" {
			key = text
		}
	}
	return key
}

// Decode hands each event to sink: its place in the batch is its index. An error
// of the sink ends it and is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	d := decoder{Context: c, sink: sink, sent: b.root.Get("sent_at")}
	if b.events.Kind() == strictjson.End {
		return d.event(0, b.root)
	}
	for index, event := range b.events.Elements() {
		if err := d.event(index, event); err != nil {
			return err
		}
	}
	return nil
}
