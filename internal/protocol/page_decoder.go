package protocol

import (
	"sync"

	"ibarura/internal/event"
)

// pageDecoder reads page views, one after the other, into the same struct.
type pageDecoder struct {
	reader
	sink       PageViewSink
	item       event.PageView
	properties []event.Property
}

var pageDecoders = sync.Pool{New: func() any { return new(pageDecoder) }}

func takePageDecoder(lim *event.Limits, sink PageViewSink) *pageDecoder {
	d := pageDecoders.Get().(*pageDecoder)
	d.lim, d.sink = lim, sink
	return d
}

func (d *pageDecoder) release() {
	d.reader.close()
	d.sink, d.item = nil, event.PageView{}
	clear(d.properties[:cap(d.properties)])
	pageDecoders.Put(d)
}

func (d *pageDecoder) input() *reader { return &d.reader }

func (d *pageDecoder) accept(index int) error { return d.sink.PageView(index, &d.item) }

func (d *pageDecoder) reject(index int, r *event.Rejection) error { return d.sink.Reject(index, r) }

func (d *pageDecoder) read() *event.Rejection {
	d.item = event.PageView{}
	if r := d.startItem(); r != nil {
		return r
	}
	for {
		f, more, r := d.nextField(pageFields)
		if r != nil || !more {
			return r
		}
		if r := d.readField(f); r != nil {
			return r
		}
	}
}

func (d *pageDecoder) readField(f field) *event.Rejection {
	switch f {
	case fieldID:
		return d.identifier("id", &d.item.ID)
	case fieldOccurredAt:
		return d.time("occurred_at", &d.item.OccurredAt)
	case fieldURL:
		return d.text("url", &d.item.URL)
	case fieldReferrer:
		return d.text("referrer", &d.item.Referrer)
	case fieldTitle:
		return d.text("title", &d.item.Title)
	case fieldDurationMs:
		return d.duration("duration_ms", &d.item.DurationMs)
	case fieldUserAgent:
		return d.text("user_agent", &d.item.UserAgent)
	case fieldIP:
		return d.text("ip", &d.item.IP)
	case fieldProperties:
		properties, r := d.readProperties(d.properties[:0])
		d.properties, d.item.Properties = properties, properties
		return r
	default:
		return d.readActor(f, &d.item.Identity, &d.item.Object)
	}
}
