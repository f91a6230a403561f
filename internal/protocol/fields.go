package protocol

import (
	"strings"

	"ibarura/internal/event"
)

// field is one of the top-level fields of the native format.
type field uint8

const (
	fieldType field = iota
	fieldID
	fieldOccurredAt
	fieldUserID
	fieldAnonymousID
	fieldSessionID
	fieldUserRole
	fieldObjectType
	fieldObjectID
	fieldTags
	fieldProperties
	fieldURL
	fieldReferrer
	fieldTitle
	fieldDurationMs
	fieldUserAgent
	fieldIP
	fieldCount
)

var fieldNames = [fieldCount]string{
	"type", "id", "occurred_at", "user_id", "anonymous_id", "session_id", "user_role",
	"object_type", "object_id", "tags", "properties",
	"url", "referrer", "title", "duration_ms", "user_agent", "ip",
}

func (f field) String() string { return fieldNames[f] }

// fieldSet is a set of fields, a bit for each.
type fieldSet uint32

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

const (
	eventFields = 1<<(fieldProperties+1) - 1
	pageFields  = (1<<fieldCount - 1) &^ (1<<fieldType | 1<<fieldTags)
)

// fieldOf is a switch and not a map: the compiler makes a search by length of
// it, which is several times faster.
func fieldOf(name string) (f field, ok bool) {
	switch name {
	case "type":
		return fieldType, true
	case "id":
		return fieldID, true
	case "occurred_at":
		return fieldOccurredAt, true
	case "user_id":
		return fieldUserID, true
	case "anonymous_id":
		return fieldAnonymousID, true
	case "session_id":
		return fieldSessionID, true
	case "user_role":
		return fieldUserRole, true
	case "object_type":
		return fieldObjectType, true
	case "object_id":
		return fieldObjectID, true
	case "tags":
		return fieldTags, true
	case "properties":
		return fieldProperties, true
	default:
		return pageFieldOf(name)
	}
}

func pageFieldOf(name string) (f field, ok bool) {
	switch name {
	case "url":
		return fieldURL, true
	case "referrer":
		return fieldReferrer, true
	case "title":
		return fieldTitle, true
	case "duration_ms":
		return fieldDurationMs, true
	case "user_agent":
		return fieldUserAgent, true
	case "ip":
		return fieldIP, true
	default:
		return 0, false
	}
}

func unknownField(name string, known fieldSet) *event.Rejection {
	name = clip(name)
	if f, ok := nearestField(name, known); ok {
		return event.Reject(event.CodeUnknownField, name, "there is no field %q, did you mean %s?", name, f)
	}
	return event.Reject(event.CodeUnknownField, name, "there is no field %q; what has no field of its own belongs in properties", name)
}

const clippedName = 128

// clip copies a producer's key for a rejection, cut to a length that a log
// line and an answer can bear.
func clip(name string) string {
	if len(name) > clippedName {
		name = name[:clippedName] + "…"
	}
	return strings.ToValidUTF8(strings.Clone(name), "\uFFFD")
}
