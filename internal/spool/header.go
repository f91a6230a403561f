package spool

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// A segment begins with a block of its own that holds the header twice, in
// different sectors, so that one bad sector does not take it.
const (
	headerBlock  = 4096
	headerCopy   = 2048 // where the second copy is
	headerSize   = 128
	headerMagic  = "IBSPOOL\n"
	FormatNumber = 1 // version of the format that this program writes
)

// header describes a segment.
type header struct {
	id       [16]byte // of the spool
	number   uint64   // of the spool: upper bits of the first seq
	first    LSN      // of the segment
	seq      uint64   // of the first row in it
	previous LSN      // first position of the segment before
	end      LSN      // where the segment before ended
	created  time.Time
	capacity int64 // bytes reserved for frames
}

// block returns the header as it stands at the beginning of the file.
func (h *header) block() []byte {
	b := make([]byte, headerBlock)
	le := binary.LittleEndian
	copy(b, headerMagic)
	le.PutUint32(b[8:], FormatNumber)
	copy(b[16:], h.id[:])
	le.PutUint64(b[32:], h.number)
	le.PutUint64(b[40:], uint64(h.first))
	le.PutUint64(b[48:], h.seq)
	le.PutUint64(b[56:], uint64(h.previous))
	le.PutUint64(b[64:], uint64(h.end))
	le.PutUint64(b[72:], uint64(h.created.UnixMilli()))
	le.PutUint64(b[80:], uint64(h.capacity))
	le.PutUint32(b[12:], headerSum(b))
	copy(b[headerCopy:], b[:headerSize])
	return b
}

// headerSum is the checksum of a header, its own place taken as zero.
func headerSum(b []byte) uint32 {
	sum := crc32.Checksum(b[:12], castagnoli)
	sum = crc32.Update(sum, castagnoli, []byte{0, 0, 0, 0})
	return crc32.Update(sum, castagnoli, b[16:headerSize])
}

// parseHeader reads either copy. It reports false if neither is whole, and
// ErrVersion for one that is whole and newer; what every version shares is the
// magic, the version and the checksum.
func parseHeader(block []byte) (header, bool, error) {
	for _, at := range []int{0, headerCopy} {
		if len(block) < at+headerSize {
			break
		}
		b := block[at : at+headerSize]
		le := binary.LittleEndian
		if string(b[:8]) != headerMagic || le.Uint32(b[12:]) != headerSum(b) {
			continue
		}
		if v := le.Uint32(b[8:]); v != FormatNumber {
			return header{}, false, fmt.Errorf("%w: format %d, and this program reads %d", ErrVersion, v, FormatNumber)
		}
		return unpackHeader(b), true, nil
	}
	return header{}, false, nil
}

func unpackHeader(b []byte) header {
	le := binary.LittleEndian
	return header{
		id:       [16]byte(b[16:32]),
		number:   le.Uint64(b[32:]),
		first:    LSN(le.Uint64(b[40:])),
		seq:      le.Uint64(b[48:]),
		previous: LSN(le.Uint64(b[56:])),
		end:      LSN(le.Uint64(b[64:])),
		created:  time.UnixMilli(int64(le.Uint64(b[72:]))),
		capacity: int64(le.Uint64(b[80:])),
	}
}
