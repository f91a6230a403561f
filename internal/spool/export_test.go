package spool

import "encoding/binary"

// AsVersion changes the version in a header, sum included.
func AsVersion(header []byte, version uint32) {
	binary.LittleEndian.PutUint32(header[8:], version)
	binary.LittleEndian.PutUint32(header[12:], headerSum(header))
}

// AsOther changes the id in a header, sum included.
func AsOther(header []byte) {
	header[16] ^= 1
	binary.LittleEndian.PutUint32(header[12:], headerSum(header))
}
