package ingest

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// Key stands for an id within its project and kind: 128 bits, so that two ids
// sharing one is not to be expected in the life of the service.
type Key [16]byte

// KeyOf returns the key of an id: two hashes of the same text behind two
// different bytes. It does not keep the strings; within the usual limits the
// text is put together on the stack.
func KeyOf(project, kind, id string) Key {
	var room [256]byte
	text := append(room[:0], 0)
	text = append(append(text, project...), 0)
	text = append(append(text, kind...), 0)
	text = append(text, id...)
	var key Key
	binary.LittleEndian.PutUint64(key[:8], xxhash.Sum64(text))
	text[0] = 0x9E
	binary.LittleEndian.PutUint64(key[8:], xxhash.Sum64(text))
	return key
}
