package ingest

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// Key stands for an id within its project and kind: 128 bits, so that two ids
// sharing one is not to be expected in the life of the service.
type Key [16]byte

// KeyOf returns the key of an id. It does not keep the strings.
func KeyOf(project, kind, id string) Key {
	var low, high xxhash.Digest
	low.ResetWithSeed(0)
	high.ResetWithSeed(0x9E3779B97F4A7C15)
	for _, part := range [...]string{project, "\x00", kind, "\x00", id} {
		_, _ = low.WriteString(part)
		_, _ = high.WriteString(part)
	}
	var key Key
	binary.LittleEndian.PutUint64(key[:8], low.Sum64())
	binary.LittleEndian.PutUint64(key[8:], high.Sum64())
	return key
}
