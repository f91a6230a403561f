package httpapi

import (
	"context"
	"io"

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

// idleReader tells the sink when a stream has nothing more for now: when a read
// brought less than there was room for, the next one may wait for long.
type idleReader struct {
	io.Reader
	sink  any
	short bool
}

func (r *idleReader) Read(p []byte) (int, error) {
	if r.short {
		if sink, ok := r.sink.(idler); ok {
			if err := sink.Idle(); err != nil {
				return 0, err
			}
		}
	}
	n, err := r.Reader.Read(p)
	r.short = n < len(p)
	return n, err
}
