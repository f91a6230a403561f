package ingest

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Key stands for an id within its project and kind: 128 bits, so that two ids
// sharing one is not to be expected in the life of the service.
type Key [16]byte

// KeyOf returns the key of an id. It does not keep the strings.
func KeyOf(project, kind, id string) Key {
	var low, high xxhash.Digest
	low.ResetWithSeed(0)
	high.ResetWithSeed(0x9E3779B97F4A7C15)
	for _, part := range [...]string{project, "\x00", kind, "\x00", id} {
		_, _ = low.WriteString(part)
		_, _ = high.WriteString(part)
	}
	var key Key
	binary.LittleEndian.PutUint64(key[:8], low.Sum64())
	binary.LittleEndian.PutUint64(key[8:], high.Sum64())
	return key
}

// shardCount spreads the ids over locks; a power of two.
const shardCount = 64

// Window remembers ids for a time, up to a number. It is exact within both
// bounds: an id is forgotten when it is older than the window, or when the
// number is reached and it is the oldest of its shard. An id takes about 60
// bytes. It is safe for concurrent use.
type Window struct {
	span   time.Duration
	shards [shardCount]shard
}

type shard struct {
	mu      sync.Mutex
	known   map[Key]struct{}
	ring    []entry // in the order of arrival, from first over the end to the beginning
	first   int
	size    int
	limit   int
	evicted uint64 // forgotten before their time
}

type entry struct {
	key Key
	at  int64 // Unix seconds
}

// NewWindow returns an empty window for at most maxIDs ids.
func NewWindow(span time.Duration, maxIDs int) *Window {
	w := &Window{span: span}
	for i := range w.shards {
		w.shards[i].known = map[Key]struct{}{}
		w.shards[i].limit = max(1, maxIDs/shardCount)
	}
	return w
}

// Add remembers a key and reports whether it was new. Calls come in about the
// order of now.
func (w *Window) Add(key Key, now time.Time) bool {
	s := &w.shards[key[0]%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now.Add(-w.span).Unix())
	if _, ok := s.known[key]; ok {
		return false
	}
	if s.size == s.limit {
		s.drop()
		s.evicted++
	}
	s.known[key] = struct{}{}
	s.push(entry{key, now.Unix()})
	return true
}

// Len returns the number of ids remembered.
func (w *Window) Len() int {
	return int(w.sum(func(s *shard) uint64 { return uint64(s.size) }))
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

func (s *shard) expire(before int64) {
	for s.size > 0 && s.ring[s.first].at < before {
		s.drop()
	}
}

// drop forgets the oldest.
func (s *shard) drop() {
	delete(s.known, s.ring[s.first].key)
	s.first = (s.first + 1) % len(s.ring)
	s.size--
}

func (s *shard) push(e entry) {
	if s.size == len(s.ring) {
		s.grow()
	}
	s.ring[(s.first+s.size)%len(s.ring)] = e
	s.size++
}

func (s *shard) grow() {
	ring := make([]entry, min(max(64, 2*len(s.ring)), s.limit))
	n := copy(ring, s.ring[s.first:])
	copy(ring[n:], s.ring[:s.first])
	s.ring, s.first = ring, 0
}
