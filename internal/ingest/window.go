package ingest

import (
	"sync"
	"time"
)

// shardCount spreads the ids over locks; a power of two.
const shardCount = 64

// Window remembers ids for a time, up to a number. It is exact within both
// bounds: an id is forgotten when it is older than the window, or when the
// number is reached and it is the oldest of its shard. An id takes about 32
// bytes. Two ids are taken for one only if their 128-bit keys agree, which
// for n ids has a chance of n²/2¹²⁹. It is safe for concurrent use.
//
// An id is first claimed by a flight, the request that brings it, and settled
// when the flight's rows are durable. Whoever brings a claimed id meanwhile is
// told of the flight, and waits for its end before it calls its own a
// duplicate: until then nobody knows.
type Window struct {
	span    time.Duration
	shards  [shardCount]shard
	flights flights
}

// NewWindow returns an empty window for at most maxIDs ids.
func NewWindow(span time.Duration, maxIDs int) *Window {
	w := &Window{span: span}
	for i := range w.shards {
		w.shards[i].ring.limit = max(1, maxIDs/shardCount)
	}
	return w
}

// verdict says what the window knows of an id.
type verdict uint8

const (
	fresh   verdict = iota // not known before; it is now claimed by the asking flight
	known                  // its row is durable
	pending                // claimed by a flight whose end is not known
)

// claim looks a key up, and claims it for f if it is fresh. Of a pending one it
// returns the flight that has claimed it, which may be f itself. Calls come in
// about the order of now.
func (w *Window) claim(key Key, f *Flight, now time.Time) (verdict, *Flight) {
	s := &w.shards[key[0]%shardCount]
	for {
		v, number := s.claim(key, f.number, now.Unix(), now.Add(-w.span).Unix())
		switch v {
		case fresh:
			f.claimed = append(f.claimed, claimed{key, number})
			return fresh, nil
		case known:
			return known, nil
		case pending:
		}
		if other := w.flights.find(number); other != nil {
			return pending, other
		}
		// It has been settled between the two looks: look again.
	}
}

// Add remembers an id whose row is durable and reports whether it was new.
func (w *Window) Add(key Key, at time.Time) bool {
	s := &w.shards[key[0]%shardCount]
	v, _ := s.claim(key, settled, at.Unix(), at.Add(-w.span).Unix())
	return v == fresh
}

// Settle ends a flight: with durable rows its keys are known from now on, else
// they are forgotten, so that the producer's retry counts.
func (w *Window) Settle(f *Flight, durable bool) {
	for _, c := range f.claimed {
		w.shards[c.key[0]%shardCount].settle(c, f.number, durable)
	}
	f.claimed = nil
	w.flights.end(f)
}

// Len returns the number of ids remembered.
func (w *Window) Len() int {
	return int(w.sum(func(s *shard) uint64 { return uint64(s.index.used) }))
}

// Evicted returns how many ids were forgotten before their time, because the
// number was reached.
func (w *Window) Evicted() uint64 {
	return w.sum(func(s *shard) uint64 { return s.evicted })
}

func (w *Window) sum(of func(*shard) uint64) uint64 {
	var total uint64
	for i := range w.shards {
		s := &w.shards[i]
		s.mu.Lock()
		total += of(s)
		s.mu.Unlock()
	}
	return total
}

// shard is a part of the window under one lock: the ids in the order of their
// arrival, and an index of where they are.
type shard struct {
	mu      sync.Mutex
	ring    ring
	index   index
	evicted uint64
}

// claim returns with fresh the place of the key's new entry, with pending the
// number of the flight that has claimed it.
func (s *shard) claim(key Key, flight uint32, now, before int64) (verdict, uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(before)
	if place, ok := s.index.find(&s.ring, key); ok {
		if e := s.ring.at(place); e.flight != settled {
			return pending, e.flight
		}
		return known, 0
	}
	if s.ring.full() {
		s.drop()
		s.evicted++
	}
	place := s.ring.push(entry{key: key, at: uint32(now), flight: flight})
	s.index.add(&s.ring, key, place)
	return fresh, place
}

func (s *shard) settle(c claimed, flight uint32, durable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.ring.at(c.place)
	switch {
	case e.flight != flight || e.key != c.key: // evicted meanwhile, the place is another's
	case durable:
		e.flight = settled
	default:
		if place, ok := s.index.find(&s.ring, c.key); ok && place == c.place {
			s.index.remove(&s.ring, c.key)
		}
		e.flight = forgotten
	}
}

func (s *shard) expire(before int64) {
	for s.ring.size > 0 && int64(s.ring.oldest().at) < before {
		s.drop()
	}
}

// drop forgets the oldest.
func (s *shard) drop() {
	if e := s.ring.oldest(); e.flight != forgotten {
		s.index.remove(&s.ring, e.key)
	}
	s.ring.pop()
}
