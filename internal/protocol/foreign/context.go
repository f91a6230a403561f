package foreign

import (
	"ibarura/internal/event"
	"ibarura/internal/protocol"
)

// Context is what a decoder knows beside the body.
type Context struct {
	Limits *event.Limits
	Now    event.Millis // when the request arrived
	// UserAgent is the browser that sent the request, "" if it was none. An item
	// that names the same one is described by the request, address included.
	UserAgent string
}

// maxSkew is how far a client's clock may be from ours before it is corrected.
// A smaller difference is the time that the request took as well as it is a
// wrong clock, and times that a producer chose stay as they were sent.
const maxSkew event.Millis = 30_000

// Corrected returns at, a moment on the client's clock, on ours: the clock said
// sent when the request left. Absent times (0) are left as they are.
func (c Context) Corrected(at, sent event.Millis) event.Millis {
	skew := sent - c.Now
	if at == 0 || sent == 0 || (skew <= maxSkew && skew >= -maxSkew) {
		return at
	}
	return at - skew
}

// ContentIDs makes ids for items that bring none, of their bytes: a client that
// sends the same items again sends the same bytes. Equal items of one body are
// told apart by their order. The zero ContentIDs is ready.
type ContentIDs struct{ seen map[string]int }

// Of returns the id of an item. Its bytes have to hold a time, or two items
// that only look alike would be one.
func (c *ContentIDs) Of(item []byte) string {
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	first := protocol.LineID(item, 0)
	occurrence := c.seen[first]
	c.seen[first]++
	if occurrence == 0 {
		return first
	}
	return protocol.LineID(item, occurrence)
}
