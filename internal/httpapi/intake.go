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
		err := in.lines(body, s.ingest.Limits(), sink)
		if err == nil {
			bodyRead(c)
		}
		return err
	})
}
