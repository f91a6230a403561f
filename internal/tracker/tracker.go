// Package tracker is the script that web pages load to be counted, before the
// way from POST to chart begins: it runs in browsers, and posts to the front
// door. tracker.js is its source; the minified ibarura.min.js is what is served
// and part of the binary.
package tracker

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

//go:embed ibarura.min.js
var script []byte

// Script is the script as one client gets it.
type Script struct {
	Encoding string // Content-Encoding; "" for none
	ETag     string // names these bytes
	Body     []byte // to be read only
}

// scripts are all there are, the smallest first.
var scripts = sync.OnceValue(func() []Script {
	return []Script{
		newScript("br", brotliOf(script)),
		newScript("gzip", gzipOf(script)),
		newScript("", script),
	}
})

// For returns the smallest script that a client takes which sends this
// Accept-Encoding.
func For(acceptEncoding string) Script {
	all := scripts()
	for _, s := range all {
		if s.Encoding != "" && accepts(acceptEncoding, s.Encoding) {
			return s
		}
	}
	return all[len(all)-1]
}

// accepts reports whether the encoding is named, and not with the weight 0.
func accepts(acceptEncoding, encoding string) bool {
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

func newScript(encoding string, body []byte) Script {
	sum := sha256.Sum256(body)
	return Script{Encoding: encoding, ETag: `"` + hex.EncodeToString(sum[:8]) + `"`, Body: body}
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
		panic(fmt.Sprintf("compress the tracker: %v", err))
	}
}
