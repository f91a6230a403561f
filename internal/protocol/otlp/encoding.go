package otlp

import (
	"encoding/base64"
	"encoding/hex"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
)

// maxRecursion bounds messages within a record: twice what properties may nest,
// and more.
const maxRecursion = 64

// Numbers of the fields on the way from an export to its records, from
// opentelemetry/proto/collector/logs/v1 and opentelemetry/proto/logs/v1.
const (
	resourceLogs protowire.Number = 1 // of a request
	resource     protowire.Number = 1 // of resource logs
	scopeLogs    protowire.Number = 2 // of resource logs
	logRecords   protowire.Number = 2 // of scope logs
)

// protobufExport is a request in protobuf.
type protobufExport []byte

func (e protobufExport) records(each func(resource, record []byte) error) error {
	return messages(e, resourceLogs, func(logs []byte) error {
		var described []byte
		err := messages(logs, resource, func(m []byte) error {
			described = m
			return nil
		})
		if err != nil {
			return err
		}
		return messages(logs, scopeLogs, func(scope []byte) error {
			return messages(scope, logRecords, func(record []byte) error { return each(described, record) })
		})
	})
}

// messages calls each for the messages in a field, and passes over all others.
func messages(b []byte, field protowire.Number, each func([]byte) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return notProtobuf(protowire.ParseError(n))
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, kind, b)
		if size < 0 {
			return notProtobuf(protowire.ParseError(size))
		}
		if number == field && kind == protowire.BytesType {
			message, _ := protowire.ConsumeBytes(b)
			if err := each(message); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	return nil
}

func notProtobuf(err error) error {
	return &protocol.BodyError{Code: event.CodeInvalidProtobuf, Message: "the body is not an export of logs: " + err.Error()}
}

func (protobufExport) unmarshal(text []byte, m proto.Message) error {
	return proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: maxRecursion}.Unmarshal(text, m)
}

func (protobufExport) hexadecimal(id []byte) string { return hex.EncodeToString(id) }

// jsonExport is a request in JSON.
type jsonExport struct{ root foreign.Value }

func (e jsonExport) records(each func(resource, record []byte) error) error {
	for _, logs := range e.root.Get("resourceLogs").Elements() {
		described := logs.Get("resource").JSON()
		for _, scope := range logs.Get("scopeLogs").Elements() {
			for _, record := range scope.Get("logRecords").Elements() {
				if err := each(described, record.JSON()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (jsonExport) unmarshal(text []byte, m proto.Message) error {
	return protojson.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: maxRecursion}.Unmarshal(text, m)
}

// hexadecimal undoes what the mapping of protobuf to JSON made of the id: OTLP
// writes ids in hexadecimal where the mapping reads base64.
func (jsonExport) hexadecimal(id []byte) string { return base64.StdEncoding.EncodeToString(id) }
