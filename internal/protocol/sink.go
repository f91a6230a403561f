package protocol

import "ibarura/internal/event"

// EventSink receives the items of one body or stream, one call an item, in
// order, from the goroutine that decodes.
//
// index is the item's place: 0 for a single object, the element's index in an
// array, the line's index in a stream of lines, where every line counts,
// blank ones included.
//
// An error from either method ends the decoding and is returned as it is.
type EventSink interface {
	// Event receives an item that could be read. e and everything in it, the
	// bytes of its strings included, belong to the decoder and change as soon
	// as the method returns: whoever keeps a string clones it.
	Event(index int, e *event.Event) error
	// Reject receives the reason why an item could not be read. r may be kept.
	Reject(index int, r *event.Rejection) error
}

// PageViewSink is to page views what EventSink is to events.
type PageViewSink interface {
	// PageView receives an item under the conditions of EventSink.Event.
	PageView(index int, p *event.PageView) error
	// Reject receives the reason why an item could not be read. r may be kept.
	Reject(index int, r *event.Rejection) error
}

// Sink takes items of both kinds, as the client protocols mix them.
type Sink interface {
	EventSink
	PageViewSink
}
