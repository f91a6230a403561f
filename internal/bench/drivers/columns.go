package main

import (
	"context"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/bench/server"
	"ibarura/internal/event"
)

// columnDriver is ch-go with the columns that it brings along, used again for
// each block.
type columnDriver struct {
	client *ch.Client

	day                                        proto.ColDate
	person, seq                                proto.ColUInt64
	occurredAt, receivedAt                     *proto.ColDateTime64
	id, userID, anonymousID, session, objectID proto.ColStr
	project, kind, role, objectType            *proto.ColLowCardinality[string]
	tags                                       *proto.ColArr[string]
	properties                                 *proto.ColMap[string, string]
	active                                     proto.ColBool
}

func openColumns(ctx context.Context, e *server.Engine) (*columnDriver, error) {
	client, err := ch.Dial(ctx, ch.Options{Address: e.Native, User: e.Login.User, Password: e.Login.Password})
	return &columnDriver{
		client:     client,
		occurredAt: new(proto.ColDateTime64).WithPrecision(proto.PrecisionMilli),
		receivedAt: new(proto.ColDateTime64).WithPrecision(proto.PrecisionMilli),
		project:    lowCardinality(), kind: lowCardinality(), role: lowCardinality(), objectType: lowCardinality(),
		tags:       proto.NewArray(lowCardinality()),
		properties: proto.NewMap(lowCardinality(), new(proto.ColStr)),
	}, err
}

func lowCardinality() *proto.ColLowCardinality[string] { return new(proto.ColStr).LowCardinality() }

func (*columnDriver) name() string { return "ch-go, columns" }

func (d *columnDriver) close() error { return d.client.Close() }

func (d *columnDriver) insert(ctx context.Context, table string, rows []event.Row, seq uint64) error {
	input := d.input()
	input.Reset()
	for i := range rows {
		d.append(&rows[i], seq)
	}
	return d.client.Do(ctx, ch.Query{Body: "INSERT INTO " + table + " " + input.Columns() + " VALUES", Input: input})
}

func (d *columnDriver) input() proto.Input {
	return proto.Input{
		{Name: "project", Data: d.project}, {Name: "day", Data: &d.day}, {Name: "type", Data: d.kind}, {Name: "person", Data: &d.person},
		{Name: "occurred_at", Data: d.occurredAt}, {Name: "received_at", Data: d.receivedAt}, {Name: "seq", Data: &d.seq},
		{Name: "id", Data: &d.id}, {Name: "user_id", Data: &d.userID}, {Name: "anonymous_id", Data: &d.anonymousID},
		{Name: "session_id", Data: &d.session}, {Name: "role", Data: d.role}, {Name: "object_type", Data: d.objectType},
		{Name: "object_id", Data: &d.objectID}, {Name: "tags", Data: d.tags}, {Name: "properties", Data: d.properties},
		{Name: "active", Data: &d.active},
	}
}

func (d *columnDriver) append(r *event.Row, seq uint64) {
	d.project.Append(r.Project)
	d.day.Append(r.Day.Time())
	d.kind.Append(r.Type)
	d.person.Append(r.Person)
	d.occurredAt.AppendRaw(proto.DateTime64(r.OccurredAt))
	d.receivedAt.AppendRaw(proto.DateTime64(r.ReceivedAt))
	d.seq.Append(seq)
	d.id.Append(r.ID)
	d.userID.Append(r.UserID)
	d.anonymousID.Append(r.AnonymousID)
	d.session.Append(r.SessionID)
	d.role.Append(r.Role)
	d.objectType.Append(r.Object.Type)
	d.objectID.Append(r.Object.ID)
	d.tags.Append(r.Tags)
	for _, p := range r.Properties {
		d.properties.Keys.Append(p.Key)
		d.properties.Values.Append(p.Value)
	}
	d.properties.Offsets.Append(uint64(d.properties.Values.Rows()))
	d.active.Append(r.Active)
}
