package event

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Validate returns why e cannot be accepted, or nil. now is the server's
// clock. An empty string counts as an absent field; an absent time
// (OccurredAt 0) is accepted, since ingest fills it in. Repeated tags are
// accepted: counting each once is the aggregates' work.
//
// Validate keeps no reference to e, and allocates only to reject.
func (e *Event) Validate(lim *Limits, now Millis) *Rejection {
	if r := validateType(e.Type, lim); r != nil {
		return r
	}
	if r := validateText("id", e.ID, lim.MaxIDBytes); r != nil {
		return r
	}
	if r := validateTime(e.OccurredAt, lim, now); r != nil {
		return r
	}
	if r := e.Identity.validate(lim); r != nil {
		return r
	}
	if r := e.Object.validate(lim); r != nil {
		return r
	}
	if r := validateTags(e.Tags, lim); r != nil {
		return r
	}
	return validateProperties(e.Properties, lim)
}

// Validate returns why p cannot be accepted, or nil, as Event.Validate does.
// The address is not looked at: it is never stored.
func (p *PageView) Validate(lim *Limits, now Millis) *Rejection {
	if r := validateURL(p.URL, lim); r != nil {
		return r
	}
	if r := p.validateTexts(lim); r != nil {
		return r
	}
	if r := validateTime(p.OccurredAt, lim, now); r != nil {
		return r
	}
	if int64(p.DurationMs) > lim.MaxDuration.Milliseconds() {
		return Reject(CodeNumberOutOfRange, "duration_ms", "duration_ms is more than the limit of %d (%s)",
			lim.MaxDuration.Milliseconds(), lim.MaxDuration)
	}
	if r := p.Identity.validate(lim); r != nil {
		return r
	}
	if r := p.Object.validate(lim); r != nil {
		return r
	}
	return validateProperties(p.Properties, lim)
}

func (p *PageView) validateTexts(lim *Limits) *Rejection {
	if r := validateText("id", p.ID, lim.MaxIDBytes); r != nil {
		return r
	}
	if r := validateText("referrer", p.Referrer, lim.MaxURLBytes); r != nil {
		return r
	}
	if r := validateText("title", p.Title, lim.MaxTitleBytes); r != nil {
		return r
	}
	return validateText("user_agent", p.UserAgent, lim.MaxUserAgentBytes)
}

func (id *Identity) validate(lim *Limits) *Rejection {
	if r := validateText("user_id", id.UserID, lim.MaxIdentityBytes); r != nil {
		return r
	}
	if r := validateText("anonymous_id", id.AnonymousID, lim.MaxIdentityBytes); r != nil {
		return r
	}
	if r := validateText("session_id", id.SessionID, lim.MaxIdentityBytes); r != nil {
		return r
	}
	return validateText("user_role", id.Role, lim.MaxLabelBytes)
}

func (o *Object) validate(lim *Limits) *Rejection {
	if r := validateText("object_type", o.Type, lim.MaxLabelBytes); r != nil {
		return r
	}
	return validateText("object_id", o.ID, lim.MaxIdentityBytes)
}

func validateTags(tags []string, lim *Limits) *Rejection {
	if len(tags) > lim.MaxTags {
		return Reject(CodeTooMany, "tags", "tags has %d entries, the limit is %d", len(tags), lim.MaxTags)
	}
	for i, tag := range tags {
		if tag == "" {
			return Reject(CodeEmpty, tagField(i), "%s is empty", tagField(i))
		}
		if !acceptableText(tag, lim.MaxTagBytes) {
			return rejectText(tagField(i), tag, lim.MaxTagBytes)
		}
	}
	return nil
}

func tagField(i int) string { return "tags[" + strconv.Itoa(i) + "]" }

func validateProperties(properties []Property, lim *Limits) *Rejection {
	if len(properties) > lim.MaxProperties {
		return Reject(CodeTooMany, "properties", "properties has %d keys, the limit is %d",
			len(properties), lim.MaxProperties)
	}
	for i := range properties {
		if r := properties[i].validate(lim); r != nil {
			return r
		}
	}
	return nil
}

// validate names the key in the rejection only once the key is known to be
// short and printable.
func (p *Property) validate(lim *Limits) *Rejection {
	if p.Key == "" {
		return Reject(CodeEmpty, "properties", "properties has an empty key")
	}
	if !acceptableText(p.Key, lim.MaxPropertyKeyBytes) {
		r := rejectText("properties", p.Key, lim.MaxPropertyKeyBytes)
		r.Message = "a key of " + r.Message
		return r
	}
	if !acceptableText(p.Value, lim.MaxPropertyValueBytes) {
		return rejectText("properties."+p.Key, p.Value, lim.MaxPropertyValueBytes)
	}
	return nil
}

func validateTime(at Millis, lim *Limits, now Millis) *Rejection {
	switch {
	case at == 0:
		return nil
	case at < lim.Earliest:
		return Reject(CodeTimeTooEarly, "occurred_at", "occurred_at is before %s, the earliest time kept",
			lim.Earliest.Time().Format(time.RFC3339))
	case at > now+Millis(lim.MaxAhead.Milliseconds()):
		return Reject(CodeTimeTooFarAhead, "occurred_at",
			"occurred_at is ahead of the server's clock by more than the limit of %s", lim.MaxAhead)
	default:
		return nil
	}
}

func validateText(field, s string, limit int) *Rejection {
	if acceptableText(s, limit) {
		return nil
	}
	return rejectText(field, s, limit)
}

// acceptableText reports whether s is at most limit bytes of UTF-8 without
// NUL.
func acceptableText(s string, limit int) bool {
	return len(s) <= limit && strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// rejectText says which of its conditions acceptableText found unmet.
func rejectText(field, s string, limit int) *Rejection {
	switch {
	case len(s) > limit:
		return Reject(CodeTooLong, field, "%s is %d bytes long, the limit is %d", field, len(s), limit)
	case !utf8.ValidString(s):
		return Reject(CodeInvalidUTF8, field, "%s is not valid UTF-8", field)
	default:
		return Reject(CodeNULByte, field, "%s contains a NUL character (U+0000)", field)
	}
}
