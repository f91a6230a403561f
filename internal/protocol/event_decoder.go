package protocol

import (
	"fmt"
	"sync"

	"ibarura/internal/event"
	"ibarura/internal/protocol/strictjson"
)

// eventDecoder reads events, one after the other, into the same struct.
type eventDecoder struct {
	reader
	sink       EventSink
	item       event.Event
	tags       []string
	properties []event.Property
}

var eventDecoders = sync.Pool{New: func() any { return new(eventDecoder) }}

func takeEventDecoder(lim *event.Limits, sink EventSink) *eventDecoder {
	d := eventDecoders.Get().(*eventDecoder)
	d.lim, d.sink = lim, sink
	return d
}

func (d *eventDecoder) release() {
	d.reader.close()
	d.sink, d.item = nil, event.Event{}
	clear(d.tags[:cap(d.tags)])
	clear(d.properties[:cap(d.properties)])
	eventDecoders.Put(d)
}

func (d *eventDecoder) input() *reader { return &d.reader }

func (d *eventDecoder) accept(index int) error { return d.sink.Event(index, &d.item) }

func (d *eventDecoder) reject(index int, r *event.Rejection) error { return d.sink.Reject(index, r) }

func (d *eventDecoder) read() *event.Rejection {
	d.item = event.Event{}
	if r := d.startItem(); r != nil {
		return r
	}
	for {
		f, more, r := d.nextField(eventFields)
		if r != nil || !more {
			return r
		}
		if r := d.readField(f); r != nil {
			return r
		}
	}
}

func (d *eventDecoder) readField(f field) *event.Rejection {
	switch f {
	case fieldType:
		return d.text("type", &d.item.Type)
	case fieldID:
		return d.identifier("id", &d.item.ID)
	case fieldOccurredAt:
		return d.time("occurred_at", &d.item.OccurredAt)
	case fieldTags:
		return d.readTags()
	case fieldProperties:
		properties, r := d.readProperties(d.properties[:0])
		d.properties, d.item.Properties = properties, properties
		return r
	default:
		return d.readActor(f, &d.item.Identity, &d.item.Object)
	}
}

func (d *eventDecoder) readTags() *event.Rejection {
	if kind := d.cursor.Kind(); kind != strictjson.Array {
		return wrongType("tags", kind, "an array of strings")
	}
	tags := d.tags[:0]
	d.cursor.Enter()
	for d.cursor.More() {
		if len(tags) == d.lim.MaxTags {
			return event.Reject(event.CodeTooMany, "tags", "tags has more entries than the limit of %d", d.lim.MaxTags)
		}
		tags = append(tags, "")
		if r := d.text("tags", &tags[len(tags)-1]); r != nil {
			return renamed(r, fmt.Sprintf("tags[%d]", len(tags)-1))
		}
	}
	d.tags, d.item.Tags = tags, tags
	return nil
}
