package wire

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"

	"ibarura/internal/loadgen"
)

// Target is where requests of one kind go.
type Target struct {
	Address string   // host:port
	Path    string   // with the query
	Headers []string // "Name: value"
}

// Request is one request, made before anything is measured. It is used over and
// over, by one connection at a time; what differs each time is the first half
// of every id.
type Request struct {
	Rows int

	head, body []byte
	ids        []int // where in the body the ids begin
}

// New makes a request from a body and the positions of the ids in it, which
// loadgen has made. The body is kept.
func (t *Target) New(body []byte, ids []int) *Request {
	var head strings.Builder
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", t.Path, t.Address, len(body))
	for _, h := range t.Headers {
		head.WriteString(h + "\r\n")
	}
	head.WriteString("\r\n")
	return &Request{Rows: len(ids), head: []byte(head.String()), body: body, ids: ids}
}

// made numbers the requests of this process, from somewhere random.
var made = func() *atomic.Uint64 {
	var n atomic.Uint64
	n.Store(rand.Uint64() >> 1) //nolint:gosec // tells requests apart, no secret
	return &n
}()

// renew gives the items new ids, so that nobody takes them for a repetition.
func (r *Request) renew() {
	var room [loadgen.RunBytes]byte
	run := loadgen.AppendRun(room[:0], made.Add(1))
	for _, at := range r.ids {
		copy(r.body[at:], run)
	}
}
