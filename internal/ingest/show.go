package ingest

// show offers the watcher the rows of a landing whose outcome is known, if they
// are durable. A block that it takes is its own until it has read it; the others
// go back at once.
func (s *Service) show(project string, l *landing) {
	durable := l.shown != nil && l.ticket.Err() == nil
	for _, p := range l.shown {
		if !durable || p.block.Rows() == 0 || !s.watcher.Offer(project, p.block, p.release) {
			p.release()
		}
	}
	l.shown = nil
}
