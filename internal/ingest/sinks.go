package ingest

import "ibarura/internal/event"

// eventSink takes the events of one request.
type eventSink struct {
	intake
	row event.Row
}

// Event checks, recognizes, stamps and stores one event.
func (s *eventSink) Event(index int, e *event.Event) error {
	if err := s.tick(); err != nil {
		return err
	}
	if e.OccurredAt == 0 {
		e.OccurredAt = s.received
	}
	if r := e.Validate(&s.service.config.Limits, s.received); r != nil {
		return s.Reject(index, r)
	}
	s.store(index, e)
	return s.admit()
}

func (s *eventSink) store(index int, e *event.Event) {
	s.service.adding.RLock()
	defer s.service.adding.RUnlock()
	id, fresh := s.identify(e.ID, index)
	if !fresh {
		return
	}
	s.row.Event = *e
	s.row.ID = id
	s.name(&s.row.Identity)
	s.row.Active = !s.service.passive[e.Type]
	s.stamp(&s.row.Stamp, e.OccurredAt, s.row.Identity)
	s.service.store.AddEvent(&s.row)
	s.result.Accepted++
}

// pageSink takes the page views of one request.
type pageSink struct {
	intake
	row event.PageRow
}

// PageView checks, recognizes, stamps and stores one page view.
func (s *pageSink) PageView(index int, p *event.PageView) error {
	if err := s.tick(); err != nil {
		return err
	}
	if p.OccurredAt == 0 {
		p.OccurredAt = s.received
	}
	if r := p.Validate(&s.service.config.Limits, s.received); r != nil {
		return s.Reject(index, r)
	}
	s.store(index, p)
	return s.admit()
}

func (s *pageSink) store(index int, p *event.PageView) {
	s.service.adding.RLock()
	defer s.service.adding.RUnlock()
	id, fresh := s.identify(p.ID, index)
	if !fresh {
		return
	}
	s.row.PageView = *p
	s.row.ID = id
	s.row.Visit = event.Visit{}
	s.completeVisitor()
	s.service.visitor.Visit(&s.row.PageView, &s.row.Visit)
	s.stamp(&s.row.Stamp, p.OccurredAt, s.row.Identity)
	s.service.store.AddPageView(&s.row)
	s.result.Accepted++
}

// completeVisitor takes the request's word for a visitor that the item does
// not describe.
func (s *pageSink) completeVisitor() {
	if s.row.UserAgent == "" && s.row.IP == "" {
		s.row.UserAgent, s.row.IP = s.req.UserAgent, s.req.IP
		s.name(&s.row.Identity)
	}
}

// name gives an item that a browser sent its visitor, if it is nobody's, and a
// session, if it has none.
func (in *intake) name(who *event.Identity) {
	visitors := in.service.config.Visitors
	if visitors == nil || in.req.UserAgent == "" {
		return
	}
	project := in.req.Project
	if !in.named {
		in.visitor = visitors.Visitor(in.ctx, project.Name, project.Zone, in.req.IP, in.req.UserAgent, in.now)
		in.named = true
	}
	if who.UserID == "" && who.AnonymousID == "" {
		who.AnonymousID = in.visitor
	}
	if who.SessionID == "" {
		who.SessionID = visitors.Session(project.Name, *who, in.visitor, in.now)
	}
}
