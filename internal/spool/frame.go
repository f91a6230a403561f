package spool

import (
	"encoding/binary"
	"hash/crc32"
)

// Sizes and marks of a frame; see docs/spool.md for the layout.
const (
	frameSize  = 64         // of a frame's header
	frameMagic = 0x4d524649 // "IFRM"
	frameAlign = 8
)

// Kinds of frames.
const (
	recordFrame = 1
	commitFrame = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is the header of a frame. A commit frame has no payload: its rows are
// the number of records of the group, and its seq is the next free one.
type frame struct {
	kind   uint8
	codec  Compression
	table  uint8
	month  int32
	rows   uint32
	crc    uint32 // of the stored payload
	stored uint32 // bytes of the payload as it is on disk
	raw    uint32 // bytes of the payload as the caller gave it
	at     LSN
	seq    uint64
	millis int64 // when it was written, Unix time
	group  LSN   // where its group begins
}

// put writes the header into b, which holds at least frameSize bytes.
// The seed is the spool's own: a frame that a client smuggles into a payload
// does not pass as one of ours.
func (f *frame) put(b []byte, seed uint32) {
	le := binary.LittleEndian
	le.PutUint32(b, frameMagic)
	b[8], b[9], b[10], b[11] = f.kind, byte(f.codec), f.table, 0
	le.PutUint32(b[12:], uint32(f.month))
	le.PutUint32(b[16:], f.rows)
	le.PutUint32(b[20:], f.crc)
	le.PutUint32(b[24:], f.stored)
	le.PutUint32(b[28:], f.raw)
	le.PutUint64(b[32:], uint64(f.at))
	le.PutUint64(b[40:], f.seq)
	le.PutUint64(b[48:], uint64(f.millis))
	le.PutUint64(b[56:], uint64(f.group))
	le.PutUint32(b[4:], crc32.Update(seed, castagnoli, b[8:frameSize]))
}

// unpack reads the fields of a header without checking them.
func unpack(b []byte) frame {
	le := binary.LittleEndian
	return frame{
		kind: b[8], codec: Compression(b[9]), table: b[10],
		month:  int32(le.Uint32(b[12:])),
		rows:   le.Uint32(b[16:]),
		crc:    le.Uint32(b[20:]),
		stored: le.Uint32(b[24:]),
		raw:    le.Uint32(b[28:]),
		at:     LSN(le.Uint64(b[32:])),
		seq:    le.Uint64(b[40:]),
		millis: int64(le.Uint64(b[48:])),
		group:  LSN(le.Uint64(b[56:])),
	}
}

// parse reads the header at the beginning of b, which stands at the position
// at. It reports false for anything that is not a frame of this spool at this
// place.
func parse(b []byte, at LSN, seed uint32) (frame, bool) {
	le := binary.LittleEndian
	if len(b) < frameSize || le.Uint32(b) != frameMagic ||
		le.Uint32(b[4:]) != crc32.Update(seed, castagnoli, b[8:frameSize]) {
		return frame{}, false
	}
	f := unpack(b)
	return f, f.at == at && f.group <= at && f.sound()
}

func (f *frame) sound() bool {
	switch f.kind {
	case recordFrame:
		return f.rows > 0 && f.stored > 0 && f.raw > 0
	case commitFrame:
		return f.stored == 0
	default:
		return false
	}
}

// end is where the next frame begins.
func (f *frame) end() LSN { return f.at + LSN(frameSize+aligned(int(f.stored))) }

func aligned(n int) int { return (n + frameAlign - 1) &^ (frameAlign - 1) }
