package access

import (
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"strings"
	"time"
)

// Key is what is known of a key once it has been given out: everything but the
// key itself.
type Key struct {
	ID        string // public, for listing, revoking and logs
	Project   string
	Scope     Scope
	Label     string // what the operator calls it
	CreatedAt time.Time
	RevokedAt time.Time // zero while the key is good
}

// Revoked reports whether the key has been revoked.
func (k *Key) Revoked() bool { return !k.RevokedAt.IsZero() }

const (
	secretBytes  = 32
	secretDigits = 43 // 62^43 > 2^256
	idBytes      = 8
	idDigits     = 11 // 62^11 > 2^64

	minGivenKey = 16
	maxKeyBytes = 200
	maxLabel    = 200
)

// keyHash is what is stored of a key.
//
// It is a plain SHA-256, without salt or stretching. Those protect secrets that
// can be guessed, by making each guess dear; a generated key has 256 random
// bits, of which no guess will ever hit one. Plain, it can be looked up, and
// costs a request less than a microsecond in place of a tenth of a second. A
// key that the operator gives is as strong as he makes it; the rules of
// CheckGivenKey are the least.
type keyHash = [sha256.Size]byte

func hashKey(key string) keyHash { return sha256.Sum256([]byte(key)) }

// newKey returns a key: a prefix that says its scope to people and to secret
// scanners, and 256 random bits.
func newKey(scope Scope) string {
	prefixes := map[Scope]string{Write: "ibw_", Read: "ibr_", Admin: "iba_"}
	return prefixes[scope] + randomText(secretBytes, secretDigits)
}

// newKeyID returns a random id. It is not derived from the key, so that it
// tells nothing of a weak one.
func newKeyID() string { return randomText(idBytes, idDigits) }

// randomText returns n random bytes as a number of that many base-62 digits.
func randomText(n, digits int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random) // never fails: the program crashes if the system has no randomness
	text := new(big.Int).SetBytes(random).Text(62)
	return strings.Repeat("0", digits-len(text)) + text
}

// CheckGivenKey returns an ErrInvalid that says the rule, and nothing of the
// key, if a key that the operator chose breaks it: 16 to 200 printable ASCII
// characters without spaces, and no colon, at which Basic authentication would
// cut it.
func CheckGivenKey(key string) error {
	if len(key) < minGivenKey || len(key) > maxKeyBytes {
		return invalid("a key has to have %d to %d characters", minGivenKey, maxKeyBytes)
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' || c == ':' {
			return invalid("a key has to be printable ASCII without spaces and colons")
		}
	}
	return nil
}

// CheckLabel returns an ErrInvalid that says the rule if a label breaks it.
func CheckLabel(label string) error {
	if len(label) > maxLabel || strings.ContainsFunc(label, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\uFFFD' }) {
		return invalid("a label has to be text of at most %d bytes on one line", maxLabel)
	}
	return nil
}
