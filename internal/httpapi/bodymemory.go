package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
)

// memoryWait is how long a body waits for memory that others hold: a moment's
// wait costs a producer less than coming back.
const memoryWait = time.Second

// bodyMemory is the common bound on what bodies under way hold in memory.
// Memory is taken in steps, as a body arrives, so that a client who sends
// slowly holds no more than a small multiple of what it has sent. It is safe
// for concurrent use.
type bodyMemory struct {
	room    *semaphore.Weighted
	held    atomic.Int64
	refused prometheus.Counter
}

func newBodyMemory(size int64, refused prometheus.Counter) *bodyMemory {
	return &bodyMemory{room: semaphore.NewWeighted(size), refused: refused}
}

// take reserves n bytes. If they are not there in memoryWait the answer is 503.
func (m *bodyMemory) take(ctx context.Context, n int64) error {
	if !m.room.TryAcquire(n) {
		waiting, cancel := context.WithTimeout(ctx, memoryWait)
		defer cancel()
		if err := m.room.Acquire(waiting, n); err != nil {
			return m.refuse(ctx)
		}
	}
	m.held.Add(n)
	return nil
}

func (m *bodyMemory) refuse(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.refused.Inc()
	return problem(http.StatusServiceUnavailable, "overloaded",
		"more request bodies are under way than there is memory for; send the same items again, with their ids").retryAfter(2).hangUp()
}

func (m *bodyMemory) give(n int64) {
	m.held.Add(-n)
	m.room.Release(n)
}

// steps are the sizes that a body grows through in memory that is used again;
// a larger body grows by doubling and leaves its memory to the collector.
var steps = [...]int{4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}

var pools [len(steps)]sync.Pool // of *[]byte

// grown is a body in memory, as far as it has come.
type grown struct {
	memory *bodyMemory
	bytes  []byte
	held   int
}

// readFrom reads r to its end, or limit bytes and one more.
func (g *grown) readFrom(ctx context.Context, r io.Reader, limit int) error {
	for {
		if len(g.bytes) == cap(g.bytes) {
			if err := g.grow(ctx, limit); err != nil {
				return err
			}
		}
		n, err := r.Read(g.bytes[len(g.bytes):cap(g.bytes)])
		g.bytes = g.bytes[:len(g.bytes)+n]
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(g.bytes) > limit:
			return nil
		}
	}
}

// grow moves the body into more memory, up to what limit allows and one byte.
func (g *grown) grow(ctx context.Context, limit int) error {
	size := min(nextStep(cap(g.bytes)), limit+1)
	if err := g.memory.take(ctx, int64(size)); err != nil {
		return err
	}
	larger := takeBytes(size)
	larger = append(larger, g.bytes...)
	g.release()
	g.bytes, g.held = larger, size
	return nil
}

func nextStep(size int) int {
	for _, step := range steps {
		if step > size {
			return step
		}
	}
	return 2 * size
}

// release gives the memory back; nobody may look at the bytes afterwards.
func (g *grown) release() {
	if g.held == 0 {
		return
	}
	for i, step := range steps {
		if cap(g.bytes) == step {
			room := g.bytes[:0]
			pools[i].Put(&room)
		}
	}
	g.memory.give(int64(g.held))
	g.bytes, g.held = nil, 0
}

func takeBytes(size int) []byte {
	for i, step := range steps {
		if size == step {
			if room, there := pools[i].Get().(*[]byte); there {
				return *room
			}
		}
	}
	return make([]byte, 0, size)
}
