package spool

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"go.uber.org/zap"
)

// seqBits is the number of bits that count rows below the spool's number.
const seqBits = 40

// Bounds of a spool's number. Below are the numbers that earlier versions gave
// to rows; above, a row's number would not stay below 2^63.
const (
	lowestNumber = 1 << 12
	numberBits   = 23
)

// invent makes up who the spool is.
func (s *Spool) invent() {
	var b [8]byte
	_, _ = rand.Read(s.id[:]) // never fails
	for s.number < lowestNumber {
		_, _ = rand.Read(b[:])
		s.number = binary.LittleEndian.Uint64(b[:]) >> (64 - numberBits)
	}
	s.seed = seedOf(s.id)
}

func seedOf(id [16]byte) uint32 { return crc32.Checksum(id[:], castagnoli) }

// identify takes who the spool is from the newest header that is whole. A
// segment of another spool is an error: somebody has mixed two folders.
func (s *Spool) identify(found []foundSegment) error {
	known := false
	for _, f := range slices.Backward(found) {
		switch {
		case !f.whole:
			s.log.Error("a segment of the spool has no whole header; its frames are read all the same", zap.String("file", f.path))
			s.metrics.corruptBytes.Add(headerBlock)
		case !known:
			s.id, s.number, known = f.header.id, f.header.number, true
		case f.header.id != s.id:
			return fmt.Errorf("%s belongs to another spool than the newest segment", f.path)
		}
	}
	if !known {
		return ErrNoHeader
	}
	s.seed = seedOf(s.id)
	return nil
}
