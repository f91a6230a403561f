package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of one zstd decompressor.
const maxWindow = 8 << 20

// windows are the bytes that a decompressor may hold, by encoding. Whoever
// sends a stream chooses its window in its first bytes, so that the largest one
// counts.
var windows = map[string]int64{
	"gzip": 64 << 10, "deflate": 64 << 10, "zstd": maxWindow + 1<<20, "br": 17 << 20,
}

// encodingOf returns the body's Content-Encoding, "" for none.
func encodingOf(c *gin.Context) (string, error) {
	encoding := strings.ToLower(strings.TrimSpace(c.GetHeader("Content-Encoding")))
	switch encoding {
	case "", "identity":
		return "", nil
	case "x-gzip":
		return "gzip", nil
	}
	if _, known := windows[encoding]; known {
		return encoding, nil
	}
	p := problem(http.StatusUnsupportedMediaType, "unsupported_encoding", "Content-Encoding %q is not known; gzip, zstd, deflate and br are", clip(encoding))
	p.Field = "Content-Encoding"
	return "", p
}

// decompress returns what raw decompresses to and a function that ends its use.
func decompress(encoding string, raw io.Reader) (io.Reader, func(), error) {
	z, end, err := openDecoder(encoding, raw)
	if err != nil {
		return nil, nil, badEncoding(encoding, err)
	}
	return decoded{z, encoding}, end, nil
}

func openDecoder(encoding string, raw io.Reader) (io.Reader, func(), error) {
	switch encoding {
	case "gzip":
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { _ = z.Close() }, nil
	case "zstd":
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case "deflate":
		z, err := openDeflate(raw)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { _ = z.Close() }, nil
	default:
		return brotli.NewReader(raw), func() {}, nil
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
