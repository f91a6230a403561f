package peer

import (
	"bytes"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"ibarura/internal/event"
	"ibarura/internal/loadgen"
)

// Field numbers of opentelemetry/proto/{collector/logs,logs,common,resource}/v1.
const (
	requestResourceLogs = 1
	resourceLogsFor     = 1
	resourceLogsScopes  = 2
	resourceAttributes  = 1
	scopeLogsRecords    = 2
	recordTime          = 1
	recordBody          = 5
	recordAttributes    = 6
	recordObserved      = 11
	recordEventName     = 12
	pairKey             = 1
	pairValue           = 2
	valueText           = 1
	valueArray          = 5
	arrayValues         = 1
)

// AppendLogs appends n events as an ExportLogsServiceRequest: a record each,
// the type as its event name and body, everything else as attributes.
func AppendLogs(dst []byte, g *loadgen.Generator, n int) []byte {
	var scope []byte
	for range n {
		e := g.Event()
		scope = message(scope, scopeLogsRecords, record(&e))
	}
	service := pair(nil, resourceAttributes, "service.name", text("community"))
	logs := message(message(nil, resourceLogsFor, service), resourceLogsScopes, scope)
	return message(dst, requestResourceLogs, logs)
}

func record(e *event.Event) []byte {
	at := uint64(e.OccurredAt) * uint64(time.Millisecond)
	b := protowire.AppendTag(nil, recordTime, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, at)
	b = protowire.AppendTag(b, recordObserved, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, at)
	b = message(b, recordBody, text(e.Type))
	b = message(b, recordEventName, []byte(e.Type))
	b = pair(b, recordAttributes, idAttribute, text(e.ID))
	for _, field := range [][2]string{
		{"user_id", e.UserID}, {"session_id", e.SessionID}, {"user_role", e.Role},
		{"object_type", e.Object.Type}, {"object_id", e.Object.ID},
	} {
		if field[1] != "" {
			b = pair(b, recordAttributes, field[0], text(field[1]))
		}
	}
	if len(e.Tags) > 0 {
		b = pair(b, recordAttributes, "tags", list(e.Tags))
	}
	for _, p := range e.Properties {
		b = pair(b, recordAttributes, p.Key, text(p.Value))
	}
	return b
}

// idAttribute holds the id of the event.
const idAttribute = "id"

func message(dst []byte, field protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, field, protowire.BytesType), body)
}

// text is an AnyValue with a string, list one with an array of them.
func text(s string) []byte { return message(nil, valueText, []byte(s)) }

func list(texts []string) []byte {
	var values []byte
	for _, s := range texts {
		values = message(values, arrayValues, text(s))
	}
	return message(nil, valueArray, values)
}

func pair(dst []byte, field protowire.Number, key string, value []byte) []byte {
	return message(dst, field, message(message(nil, pairKey, []byte(key)), pairValue, value))
}

// IDs returns where the ids are in what AppendLogs made.
func IDs(logs []byte) []int {
	before := message(message(nil, pairKey, []byte(idAttribute)), pairValue, text(string(make([]byte, loadgen.IDBytes))))
	before = before[:len(before)-loadgen.IDBytes]
	var ids []int
	for at := 0; ; {
		next := bytes.Index(logs[at:], before)
		if next < 0 {
			return ids
		}
		at += next + len(before)
		ids = append(ids, at)
		at += loadgen.IDBytes
	}
}
