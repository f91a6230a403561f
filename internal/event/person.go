package event

import "github.com/cespare/xxhash/v2"

// PersonOf returns the 64-bit key under which an identity is counted:
// xxHash64 (seed 0) of "u:" and the user id, or, without a user id, of "a:"
// and the anonymous id. The prefixes keep a user and a visitor of the same
// name apart. 0 is nobody; an identity that hashes to 0 becomes 1.
//
// The value is stored, so this function must never change.
func PersonOf(id Identity) uint64 {
	switch {
	case id.UserID != "":
		return personHash("u:", id.UserID)
	case id.AnonymousID != "":
		return personHash("a:", id.AnonymousID)
	default:
		return 0
	}
}

// personHash joins prefix and id on the stack: ids as long as the default
// limit cost no allocation.
func personHash(prefix, id string) uint64 {
	var room [2 + 256]byte
	joined := append(append(room[:0], prefix...), id...)
	return max(xxhash.Sum64(joined), 1)
}
