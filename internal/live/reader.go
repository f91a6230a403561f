package live

import (
	"context"
	"sync"

	"github.com/coder/websocket"
)

// End is why a reader gets nothing more.
type End struct {
	Reason string
	code   websocket.StatusCode
}

func (e *End) Error() string { return "the live stream ended: " + e.Reason }

// The reasons.
var (
	EndSlow     = &End{"too_slow", websocket.StatusTryAgainLater}
	EndAccess   = &End{"access_ended", websocket.StatusPolicyViolation}
	EndStopping = &End{"stopping", websocket.StatusGoingAway}

	endTalk = &End{"nothing_is_expected", websocket.StatusPolicyViolation}
)

// queued is how many messages wait for a reader at most: several seconds' worth.
const queued = 16

// Reader is one stream of messages. Close ends its use.
type Reader struct {
	hub        *Hub
	topic      *topic
	key        string
	credential string
	backlog    []*Message // what it had missed; of the goroutine that calls Next
	messages   chan *Message

	once  sync.Once
	ended chan struct{}
	why   *End // valid once ended is closed
}

// Next waits for the next message. Its error is an *End, or that of ctx.
func (r *Reader) Next(ctx context.Context) (*Message, error) {
	select {
	case <-r.ended:
		return nil, r.why
	default:
	}
	if len(r.backlog) > 0 {
		m := r.backlog[0]
		r.backlog = r.backlog[1:]
		return m, nil
	}
	select {
	case m := <-r.messages:
		return m, nil
	case <-r.ended:
		return nil, r.why
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close makes room for another reader. It may be called once.
func (r *Reader) Close() { r.hub.leave(r) }

// send hands a message over and reports whether the reader keeps up.
func (r *Reader) send(m *Message) bool {
	select {
	case r.messages <- m:
		return true
	default:
		return false
	}
}

func (r *Reader) end(why *End) (first bool) {
	r.once.Do(func() {
		r.why, first = why, true
		close(r.ended)
	})
	return first
}
