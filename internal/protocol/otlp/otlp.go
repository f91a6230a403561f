package otlp

import (
	"fmt"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/strictjson"
)

// MediaTypes of requests and of the answers to them.
const (
	Protobuf = "application/x-protobuf"
	JSON     = "application/json"
)

// Body is a body whose outline could be read.
type Body struct{ export export }

// export is a request, in one of its two encodings.
type export interface {
	// records calls each for every record, with the bytes of its resource.
	records(each func(resource, record []byte) error) error
	unmarshal(text []byte, m proto.Message) error
	// hexadecimal returns a trace's or span's id as everybody writes it.
	hexadecimal(id []byte) string
}

// Open checks the outline of a body of one of the MediaTypes. The error is a
// *protocol.BodyError. body must not change while the Body is used.
func Open(body []byte, mediaType string) (*Body, error) {
	if mediaType == Protobuf {
		e := protobufExport(body)
		return &Body{e}, e.records(func(_, _ []byte) error { return nil })
	}
	root, err := foreign.Open(body)
	if err != nil {
		return nil, err
	}
	if kind := root.Kind(); kind != strictjson.Object {
		return nil, &protocol.BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object", kind)}
	}
	return &Body{jsonExport{root}}, nil
}

// WriteKey returns "": an export has no place for a key.
func (b *Body) WriteKey() string { return "" }

// Decode hands each record to sink: its place among all of the body is its
// index. An error of the sink ends it and is returned as it is.
func (b *Body) Decode(c foreign.Context, sink protocol.Sink) error {
	d := decoder{Context: c, export: b.export}
	index := 0
	return b.export.records(func(resource, text []byte) error {
		d.record(resource, text)
		index++
		return d.item.Emit(index-1, sink)
	})
}

// Response returns the answer to a request of a media type: how many of its
// records were rejected, and why. Clients do not send those again.
func Response(mediaType string, rejected int, why string) ([]byte, error) {
	answer := &collector.ExportLogsServiceResponse{}
	if rejected > 0 {
		answer.PartialSuccess = &collector.ExportLogsPartialSuccess{RejectedLogRecords: int64(rejected), ErrorMessage: why}
	}
	if mediaType == Protobuf {
		return proto.Marshal(answer)
	}
	return protojson.Marshal(answer)
}
