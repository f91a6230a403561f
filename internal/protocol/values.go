package protocol

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"ibarura/internal/event"
	"ibarura/internal/protocol/strictjson"
)

// readActor reads the fields that say who did it and to what, which every
// kind of item has.
func (r *reader) readActor(f field, who *event.Identity, what *event.Object) *event.Rejection {
	switch f {
	case fieldUserID:
		return r.identifier("user_id", &who.UserID)
	case fieldAnonymousID:
		return r.identifier("anonymous_id", &who.AnonymousID)
	case fieldSessionID:
		return r.identifier("session_id", &who.SessionID)
	case fieldUserRole:
		return r.text("user_role", &who.Role)
	case fieldObjectType:
		return r.text("object_type", &what.Type)
	case fieldObjectID:
		return r.identifier("object_id", &what.ID)
	default:
		panic("protocol: field " + f.String() + " is known but not read")
	}
}

// time reads an RFC 3339 string, or epoch milliseconds as a number, whose
// fraction is cut off.
func (r *reader) time(name string, to *event.Millis) *event.Rejection {
	switch kind := r.cursor.Kind(); kind {
	case strictjson.String:
		return r.writtenTime(name, to)
	case strictjson.Number:
		return r.epochTime(name, to)
	default:
		return wrongType(name, kind, "an RFC 3339 string or epoch milliseconds")
	}
}

// writtenTime leaves an empty string as an absent time.
func (r *reader) writtenTime(name string, to *event.Millis) *event.Rejection {
	s, rejection := r.str(name)
	if rejection != nil || s == "" {
		return rejection
	}
	at, ok := ParseTime(s)
	if !ok {
		return event.Reject(event.CodeTimeInvalid, name, "%s is not an RFC 3339 time such as 2026-05-01T12:00:00.123+02:00", name)
	}
	return setTime(name, at, to)
}

func (r *reader) epochTime(name string, to *event.Millis) *event.Rejection {
	digits := r.cursor.Literal()
	at, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		// A fraction, an exponent, or too large an integer.
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil || math.Abs(f) >= maxEpochMillis {
			return event.Reject(event.CodeNumberOutOfRange, name, "%s is not epoch milliseconds of the years up to 9999", name)
		}
		at = int64(math.Floor(f))
	}
	if at >= maxEpochMillis {
		return event.Reject(event.CodeNumberOutOfRange, name, "%s is not epoch milliseconds of the years up to 9999", name)
	}
	return setTime(name, event.Millis(at), to)
}

// maxEpochMillis is 10000-01-01, the first moment that RFC 3339 cannot write.
const maxEpochMillis = 253402300800000

// setTime keeps an explicit 1970-01-01T00:00:00Z from being taken for an
// absent time, which would become now.
func setTime(name string, at event.Millis, to *event.Millis) *event.Rejection {
	if at == 0 {
		return event.Reject(event.CodeTimeTooEarly, name, "%s is 1970-01-01T00:00:00Z, which is earlier than any time kept", name)
	}
	*to = at
	return nil
}

// duration reads milliseconds, whose fraction (clocks of browsers give one) is
// cut off.
func (r *reader) duration(name string, to *uint32) *event.Rejection {
	if kind := r.cursor.Kind(); kind != strictjson.Number {
		return wrongType(name, kind, "a number of milliseconds")
	}
	ms, err := strconv.ParseFloat(r.cursor.Literal(), 64)
	if err != nil || ms < 0 || ms > math.MaxUint32 {
		return event.Reject(event.CodeNumberOutOfRange, name, "%s is not between 0 and %d", name, uint32(math.MaxUint32))
	}
	*to = uint32(ms)
	return nil
}

// readProperties appends the properties that the cursor is on to properties.
// Keys whose value is null are dropped: they say what an absent key says.
func (r *reader) readProperties(properties []event.Property) ([]event.Property, *event.Rejection) {
	if kind := r.cursor.Kind(); kind != strictjson.Object {
		return properties, wrongType("properties", kind, "an object")
	}
	r.keys = r.keys[:0]
	r.cursor.Enter()
	for r.cursor.More() {
		key, rejection := r.propertyKey()
		if rejection != nil {
			return properties, rejection
		}
		if r.cursor.Kind() == strictjson.Null {
			r.cursor.Skip()
			continue
		}
		properties = append(properties, event.Property{Key: key})
		if rejection := r.propertyValue(&properties[len(properties)-1]); rejection != nil {
			return properties, rejection
		}
	}
	return properties, nil
}

// propertyKey compares with all keys before it: there are few, and the limit
// on their number comes first.
func (r *reader) propertyKey() (string, *event.Rejection) {
	if len(r.keys) == r.lim.MaxProperties {
		return "", event.Reject(event.CodeTooMany, "properties", "properties has more keys than the limit of %d", r.lim.MaxProperties)
	}
	key, rejection := r.key("a key of properties")
	if rejection != nil {
		return "", rejection
	}
	if slices.Contains(r.keys, key) {
		name := PropertyName(key)
		return "", event.Reject(event.CodeDuplicateKey, name, "%s is given twice", name)
	}
	r.keys = append(r.keys, key)
	return key, nil
}

// PropertyName is what rejections call a property.
func PropertyName(key string) string { return "properties." + clip(key) }

// propertyValue reads a value as text: a string as it is, a number as its
// digits, a boolean as its name, anything nested as compact JSON.
func (r *reader) propertyValue(p *event.Property) *event.Rejection {
	switch r.cursor.Kind() {
	case strictjson.String:
		return r.propertyString(p)
	case strictjson.Number:
		p.Value = r.cursor.Literal()
		return CheckNumber(p)
	case strictjson.Bool:
		p.Value = r.cursor.Literal()
		return nil
	default:
		return r.nestedValue(p)
	}
}

func (r *reader) propertyString(p *event.Property) *event.Rejection {
	value, rejection := r.str("properties")
	if rejection != nil {
		return renamed(rejection, PropertyName(p.Key))
	}
	p.Value = value
	return nil
}

// maxNumberBytes bounds a number's digits: more than any integer or float64
// needs.
const maxNumberBytes = 40

// CheckNumber rejects numbers that no float64 holds. Without an exponent, up
// to maxNumberBytes digits are always within its range.
func CheckNumber(p *event.Property) *event.Rejection {
	if len(p.Value) > maxNumberBytes {
		name := PropertyName(p.Key)
		return event.Reject(event.CodeNumberOutOfRange, name, "%s is a number of %d bytes, the limit is %d; send it as a string", name, len(p.Value), maxNumberBytes)
	}
	if !strings.ContainsAny(p.Value, "eE") {
		return nil
	}
	if _, err := strconv.ParseFloat(p.Value, 64); err != nil {
		name := PropertyName(p.Key)
		return event.Reject(event.CodeNumberOutOfRange, name, "%s is a number beyond the range of a 64-bit float; send it as a string", name)
	}
	return nil
}

// nestedInItem is how deep properties itself is.
const nestedInItem = 2

func (r *reader) nestedValue(p *event.Property) *event.Rejection {
	from := len(r.scratch)
	scratch, nested, paired := r.cursor.Compact(r.scratch)
	r.scratch = scratch
	p.Value = view(scratch[from:])
	if depth := nested + nestedInItem; depth > r.lim.MaxDepth {
		name := PropertyName(p.Key)
		return event.Reject(event.CodeTooDeep, name, "%s nests %d deep counted from the item, the limit is %d", name, depth, r.lim.MaxDepth)
	}
	if rejection := r.checkText("properties", p.Value, paired); rejection != nil {
		return renamed(rejection, PropertyName(p.Key))
	}
	return nil
}
