package rowblock

import (
	"encoding/binary"
	"errors"

	"github.com/ClickHouse/ch-go/proto"
)

// column is one column of a block. Appending is each type's own affair; the
// rest is done for all columns of a block alike.
type column interface {
	proto.ColInput
	// encode appends the column's chunk.
	encode(to []byte) []byte
	// merge appends the rows of a chunk that encode has written and returns
	// what follows it. After an error the column is of no use until reset.
	merge(from []byte, rows int) ([]byte, error)
	// keep drops the rows for which it says false.
	keep(which []bool)
	// size is about what the rows take in memory, in bytes.
	size() int
	reset()
}

// errMalformed says that bytes are not a chunk: they were not written by encode.
var errMalformed = errors.New("rowblock: malformed chunk")

// What the first byte of a column's chunk says.
const (
	allZero = 0 // every value is zero or empty; nothing follows
	plain   = 1
)

// head reads the first byte of a column's chunk.
func head(from []byte) (zero bool, rest []byte, err error) {
	if len(from) == 0 || from[0] > plain {
		return false, nil, errMalformed
	}
	return from[0] == allZero, from[1:], nil
}

// cut reads a length of at most limit and so many bytes.
func cut(from []byte) (bytes, rest []byte, err error) {
	n, read := binary.Uvarint(from)
	if read <= 0 || n > uint64(len(from)-read) {
		return nil, nil, errMalformed
	}
	return from[read : read+int(n)], from[read+int(n):], nil
}

// isZero reports whether all bytes are zero.
func isZero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// grow appends n zero bytes.
func grow(to []byte, n int) []byte {
	start := len(to)
	if cap(to)-start < n {
		to = append(to, make([]byte, n)...)
		return to
	}
	to = to[:start+n]
	clear(to[start:])
	return to
}
