package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Sessions lets a browser present a key once instead of each time. What it
// keeps instead is a token: the key's id, which is no secret, and when it ends,
// signed. The key cannot be had from it, and nothing is stored here.
//
// A token is good for as long as its key is: every request looks the key up
// again, so that a revocation ends its sessions as soon as it refuses the key.
// All processes that share a Secret know each other's tokens. All methods may be
// called from any goroutine.
type Sessions struct {
	Directory *Directory
	Secret    []byte        // signs the tokens; see SessionSecret
	Age       time.Duration // how long a token is good
	Clock     func() time.Time
}

// maxTokenBytes is more than any token of ours has.
const maxTokenBytes = 200

// sessionVersion begins a token, so that another kind can replace it one day.
const sessionVersion = "1"

// Issue returns a token for the principal's key, and when it ends, to the
// second.
func (s *Sessions) Issue(who Principal) (token string, ends time.Time) {
	ends = s.Clock().Add(s.Age).Truncate(time.Second)
	claim := strings.Join([]string{sessionVersion, who.KeyID, strconv.FormatInt(ends.Unix(), 10)}, ".")
	return claim + "." + base64.RawURLEncoding.EncodeToString(s.sign(claim)), ends
}

// Authorize returns whose token it is, and when it ends: ErrUnauthorized if it
// was not made here, is over, or its key is no longer good, ErrForbidden if the
// key's scope does not do, ErrUnavailable if that cannot be told now.
func (s *Sessions) Authorize(ctx context.Context, token string, needed Scope) (Principal, time.Time, error) {
	id, ends, good := s.open(token)
	if !good || !s.Clock().Before(ends) {
		return Principal{}, time.Time{}, s.Directory.metrics.denied(ErrUnauthorized)
	}
	who, err := s.Directory.authorizeID(ctx, id, needed)
	return who, ends, err
}

// open returns what a token claims, if the signature is ours.
func (s *Sessions) open(token string) (id string, ends time.Time, good bool) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 || len(token) > maxTokenBytes {
		return "", time.Time{}, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[cut+1:])
	if err != nil || !hmac.Equal(signature, s.sign(token[:cut])) {
		return "", time.Time{}, false
	}
	version, rest, _ := strings.Cut(token[:cut], ".")
	id, until, _ := strings.Cut(rest, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	return id, time.Unix(seconds, 0), err == nil && version == sessionVersion
}

// sign binds a claim to this use of the secret.
func (s *Sessions) sign(claim string) []byte {
	mac := hmac.New(sha256.New, s.Secret)
	_, _ = mac.Write([]byte("ibarura session\n" + claim)) // never fails, see hash.Hash
	return mac.Sum(nil)
}
