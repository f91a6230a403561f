package event

// The codes of every rejection. They are part of the API: producers branch on
// them, and metrics are labelled by them, so a code never changes its meaning
// and is never reused for another.
const (
	// CodeInvalidJSON: the bytes are not JSON; the message says where.
	CodeInvalidJSON = "invalid_json"
	// CodeInvalidProtobuf: the bytes are not the protobuf message expected.
	CodeInvalidProtobuf = "invalid_protobuf"
	// CodeNotAnObject: JSON, but not the object that an item has to be.
	CodeNotAnObject = "not_an_object"
	// CodeUnknownField: a field that no item has; often a misspelt one, and
	// dropping it in silence would lose what it says.
	CodeUnknownField = "unknown_field"
	// CodeDuplicateKey: a key twice in one object; which of the two was meant
	// is not ours to guess.
	CodeDuplicateKey = "duplicate_key"
	// CodeMissingField: a required field is absent, null or empty.
	CodeMissingField = "missing_field"
	// CodeWrongType: a JSON type that the field cannot hold.
	CodeWrongType = "wrong_type"
	// CodeTooLong: more bytes than the field may have.
	CodeTooLong = "too_long"
	// CodeTooMany: more tags or properties than an item may have.
	CodeTooMany = "too_many"
	// CodeEmpty: an empty tag or property key.
	CodeEmpty = "empty"
	// CodeInvalidUTF8: bytes that are not UTF-8, or half of a surrogate pair.
	CodeInvalidUTF8 = "invalid_utf8"
	// CodeNULByte: U+0000, which text columns and C clients cut strings at.
	CodeNULByte = "nul_byte"
	// CodeNumberOutOfRange: a number that the field cannot hold.
	CodeNumberOutOfRange = "number_out_of_range"
	// CodeTooDeep: objects and arrays nested further than the limit.
	CodeTooDeep = "too_deep"
	// CodeTypeInvalid: an event type with characters that types do not have.
	CodeTypeInvalid = "type_invalid"
	// CodeURLInvalid: neither an absolute http(s) URL nor a path.
	CodeURLInvalid = "url_invalid"
	// CodeTimeInvalid: occurred_at is no RFC 3339 time.
	CodeTimeInvalid = "time_invalid"
	// CodeTimeTooEarly: occurred_at is before the earliest time kept.
	CodeTimeTooEarly = "time_too_early"
	// CodeTimeTooFarAhead: occurred_at is further ahead of the server's clock
	// than a wrong clock explains.
	CodeTimeTooFarAhead = "time_too_far_ahead"
	// CodeItemTooLarge: one item is larger than an item may be.
	CodeItemTooLarge = "item_too_large"
	// CodePersonBlocked: the person was erased, and the operator has said that
	// nothing is to be stored of them any more.
	CodePersonBlocked = "person_blocked"
)

// Codes lists every code once, for metrics that start at zero and for the
// documentation.
func Codes() []string {
	return []string{
		CodeInvalidJSON, CodeInvalidProtobuf, CodeNotAnObject, CodeUnknownField, CodeDuplicateKey,
		CodeMissingField, CodeWrongType, CodeTooLong, CodeTooMany, CodeEmpty,
		CodeInvalidUTF8, CodeNULByte, CodeNumberOutOfRange, CodeTooDeep,
		CodeTypeInvalid, CodeURLInvalid, CodeTimeInvalid, CodeTimeTooEarly,
		CodeTimeTooFarAhead, CodeItemTooLarge, CodePersonBlocked,
	}
}
