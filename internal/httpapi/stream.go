package httpapi

import (
	"bytes"
	"context"
	"io"

	"github.com/gin-gonic/gin"

	"ibarura/internal/protocol"
)

// openStream returns the decompressed body of a stream of lines and a function
// that ends its use. What a stream holds in memory counts: its decompressor's
// window, and the buffers of its lines.
func (s *Server) openStream(c *gin.Context) (io.Reader, func(), error) {
	encoding, err := encodingOf(c)
	if err != nil {
		return nil, nil, err
	}
	var raw io.Reader = s.paced(c, 0) // a live stream may be as slow as what it tells of
	end := func() {}
	if encoding != "" {
		if raw, end, err = s.decompressStream(c, encoding, raw); err != nil {
			return nil, nil, err
		}
	}
	lines := &streamed{Reader: raw, ctx: c.Request.Context(), memory: s.bodies, limit: s.ingest.Limits().MaxItemBytes}
	return lines, func() { lines.release(); end() }, nil
}

func (s *Server) decompressStream(c *gin.Context, encoding string, raw io.Reader) (io.Reader, func(), error) {
	if err := s.windows.take(c.Request.Context(), windows[encoding]); err != nil {
		return nil, nil, err
	}
	z, end, err := decompress(encoding, raw)
	if err != nil {
		s.windows.give(windows[encoding])
		return nil, nil, err
	}
	return z, func() { end(); s.windows.give(windows[encoding]) }, nil
}

// streamed accounts for what a decoder of lines keeps of a stream: its buffer,
// and a line that has not ended.
type streamed struct {
	io.Reader
	ctx    context.Context
	memory *bodyMemory
	limit  int // of a line

	passed     int64 // bytes, all in all
	unfinished int   // bytes of the last line
	held       int64
}

func (l *streamed) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	l.passed += int64(n)
	if end := bytes.LastIndexByte(p[:n], '\n'); end >= 0 {
		l.unfinished = n - end - 1
	} else {
		l.unfinished += n
	}
	if failed := l.hold(protocol.LineMemory(l.passed, l.unfinished, l.limit)); failed != nil {
		return n, failed
	}
	return n, err
}

func (l *streamed) hold(want int64) error {
	switch {
	case want > l.held:
		if err := l.memory.take(l.ctx, want-l.held); err != nil {
			return err
		}
	case want < l.held:
		l.memory.give(l.held - want)
	}
	l.held = want
	return nil
}

func (l *streamed) release() { _ = l.hold(0) }
