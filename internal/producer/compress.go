package producer

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how bodies are sent.
type Compression string

// The compressions. CompressAuto is none to this machine, where it would only
// cost CPU on both sides, and zstd to any other.
const (
	CompressAuto Compression = "auto"
	CompressNone Compression = "none"
	CompressGzip Compression = "gzip"
	CompressZstd Compression = "zstd"
)

// at returns what c is for a server at base.
func (c Compression) at(base *url.URL) Compression {
	if c != CompressAuto && c != "" {
		return c
	}
	if isLoopback(base.Hostname()) {
		return CompressNone
	}
	return CompressZstd
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// encoder compresses bodies. It is safe for concurrent use.
type encoder struct {
	name string // Content-Encoding; empty: as they are
	run  func(dst *bytes.Buffer, body []byte)
	pool *sync.Pool // of *bytes.Buffer
}

func newEncoder(c Compression, connections int) (encoder, error) {
	e := encoder{pool: &sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	switch c {
	case CompressNone:
	case CompressGzip:
		e.name, e.run = "gzip", gzipper()
	case CompressZstd:
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(connections))
		if err != nil {
			return encoder{}, fmt.Errorf("zstd: %w", err)
		}
		e.name = "zstd"
		e.run = func(dst *bytes.Buffer, body []byte) {
			out := z.EncodeAll(body, dst.AvailableBuffer())
			_, _ = dst.Write(out) // a Buffer's Write never fails
		}
	default:
		return encoder{}, fmt.Errorf("compression %q is not auto, none, gzip or zstd", c)
	}
	return e, nil
}

func gzipper() func(dst *bytes.Buffer, body []byte) {
	writers := sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for unknown levels only
		return w
	}}
	return func(dst *bytes.Buffer, body []byte) {
		w := writers.Get().(*gzip.Writer)
		defer writers.Put(w)
		w.Reset(dst)
		_, _ = w.Write(body) // writing to a Buffer never fails
		_ = w.Close()
	}
}

// encode returns the bytes to send, which are good until release is called.
func (e *encoder) encode(body []byte) (sent []byte, release func()) {
	if e.run == nil {
		return body, func() {}
	}
	b := e.pool.Get().(*bytes.Buffer)
	b.Reset()
	e.run(b, body)
	return b.Bytes(), func() { e.pool.Put(b) }
}
