package live

import (
	"context"
	"errors"
	"time"
)

// Ask is what a reader wants to see, and who it is.
type Ask struct {
	Project string
	Filter  Filter
	Persons bool   // rows say who acted; the caller has seen that this is allowed
	LastID  string // the last message that the reader has; empty: it has none

	// Key is the id of the key that the reader has, itself or by a session:
	// readers with the same one are bounded together.
	Key string
	// Credential names what the reader was let in by, the key or one session of
	// it: readers with the same one end together once Still returns an error. It
	// is asked every half second, for one of them.
	Credential string
	Still      func(ctx context.Context) error
}

// What Watch refuses with.
var (
	ErrOff     = errors.New("the live view is off here: live.max-readers is 0")
	ErrFull    = errors.New("as many readers watch as live.max-readers allows")
	ErrKeyFull = errors.New("as many readers watch with this key as live.max-readers-per-key allows")
	ErrFilters = errors.New("as many different filters are watched as live.max-filters allows")
)

// holders are the readers with one credential.
type holders struct {
	readers map[*Reader]struct{}
	places  int // of readers that have not gone yet
	still   func(ctx context.Context) error
}

// Watch returns a reader, or a *FilterError, EndStopping or one of the errors above.
func (h *Hub) Watch(a Ask) (*Reader, error) {
	if err := a.Filter.Check(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	reason, err := h.admit(&a)
	if err != nil {
		h.metrics.refused.WithLabelValues(reason).Inc()
		return nil, err
	}
	now := h.clock()
	p := h.at(a.Project, now)
	t := p.topics[topicKey(&a.Filter, a.Persons)]
	if t == nil {
		if t, err = h.open(p, &a, now); err != nil {
			h.metrics.refused.WithLabelValues("filters").Inc()
			return nil, err
		}
	}
	r := &Reader{hub: h, topic: t, key: a.Key, credential: a.Credential, messages: make(chan *Message, queued), ended: make(chan struct{})}
	r.backlog = t.welcome(a.LastID, now, p.state(now, h.complete(now)))
	t.readers[r] = struct{}{}
	h.enter(r, a.Still)
	return r, nil
}

// admit returns the limit that one more reader would exceed.
func (h *Hub) admit(a *Ask) (reason string, err error) {
	switch {
	case h.ending:
		return "stopping", EndStopping
	case h.options.MaxReaders == 0:
		return "off", ErrOff
	case h.readers >= h.options.MaxReaders:
		return "readers", ErrFull
	case h.keys[a.Key] >= h.options.MaxPerKey:
		return "key", ErrKeyFull
	}
	return "", nil
}

func (h *Hub) enter(r *Reader, still func(ctx context.Context) error) {
	with := h.credentials[r.credential]
	if with == nil {
		with = &holders{readers: map[*Reader]struct{}{}, still: still}
		h.credentials[r.credential] = with
	}
	with.readers[r] = struct{}{}
	with.places++
	h.keys[r.key]++
	h.readers++
}

// open makes a topic, in place of the one without readers for longest if there
// are too many.
func (h *Hub) open(p *project, a *Ask, now time.Time) (*topic, error) {
	if h.topics >= h.options.MaxFilters && !h.makeRoom() {
		return nil, ErrFilters
	}
	t := newTopic(a.Filter, a.Persons, now)
	p.topics[topicKey(&a.Filter, a.Persons)] = t
	h.topics++
	select {
	case h.wake <- struct{}{}:
	default:
	}
	return t, nil
}

func (h *Hub) makeRoom() bool {
	var of *project
	var oldest string
	for _, p := range h.projects {
		for key, t := range p.topics {
			if len(t.readers) == 0 && (of == nil || t.leftAt.Before(of.topics[oldest].leftAt)) {
				of, oldest = p, key
			}
		}
	}
	if of == nil {
		return false
	}
	h.drop(of, oldest)
	return true
}

// forget takes a reader out of everything that goes through readers.
func (h *Hub) forget(r *Reader) {
	if _, there := r.topic.readers[r]; there {
		delete(r.topic.readers, r)
		r.topic.leftAt = h.clock()
	}
	delete(h.credentials[r.credential].readers, r)
}

// leave gives a reader's place to another.
func (h *Hub) leave(r *Reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(r)
	with := h.credentials[r.credential]
	if with.places--; with.places == 0 {
		delete(h.credentials, r.credential)
	}
	if h.keys[r.key]--; h.keys[r.key] == 0 {
		delete(h.keys, r.key)
	}
	h.readers--
	h.gone.Broadcast()
}
