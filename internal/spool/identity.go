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

// identify takes who the spool is from the newest header that is whole.
func (s *Spool) identify(found []foundSegment) error {
	h, err := newestHeader(found)
	if err != nil {
		return err
	}
	s.id, s.number, s.seed = h.id, h.number, seedOf(h.id)
	for _, f := range found {
		if !f.whole {
			s.log.Error("a segment of the spool has no whole header; its frames are read all the same", zap.String("file", f.path))
			s.metrics.corruptBytes.Add(headerBlock)
		}
	}
	return nil
}

// newestHeader returns the newest header that is whole. A segment of another
// spool is an error: somebody has mixed two folders.
func newestHeader(found []foundSegment) (*header, error) {
	var newest *header
	for i := range slices.Backward(found) {
		f := &found[i]
		switch {
		case !f.whole:
		case newest == nil:
			newest = &f.header
		case f.header.id != newest.id:
			return nil, fmt.Errorf("%s belongs to another spool than the newest segment", f.path)
		}
	}
	if newest == nil {
		return nil, ErrNoHeader
	}
	return newest, nil
}
