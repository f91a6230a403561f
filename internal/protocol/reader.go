package protocol

import (
	"strings"
	"unicode/utf8"

	"ibarura/internal/event"
	"ibarura/internal/protocol/strictjson"
)

// reader reads the values of an item's fields: what is common to all kinds of
// items. Strings that it returns are views of the text or of scratch.
type reader struct {
	cursor  strictjson.Cursor
	lim     *event.Limits
	scratch []byte   // text that differs from how it was written; reset with each item
	keys    []string // the keys of one properties object
	seen    fieldSet // the fields that the item has had so far
	// notUTF8 says that there is invalid UTF-8 somewhere in the text, so that
	// each string has to be looked at. In nearly every text there is none.
	notUTF8 bool
}

// open starts on a text that strictjson.Check has accepted.
func (r *reader) open(checked []byte) {
	r.cursor = strictjson.NewCursor(checked)
	r.notUTF8 = !utf8.Valid(checked)
}

// startItem forgets the last item and steps into the next one.
func (r *reader) startItem() *event.Rejection {
	r.scratch = r.scratch[:0]
	r.seen = 0
	if kind := r.cursor.Kind(); kind != strictjson.Object {
		return event.Reject(event.CodeNotAnObject, "", "the item is %s, want an object", kind)
	}
	r.cursor.Enter()
	return nil
}

// nextField moves to the value of the item's next field that is not null; an
// item without another one gives more == false. known are the fields of this
// kind of item.
func (r *reader) nextField(known fieldSet) (f field, more bool, rejection *event.Rejection) {
	for r.cursor.More() {
		key, rejection := r.key("a key of the item")
		if rejection != nil {
			return 0, false, rejection
		}
		f, ok := fieldOf(key)
		if !ok || !known.has(f) {
			return 0, false, unknownField(key, known)
		}
		if r.seen.has(f) {
			return 0, false, event.Reject(event.CodeDuplicateKey, f.String(), "%s is given twice", f)
		}
		r.seen |= 1 << f
		if r.cursor.Kind() != strictjson.Null {
			return f, true, nil
		}
		r.cursor.Skip()
	}
	return 0, false, nil
}

// key reads a key, and moves to its value. name is what a rejection calls it.
func (r *reader) key(name string) (string, *event.Rejection) {
	key, rejection := r.str(name)
	if rejection != nil {
		rejection.Field = ""
		return "", rejection
	}
	r.cursor.AfterKey()
	return key, nil
}

// text reads a field that has to be a string.
func (r *reader) text(name string, to *string) *event.Rejection {
	if kind := r.cursor.Kind(); kind != strictjson.String {
		return wrongType(name, kind, "a string")
	}
	s, rejection := r.str(name)
	*to = s
	return rejection
}

// identifier reads a field that is a string, or a JSON integer that stands for
// its digits: databases hand out numbers, and many clients send them so.
func (r *reader) identifier(name string, to *string) *event.Rejection {
	if r.cursor.Kind() != strictjson.Number {
		return r.text(name, to)
	}
	digits := r.cursor.Literal()
	if strings.ContainsAny(digits, ".eE") {
		return event.Reject(event.CodeWrongType, name, "%s is a number that is not an integer, want a string or an integer", name)
	}
	*to = digits
	return nil
}

// str reads the string that the cursor is on.
func (r *reader) str(name string) (string, *event.Rejection) {
	s, scratch, paired := r.cursor.Str(r.scratch)
	r.scratch = scratch
	return s, r.checkText(name, s, paired)
}

func (r *reader) checkText(name, s string, paired bool) *event.Rejection {
	switch {
	case !paired:
		return event.Reject(event.CodeInvalidUTF8, name, "%s has half of a surrogate pair (\\ud800 to \\udfff)", name)
	case r.notUTF8 && !utf8.ValidString(s):
		return event.Reject(event.CodeInvalidUTF8, name, "%s is not valid UTF-8", name)
	default:
		return nil
	}
}

// renamed gives the field of r another name, with which the message begins.
// So a name that has to be put together is put together only for a rejection.
func renamed(r *event.Rejection, name string) *event.Rejection {
	r.Message = name + r.Message[len(r.Field):]
	r.Field = name
	return r
}

func wrongType(name string, got strictjson.Kind, want string) *event.Rejection {
	return event.Reject(event.CodeWrongType, name, "%s is %s, want %s", name, got, want)
}

const keptScratch = 64 << 10

// close forgets the text, so that a pooled reader keeps no body alive, and
// memory that only an unusual item needed.
func (r *reader) close() {
	clear(r.keys[:cap(r.keys)])
	*r = reader{keys: r.keys[:0], scratch: r.scratch[:0]}
	if cap(r.scratch) > keptScratch {
		r.scratch = nil
	}
}
