package loader

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// common holds the columns that events and page views share.
type common struct {
	project     *dictionary
	day         proto.ColDate
	person      proto.ColUInt64
	occurredAt  *proto.ColDateTime64
	receivedAt  *proto.ColDateTime64
	seq         proto.ColUInt64
	id          proto.ColStr
	userID      proto.ColStr
	anonymousID proto.ColStr
	sessionID   proto.ColStr
	role        *dictionary
	objectType  *dictionary
	objectID    proto.ColStr
	properties  *mapping
}

func newCommon() common {
	return common{
		project:    newDictionary(),
		occurredAt: milliseconds(),
		receivedAt: milliseconds(),
		role:       newDictionary(),
		objectType: newDictionary(),
		properties: newMapping(),
	}
}

func milliseconds() *proto.ColDateTime64 {
	c := new(proto.ColDateTime64).WithPrecision(proto.PrecisionMilli)
	c.Location = utc
	return c
}

// append adds one row and returns its size in bytes, about as it is on the wire.
func (c *common) append(id string, at event.Millis, who *event.Identity, object *event.Object,
	properties []event.Property, stamp *event.Stamp, seq uint64) int {
	size := c.project.Append(stamp.Project)
	c.day = append(c.day, proto.Date(stamp.Day))
	c.person.Append(stamp.Person)
	c.occurredAt.AppendRaw(proto.DateTime64(at))
	c.receivedAt.AppendRaw(proto.DateTime64(stamp.ReceivedAt))
	c.seq.Append(seq)
	c.id.Append(id)
	c.userID.Append(who.UserID)
	c.anonymousID.Append(who.AnonymousID)
	c.sessionID.Append(who.SessionID)
	size += c.role.Append(who.Role) + c.objectType.Append(object.Type)
	c.objectID.Append(object.ID)
	size += fixedSize + len(id) + len(who.UserID) + len(who.AnonymousID) + len(who.SessionID) + len(object.ID)
	for i := range properties {
		size += c.properties.Append(properties[i].Key, properties[i].Value)
	}
	c.properties.End()
	return size
}

// fixedSize is about what the columns of fixed width and the positions of texts
// take in memory for a row.
const fixedSize = 140

func (c *common) input() proto.Input {
	return proto.Input{
		{Name: "project", Data: c.project},
		{Name: "day", Data: &c.day},
		{Name: "person", Data: &c.person},
		{Name: "occurred_at", Data: c.occurredAt},
		{Name: "received_at", Data: c.receivedAt},
		{Name: "seq", Data: &c.seq},
		{Name: "id", Data: &c.id},
		{Name: "user_id", Data: &c.userID},
		{Name: "anonymous_id", Data: &c.anonymousID},
		{Name: "session_id", Data: &c.sessionID},
		{Name: "role", Data: c.role},
		{Name: "object_type", Data: c.objectType},
		{Name: "object_id", Data: &c.objectID},
		{Name: "properties", Data: c.properties},
	}
}

func (c *common) reset() {
	c.project.Reset()
	c.day.Reset()
	c.person.Reset()
	c.occurredAt.Reset()
	c.receivedAt.Reset()
	c.seq.Reset()
	c.id.Reset()
	c.userID.Reset()
	c.anonymousID.Reset()
	c.sessionID.Reset()
	c.role.Reset()
	c.objectType.Reset()
	c.objectID.Reset()
	c.properties.Reset()
}
