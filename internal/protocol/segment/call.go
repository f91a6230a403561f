package segment

import (
	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
)

// decoder reads calls one after the other.
type decoder struct {
	foreign.Context
	sink   protocol.Sink
	common foreign.Value // the batch's context, under that of each call
	sent   foreign.Value // the batch's sentAt, for calls without one
	ids    foreign.ContentIDs

	item   foreign.Item
	fields fields
	about  about
}

// fields are those of a call that are looked at.
type fields struct {
	kind, event, name, category          foreign.Value
	messageID, userID, anonymousID       foreign.Value
	previousID, groupID                  foreign.Value
	timestamp, originalTimestamp, sentAt foreign.Value
	properties, traits, context          foreign.Value
}

func (f *fields) read(call foreign.Value) {
	*f = fields{}
	for key, value := range call.Members() {
		if to := f.of(key); to != nil {
			*to = value
		}
	}
}

func (f *fields) of(key string) *foreign.Value {
	switch key {
	case "type":
		return &f.kind
	case "event":
		return &f.event
	case "name":
		return &f.name
	case "category":
		return &f.category
	case "messageId":
		return &f.messageID
	case "userId":
		return &f.userID
	case "anonymousId":
		return &f.anonymousID
	case "previousId":
		return &f.previousID
	case "groupId":
		return &f.groupID
	default:
		return f.restOf(key)
	}
}

func (f *fields) restOf(key string) *foreign.Value {
	switch key {
	case "timestamp":
		return &f.timestamp
	case "originalTimestamp":
		return &f.originalTimestamp
	case "sentAt":
		return &f.sentAt
	case "properties":
		return &f.properties
	case "traits":
		return &f.traits
	case "context":
		return &f.context
	default:
		return nil
	}
}

// call hands one call on; kind is "" if the call itself has to say it.
func (d *decoder) call(index int, kind string, call foreign.Value) error {
	d.item.Begin(d.Context, call)
	if !d.item.Rejected() {
		d.fields.read(call)
		d.about = about{}
		d.about.read(d.common)
		d.about.read(d.fields.context)
		d.when()
		d.who(call)
		d.what(kind)
	}
	return d.item.Emit(index, d.sink)
}

// when reads the time. One that stands beside the original has been corrected
// already, by a server that passed the call on.
func (d *decoder) when() {
	f, it := &d.fields, &d.item
	it.OccurredAt = it.Time("timestamp", f.timestamp)
	original := it.Time("originalTimestamp", f.originalTimestamp)
	if it.OccurredAt != 0 && original != 0 {
		return
	}
	sent := f.sentAt
	if !sent.Given() {
		sent = d.sent
	}
	it.OccurredAt = d.Corrected(max(it.OccurredAt, original), it.Time("sentAt", sent))
}

func (d *decoder) who(call foreign.Value) {
	f, it := &d.fields, &d.item
	it.Who = event.Identity{
		UserID: it.Text("userId", f.userID), AnonymousID: it.Text("anonymousId", f.anonymousID),
		SessionID: d.about.session, Role: d.role(d.about.traits),
	}
	it.UserAgent, it.IP = d.about.userAgent, d.about.ip
	it.ID = it.Text("messageId", f.messageID)
	if it.ID == "" && it.OccurredAt != 0 {
		it.ID = d.ids.Of(call.JSON())
	}
}

// role returns the trait role, if it can be a user's role.
func (d *decoder) role(traits foreign.Value) string {
	role, ok := traits.Get("role").Text()
	if !ok || len(role) > d.Limits.MaxLabelBytes {
		return ""
	}
	return role
}

func (d *decoder) what(kind string) {
	if kind == "" {
		kind = d.item.Text("type", d.fields.kind)
	}
	switch kind {
	case Track:
		d.track()
	case Page:
		d.page()
	case Screen:
		d.screen()
	case Identify:
		d.identify()
	case Group:
		d.group()
	case Alias:
		d.alias()
	case "":
		d.item.Missing("type")
	default:
		d.item.Reject(event.Reject(event.CodeTypeInvalid, "type", "type is not one of track, page, screen, identify, group, alias"))
	}
}
