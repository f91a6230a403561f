package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of one decompressor.
const maxWindow = 8 << 20

// pacedBody gives a client a fresh deadline for every read, so that a stream
// may last as long as it moves. Its errors are the client's, or its line's.
type pacedBody struct {
	io.Reader
	control *http.ResponseController
	idle    time.Duration
}

func (b *pacedBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(b.idle))
	n, err := b.Reader.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, problem(http.StatusRequestTimeout, "body_timeout", "nothing came of the body for %s", b.idle).because(err)
	}
	return n, problem(http.StatusBadRequest, "body_incomplete", "the body ended before its end").because(err)
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

// openBody returns the decompressed body and a function that ends its use.
func (s *Server) openBody(c *gin.Context) (io.Reader, func(), error) {
	raw := &pacedBody{Reader: c.Request.Body, control: http.NewResponseController(c.Writer), idle: s.config.BodyTimeout}
	switch encoding := strings.ToLower(strings.TrimSpace(c.GetHeader("Content-Encoding"))); encoding {
	case "", "identity":
		return raw, func() {}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, badEncoding(encoding, err)
		}
		return decoded{z, encoding}, func() { _ = z.Close() }, nil
	case "zstd":
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, badEncoding(encoding, err)
		}
		return decoded{z, encoding}, z.Close, nil
	case "deflate":
		z, err := openDeflate(raw)
		if err != nil {
			return nil, nil, badEncoding(encoding, err)
		}
		return decoded{z, encoding}, func() { _ = z.Close() }, nil
	case "br":
		return decoded{brotli.NewReader(raw), encoding}, func() {}, nil
	default:
		p := problem(http.StatusUnsupportedMediaType, "unsupported_encoding", "Content-Encoding %q is not known; gzip, zstd, deflate and br are", clip(encoding))
		p.Field = "Content-Encoding"
		return nil, nil, p
	}
}

// openDeflate reads what HTTP calls deflate, the zlib format, and what some
// clients send under that name, the bare one.
func openDeflate(raw io.Reader) (io.ReadCloser, error) {
	var head [2]byte
	n, err := io.ReadFull(raw, head[:])
	if err != nil {
		return nil, err
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), raw)
	if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		return zlib.NewReader(whole)
	}
	return flate.NewReader(whole), nil
}

// decoded names the encoding in the errors of its decompressor.
type decoded struct {
	io.Reader
	encoding string
}

func (d decoded) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = badEncoding(d.encoding, err)
	}
	return n, err
}

func badEncoding(encoding string, err error) error {
	var line *Problem
	if errors.As(err, &line) {
		return line // the connection's fault, not the encoding's
	}
	p := problem(http.StatusBadRequest, "invalid_encoding", "the body is not valid %s", encoding)
	p.Field = "Content-Encoding"
	return p.because(err)
}

// clip keeps a stranger's text short in messages.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptBody is the largest buffer that goes back into the pool.
const keptBody = 1 << 20

// readBody reads the whole decompressed body, up to the limit. The bytes are
// valid until done is called.
func (s *Server) readBody(c *gin.Context) (body []byte, done func(), err error) {
	r, end, err := s.openBody(c)
	if err != nil {
		return nil, nil, err
	}
	defer end()
	b := bodies.Get().(*bytes.Buffer)
	done = func() {
		if b.Cap() <= keptBody {
			b.Reset()
			bodies.Put(b)
		}
	}
	limit := int64(s.config.MaxBodyBytes)
	if _, err = b.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		done()
		return nil, nil, err
	}
	if int64(b.Len()) > limit {
		done()
		return nil, nil, problem(http.StatusRequestEntityTooLarge, "body_too_large",
			"the body is larger than %d bytes decompressed; send less at once, or NDJSON (application/x-ndjson), which has no limit on the whole", limit)
	}
	bodyRead(c)
	return b.Bytes(), done, nil
}
