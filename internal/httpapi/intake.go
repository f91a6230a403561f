package httpapi

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gin-gonic/gin"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
)

// intakeOf joins a kind of item's way in with its two decoders; S is the sink
// that they share.
type intakeOf[S any] struct {
	take  func(ctx context.Context, req ingest.Request, decode func(S) error) (ingest.Result, error)
	whole func(body []byte, lim *event.Limits, sink S) error
	lines func(r io.Reader, lim *event.Limits, sink S) error
}

// run reads a stream line by line, anything else as a whole.
func (in intakeOf[S]) run(s *Server, c *gin.Context, req ingest.Request) (ingest.Result, error) {
	if isLines(c) {
		return in.stream(s, c, req)
	}
	if err := s.ingest.AwaitRoom(c.Request.Context()); err != nil { // before the body takes memory
		return ingest.Result{}, err
	}
	body, done, err := s.readBody(c)
	if err != nil {
		return ingest.Result{}, err
	}
	defer done()
	return in.take(c.Request.Context(), req, func(sink S) error {
		return in.whole(body, s.ingest.Limits(), sink)
	})
}

func (in intakeOf[S]) stream(s *Server, c *gin.Context, req ingest.Request) (ingest.Result, error) {
	body, end, err := s.openStream(c)
	if err != nil {
		return ingest.Result{}, err
	}
	defer end()
	return in.take(c.Request.Context(), req, func(sink S) error {
		err := in.lines(&idleReader{Reader: body, sink: sink}, s.ingest.Limits(), sink)
		if err == nil {
			bodyRead(c)
		}
		return err
	})
}

// idler is a sink that can bring in what it holds while nothing more comes.
type idler interface{ Idle() error }

// idleAfter is how long a stream may be silent before what it has brought is
// written down.
const idleAfter = 20 * time.Millisecond

// idleReader tells the sink when a stream is silent for a moment. The sink is
// then used by another goroutine, while its own waits in Read.
type idleReader struct {
	io.Reader
	sink any
}

func (r *idleReader) Read(p []byte) (int, error) {
	sink, ok := r.sink.(idler)
	if !ok {
		return r.Reader.Read(p)
	}
	var failed error
	done := make(chan struct{})
	timer := time.AfterFunc(idleAfter, func() {
		defer close(done)
		defer func() { // outside of the request's own goroutine nobody else would catch it
			if v := recover(); v != nil {
				failed = fmt.Errorf("panic of type %T", v)
			}
		}()
		failed = sink.Idle()
	})
	n, err := r.Reader.Read(p)
	if !timer.Stop() {
		<-done
		if failed != nil {
			return 0, failed
		}
	}
	return n, err
}
