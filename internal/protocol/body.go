package protocol

import (
	"bytes"
	"fmt"

	"ibarura/internal/event"
	"ibarura/internal/protocol/strictjson"
)

// BodyError says why a body could not be read as items at all. No item of it
// has reached the sink.
type BodyError struct {
	Code    string // event.CodeInvalidJSON, CodeTooDeep or CodeNotAnObject
	Offset  int    // bytes of the body before the offending one
	Message string // names the offset where there is one
}

func (e *BodyError) Error() string { return e.Code + ": " + e.Message }

// byteOrderMark precedes the text that some Windows programs write.
var byteOrderMark = []byte("\uFEFF")

// DecodeEvents hands the events in body, a JSON object or an array of them, to
// sink. The whole body is checked before the first item is handed on: a body
// that is not JSON is a *BodyError and leaves nothing behind, while an item
// that is wrong in itself is rejected beside the good ones.
//
// body is not changed, but the strings given to the sink are views of it.
func DecodeEvents(body []byte, lim *event.Limits, sink EventSink) error {
	d := takeEventDecoder(lim, sink)
	defer d.release()
	return decodeBody(body, d)
}

// DecodePageViews is to page views what DecodeEvents is to events.
func DecodePageViews(body []byte, lim *event.Limits, sink PageViewSink) error {
	d := takePageDecoder(lim, sink)
	defer d.release()
	return decodeBody(body, d)
}

// itemDecoder reads one kind of item and knows the sink for it.
type itemDecoder interface {
	input() *reader
	// read reads the item that the input's cursor is on. The cursor is behind
	// the item only if the result is nil.
	read() *event.Rejection
	accept(index int) error
	reject(index int, r *event.Rejection) error
}

func decodeBody(body []byte, d itemDecoder) error {
	skipped := len(body)
	body = bytes.TrimPrefix(body, byteOrderMark)
	skipped -= len(body)
	if len(bytes.TrimSpace(body)) == 0 {
		return &BodyError{Code: event.CodeInvalidJSON, Message: "the body is empty"}
	}
	if err := strictjson.Check(body); err != nil {
		err.Offset += skipped
		return &BodyError{Code: syntaxCode(err), Offset: err.Offset, Message: "the body is not JSON: " + err.Error()}
	}
	in := d.input()
	in.open(body)
	switch kind := in.cursor.Kind(); kind {
	case strictjson.Object:
		return decodeItem(d, 0)
	case strictjson.Array:
		return decodeArray(d)
	default:
		return &BodyError{Code: event.CodeNotAnObject, Message: fmt.Sprintf("the body is %s, want an object or an array of objects", kind)}
	}
}

func syntaxCode(err *strictjson.SyntaxError) string {
	if err.TooDeep {
		return event.CodeTooDeep
	}
	return event.CodeInvalidJSON
}

func decodeArray(d itemDecoder) error {
	cursor := &d.input().cursor
	cursor.Enter()
	for index := 0; cursor.More(); index++ {
		if err := decodeItem(d, index); err != nil {
			return err
		}
	}
	return nil
}

// decodeItem reads the item under the cursor and leaves the cursor behind it,
// whether or not the item could be read.
func decodeItem(d itemDecoder, index int) error {
	in := d.input()
	start := in.cursor.Offset()
	rejection := d.read()
	if rejection != nil {
		in.cursor.Rewind(start)
		in.cursor.Skip()
	}
	if size := in.cursor.Offset() - start; size > in.lim.MaxItemBytes {
		rejection = tooLarge(in.lim)
	}
	if rejection != nil {
		return d.reject(index, rejection)
	}
	return d.accept(index)
}

func tooLarge(lim *event.Limits) *event.Rejection {
	return event.Reject(event.CodeItemTooLarge, "", "the item is larger than the limit of %d bytes", lim.MaxItemBytes)
}
