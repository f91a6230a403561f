package foreign

import (
	"bytes"
	"encoding/json"
	"iter"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// Value is a JSON value in a checked body, of which it is a view. The zero
// Value is absent: it has no members, no elements and no text.
type Value struct{ text []byte }

var byteOrderMark = []byte("\uFEFF")

// Open checks that body is one JSON value and returns it. The error is a
// *protocol.BodyError.
func Open(body []byte) (Value, error) {
	skipped := len(body)
	body = bytes.TrimPrefix(body, byteOrderMark)
	skipped -= len(body)
	if len(bytes.TrimSpace(body)) == 0 {
		return Value{}, &protocol.BodyError{Code: event.CodeInvalidJSON, Message: "the body is empty"}
	}
	if err := strictjson.Check(body); err != nil {
		err.Offset += skipped
		code := event.CodeInvalidJSON
		if err.TooDeep {
			code = event.CodeTooDeep
		}
		return Value{}, &protocol.BodyError{Code: code, Offset: err.Offset, Message: "the body is not JSON: " + err.Error()}
	}
	return Value{bytes.TrimSpace(body)}, nil
}

// String returns a value that is a string.
func String(text string) Value {
	quoted, _ := json.Marshal(text) // text is always JSON
	return Value{quoted}
}

// JSON returns the value that text is, which has to be one JSON value without
// white space around it.
func JSON(text []byte) Value { return Value{text} }

// Kind returns what the value is; strictjson.End if it is absent.
func (v Value) Kind() strictjson.Kind {
	cursor := v.cursor()
	return cursor.Kind()
}

// Given reports whether there is a value and it is not null.
func (v Value) Given() bool { return len(v.text) > 0 && v.Kind() != strictjson.Null }

// JSON returns the value as it was written.
func (v Value) JSON() []byte { return v.text }

func (v Value) cursor() strictjson.Cursor { return strictjson.NewCursor(v.text) }

// Members yields the keys and values of an object, of anything else none.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != strictjson.Object {
			return
		}
		cursor := v.cursor()
		cursor.Enter()
		for cursor.More() {
			key, _, paired := cursor.Str(nil)
			cursor.AfterKey()
			if !yield(marked(key, paired), v.take(&cursor)) {
				return
			}
		}
	}
}

// Elements yields the places and values of an array, of anything else none.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != strictjson.Array {
			return
		}
		cursor := v.cursor()
		cursor.Enter()
		for index := 0; cursor.More(); index++ {
			if !yield(index, v.take(&cursor)) {
				return
			}
		}
	}
}

// take returns the value that the cursor is on and moves behind it.
func (v Value) take(cursor *strictjson.Cursor) Value {
	start := cursor.Offset()
	cursor.Skip()
	return Value{v.text[start:cursor.Offset()]}
}

// Get returns the last member of that name, which may be absent.
func (v Value) Get(name string) Value {
	var found Value
	for key, member := range v.Members() {
		if key == name {
			found = member
		}
	}
	return found
}

// Text returns the text of a string, the digits of a number and the name of a
// boolean. ok is false for arrays and objects; null and an absent value are "".
func (v Value) Text() (text string, ok bool) {
	cursor := v.cursor()
	switch cursor.Kind() {
	case strictjson.String:
		s, _, paired := cursor.Str(nil)
		return marked(s, paired), true
	case strictjson.Number, strictjson.Bool:
		return cursor.Literal(), true
	case strictjson.Array, strictjson.Object:
		return "", false
	case strictjson.Null, strictjson.End:
	}
	return "", true
}

// marked makes text with half of a surrogate pair be what it is, no UTF-8, so
// that whoever validates the field says so.
func marked(text string, paired bool) string {
	if paired {
		return text
	}
	return text + "\xff"
}
