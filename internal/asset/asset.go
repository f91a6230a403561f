// Package asset holds what is served to browsers as it is: the tracker's script
// and the files of the dashboard, at the two ends of the way from POST to chart.
// Each is packed once, as small as it gets, and named by its content.
package asset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// Asset is a file that does not change while the process runs. It is safe for
// concurrent use.
type Asset struct {
	// packed are all forms there are, the smallest first. They are made when
	// somebody asks: the best compression takes a moment.
	packed func() []Packed
}

// Packed is an asset as one client gets it.
type Packed struct {
	Encoding string // Content-Encoding; "" for none
	ETag     string // names these bytes
	Body     []byte // to be read only
}

// New returns the asset of these bytes, which must not change.
func New(plain []byte) *Asset {
	return &Asset{sync.OnceValue(func() []Packed {
		return []Packed{
			pack("br", brotliOf(plain)),
			pack("gzip", gzipOf(plain)),
			pack("", plain),
		}
	})}
}

// For returns the smallest form that a client takes which sends this
// Accept-Encoding.
func (a *Asset) For(acceptEncoding string) Packed {
	all := a.packed()
	for _, p := range all {
		if p.Encoding != "" && Accepts(acceptEncoding, p.Encoding) {
			return p
		}
	}
	return all[len(all)-1]
}

// Accepts reports whether an Accept-Encoding names an encoding, and not with the
// weight 0.
func Accepts(acceptEncoding, encoding string) bool {
	for part := range strings.SplitSeq(acceptEncoding, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		weight, given := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !given || err != nil || q > 0
	}
	return false
}

func pack(encoding string, body []byte) Packed {
	sum := sha256.Sum256(body)
	return Packed{Encoding: encoding, ETag: `"` + hex.EncodeToString(sum[:8]) + `"`, Body: body}
}

func brotliOf(plain []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	mustWrite(w.Write(plain))
	mustWrite(0, w.Close())
	return b.Bytes()
}

func gzipOf(plain []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	mustWrite(0, err)
	mustWrite(w.Write(plain))
	mustWrite(0, w.Close())
	return b.Bytes()
}

// mustWrite takes what writing to memory returns, which does not fail.
func mustWrite(_ int, err error) {
	if err != nil {
		panic(fmt.Sprintf("compress an asset: %v", err))
	}
}
