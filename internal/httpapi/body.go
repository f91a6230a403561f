package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
)

// pacedBody gives a client a fresh deadline for every read, so that a body may
// last as long as it moves. Its errors are the client's, or its line's.
type pacedBody struct {
	io.Reader
	control *http.ResponseController
	idle    time.Duration
	rate    int64 // bytes a second that have to come, on the average of idle; 0: any

	waited time.Duration // for the bytes that came since the average was last looked at
	came   int64
}

func (s *Server) paced(c *gin.Context, rate int64) *pacedBody {
	return &pacedBody{Reader: c.Request.Body, control: http.NewResponseController(c.Writer), idle: s.config.BodyTimeout, rate: rate}
}

func (b *pacedBody) Read(p []byte) (int, error) {
	began := time.Now()
	_ = b.control.SetReadDeadline(began.Add(b.idle))
	n, err := b.Reader.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		return n, err
	case err == nil:
		return n, b.keepsUp(n, time.Since(began))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, problem(http.StatusRequestTimeout, "body_timeout", "nothing came of the body for %s", b.idle).because(err).hangUp()
	}
	return n, problem(http.StatusBadRequest, "body_incomplete", "the body ended before its end").because(err)
}

// keepsUp looks at the average each time that the client was waited for as
// long as one silence may last. Only waiting counts: a server that is busy
// itself does not make its client slow.
func (b *pacedBody) keepsUp(n int, took time.Duration) error {
	b.waited += took
	b.came += int64(n)
	if b.waited < b.idle {
		return nil
	}
	if float64(b.came) < float64(b.rate)*b.waited.Seconds() {
		return problem(http.StatusRequestTimeout, "body_too_slow", "less than %d bytes a second came of the body for %s", b.rate, b.idle).hangUp()
	}
	b.waited, b.came = 0, 0
	return nil
}

// boundBody gives a body its first deadline. It stands although nobody may
// ever read the body: before an answer is sent, the server reads what is left
// of it, and must not wait for ever.
func (s *Server) boundBody(c *gin.Context) {
	if c.Request.ContentLength != 0 {
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(s.config.BodyTimeout))
	}
	c.Next()
}

// bodyRead takes the deadline of a body back that was read to its end: what
// happens then, such as waiting for rows to be queryable, has bounds of its own,
// and the server would take a passed deadline for a client that went away.
func bodyRead(c *gin.Context) {
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
}

// readBody reads the whole decompressed body, up to the limit. The bytes are
// valid until done is called. A compressed body is first received and then
// decompressed, so that no slow client holds a decompressor.
func (s *Server) readBody(c *gin.Context) (body []byte, done func(), err error) {
	encoding, err := encodingOf(c)
	if err != nil {
		return nil, nil, err
	}
	received, err := s.read(c, s.paced(c, s.config.MinBodyRate))
	if err != nil {
		return nil, nil, err
	}
	bodyRead(c)
	if encoding == "" {
		return received.bytes, received.release, nil
	}
	defer received.release()
	plain, err := s.unpack(c, encoding, received.bytes)
	if err != nil {
		return nil, nil, err
	}
	return plain.bytes, plain.release, nil
}

func (s *Server) read(c *gin.Context, r io.Reader) (*grown, error) {
	body := &grown{memory: s.bodies}
	err := body.readFrom(c.Request.Context(), r, s.config.MaxBodyBytes)
	if err == nil && len(body.bytes) > s.config.MaxBodyBytes {
		err = problem(http.StatusRequestEntityTooLarge, "body_too_large",
			"the body is larger than %d bytes decompressed; send less at once, or NDJSON (application/x-ndjson), which has no limit on the whole", s.config.MaxBodyBytes)
	}
	if err != nil {
		body.release()
		return nil, err
	}
	return body, nil
}

// unpack decompresses a body that is all there. Few do so at once: it is work
// for a processor, and a window may be large.
func (s *Server) unpack(c *gin.Context, encoding string, packed []byte) (*grown, error) {
	if err := s.unpacking.Acquire(c.Request.Context(), 1); err != nil {
		return nil, err
	}
	defer s.unpacking.Release(1)
	r, end, err := decompress(encoding, bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	defer end()
	return s.read(c, r)
}
