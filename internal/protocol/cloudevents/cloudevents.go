package cloudevents

import (
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// Body is a body that could be read.
type Body struct {
	root   foreign.Value // an event, or an array of them
	binary *binary       // or this one
}

// binary is an event whose attributes were headers.
type binary struct {
	attributes map[string]foreign.Value
	data       foreign.Value
	name       string // of the property that data that is no object becomes
	size       int
}

// MediaTypes of bodies that are events themselves.
const (
	Structured = "application/cloudevents+json"
	Batch      = "application/cloudevents-batch+json"
)

// Open checks the body of a request with this Content-Type. attributes are the
// headers ce-*, without that prefix, in lower case and as they came; if there
// are any, and the type is none of MediaTypes, the event is a binary one. The
// error is a *protocol.BodyError.
func Open(body []byte, contentType string, attributes map[string]string) (*Body, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	if attributes["specversion"] != "" && kind != Structured && kind != Batch {
		return openBinary(body, kind, attributes)
	}
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	if got := root.Kind(); got != strictjson.Object && got != strictjson.Array {
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an event or an array of them", got)}
	}
	return &Body{root: root}, nil
}

func openBinary(body []byte, kind string, attributes map[string]string) (*Body, error) {
	b := &binary{attributes: map[string]foreign.Value{}, name: "data", size: len(body)}
	for name, text := range attributes {
		b.size += len(text)
		b.attributes[name] = foreign.String(unescaped(text))
	}
	switch {
	case len(body) == 0:
	case kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json"):
		data, err := foreign.Open(body)
		if err != nil {
			return nil, err
		}
		b.data = data
	case strings.HasPrefix(kind, "text/") && utf8.Valid(body):
		b.data = foreign.String(string(body))
	default:
		b.name, b.data = "data_base64", foreign.String(base64.StdEncoding.EncodeToString(body))
	}
	return &Body{binary: b}, nil
}

// unescaped undoes the escapes of a header's value; one that is broken stays.
func unescaped(text string) string {
	plain, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// WriteKey returns "": an event has no place for a key.
func (b *Body) WriteKey() string { return "" }

// Decode hands each event to sink: its place in the batch is its index. An error
// of the sink ends it and is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	d := decoder{Context: c}
	if b.binary != nil {
		d.item.BeginSized(c, b.binary.size)
		d.read(maps.All(b.binary.attributes), b.binary.data, b.binary.name)
		return d.item.Emit(0, sink)
	}
	if b.root.Kind() == strictjson.Object {
		return d.structured(0, b.root, sink)
	}
	for index, event := range b.root.Elements() {
		if err := d.structured(index, event, sink); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) structured(index int, event foreign.Value, sink protocol.Sink) error {
	d.item.Begin(d.Context, event)
	if !d.item.Rejected() {
		data, name := event.Get("data"), "data"
		if encoded := event.Get("data_base64"); encoded.Given() {
			data, name = encoded, "data_base64"
		}
		d.read(event.Members(), data, name)
	}
	return d.item.Emit(index, sink)
}
