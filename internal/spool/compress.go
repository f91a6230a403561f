package spool

import (
	"fmt"

	"github.com/klauspost/compress/s2"
)

// Compression is how payloads are stored. It is noted in each frame, so that it
// may change at any start.
type Compression uint8

const (
	// None stores payloads as they are.
	None Compression = iota
	// S2 packs payloads with S2, the faster relative of Snappy, where that saves
	// an eighth. docs/spool.md has what it costs and saves.
	S2
)

// ParseCompression reads a compression as the configuration writes it: none or s2.
func ParseCompression(text string) (Compression, error) {
	for _, c := range []Compression{None, S2} {
		if text == c.String() {
			return c, nil
		}
	}
	return 0, fmt.Errorf("spool: %q is not one of none, s2", text)
}

// String writes the compression as the configuration does.
func (c Compression) String() string {
	switch c {
	case None:
		return "none"
	case S2:
		return "s2"
	default:
		return "unknown"
	}
}

// minCompressed is the size below which packing is not tried.
const minCompressed = 512

func (c Compression) known() bool { return c <= S2 }

// pack appends the packed payload to dst, and reports false if packing does not
// pay; then dst is to be forgotten.
func (c Compression) pack(dst, data []byte) ([]byte, bool) {
	if c == None || len(data) < minCompressed {
		return dst, false
	}
	most := s2.MaxEncodedLen(len(data))
	if cap(dst)-len(dst) < most {
		dst = append(make([]byte, 0, 2*(len(dst)+most)), dst...)
	}
	packed := s2.Encode(dst[len(dst):len(dst)+most], data)
	if len(packed) > len(data)-len(data)/8 {
		return dst, false
	}
	return dst[:len(dst)+len(packed)], true
}

// payload returns the payload of a frame; it lies in stored or in dst.
func (f *frame) payload(dst, stored []byte) ([]byte, error) {
	switch f.codec {
	case None:
		if f.raw != f.stored {
			return nil, fmt.Errorf("a payload of %d bytes stands as one of %d", f.stored, f.raw)
		}
		return stored, nil
	case S2:
		if n, err := s2.DecodedLen(stored); err != nil || n != int(f.raw) {
			return nil, fmt.Errorf("a packed payload does not have the length of %d that stands in its frame", f.raw)
		}
		return s2.Decode(dst, stored)
	default:
		return nil, fmt.Errorf("unknown compression %d", f.codec)
	}
}
