package embedded

import (
	"context"
	"fmt"
	"io"
	"time"
)

// stallReader cancels a request whose body has brought nothing for a while: a
// connection that died silently would otherwise be waited for for ever.
type stallReader struct {
	body  io.Reader
	limit time.Duration
	timer *time.Timer
}

func newStallReader(body io.Reader, limit time.Duration, cancel context.CancelCauseFunc) *stallReader {
	stalled := func() { cancel(fmt.Errorf("nothing arrived for %s", limit)) }
	return &stallReader{body: body, limit: limit, timer: time.AfterFunc(limit, stalled)}
}

// Read reads from the body and gives it a fresh limit.
func (r *stallReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.timer.Reset(r.limit)
	return n, err
}

func (r *stallReader) stop() { r.timer.Stop() }
