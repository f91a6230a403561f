package ingest

import (
	"context"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
)

// Items takes in what decode hands to the sink, events and page views mixed, as
// the client protocols send them. Indexes of both kinds count together.
func (s *Service) Items(ctx context.Context, req Request, decode func(protocol.Sink) error) (Result, error) {
	sink := &itemSink{events: eventSink{intake: s.begin(ctx, req, "event")}}
	sink.events.row.Project = req.Project.Name
	sink.pages.row.Project = req.Project.Name
	return sink.events.run(func() error { return decode(sink) })
}

// itemSink takes both kinds of items of one request.
type itemSink struct {
	events eventSink
	pages  pageSink
}

// Event takes one event.
func (s *itemSink) Event(index int, e *event.Event) error { return s.events.Event(index, e) }

// Reject notes an item that could not be read.
func (s *itemSink) Reject(index int, r *event.Rejection) error { return s.events.Reject(index, r) }

// PageView takes one page view; the request's count is kept in one place.
func (s *itemSink) PageView(index int, p *event.PageView) error {
	s.pages.intake = s.events.intake
	s.pages.kind = "page_view"
	err := s.pages.PageView(index, p)
	s.pages.kind = s.events.kind
	s.events.intake = s.pages.intake
	return err
}
