package live

import "time"

// Between two messages lies a quarter of a second, and more with many readers:
// writing to all of them may not take the processor from ingest. Counters move
// within a second all the same.
const (
	quickest      = 250 * time.Millisecond
	slowest       = 900 * time.Millisecond
	paceOfAReader = 200 * time.Microsecond
)

// linger is how long a topic outlives its last reader, who may come back.
const linger = time.Minute

func (h *Hub) pace() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return min(max(quickest, time.Duration(h.readers)*paceOfAReader), slowest)
}

// tick tells the readers what is new, and gives up what nobody needs.
func (h *Hub) tick() {
	now := h.clock()
	complete := h.complete(now)
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, p := range h.projects {
		if p.window == nil {
			continue
		}
		h.at(name, now)
		if len(p.topics) == 0 {
			if p.window.empty() {
				p.window = nil
			}
			continue
		}
		state := p.state(now, complete)
		for key, t := range p.topics {
			if len(t.readers) == 0 && now.Sub(t.leftAt) > linger {
				h.drop(p, key)
				continue
			}
			h.tell(t, t.publish(now, state, h.options.Heartbeat))
		}
	}
}

// complete reports whether nothing was dropped in the last half hour.
func (h *Hub) complete(now time.Time) bool {
	return slot(h.dropped.Load())+longWindow < h.slot(now)
}

// tell hands a message to the readers of a topic. Who has too many waiting has
// to go.
func (h *Hub) tell(t *topic, m *Message) {
	if m == nil {
		return
	}
	for r := range t.readers {
		if !r.send(m) {
			h.end(r, EndSlow)
		}
	}
	h.metrics.messages.Add(float64(len(t.readers)))
}

func (h *Hub) drop(p *project, key string) {
	delete(p.topics, key)
	h.topics--
}
