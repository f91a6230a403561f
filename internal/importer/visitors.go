package importer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// saltSize is the size of a salt in bytes.
const saltSize = 32

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	return salt
}

// visitors makes anonymous ids for the visitors of an access log. The salt is
// thrown away when the import is complete: from then on nobody can tell whose
// address an id was made of, not even by trying all addresses there are. The
// price is that the same visitor in two files is two visitors.
type visitors struct{ mac hash.Hash }

func newVisitors(salt []byte) *visitors { return &visitors{mac: hmac.New(sha256.New, salt)} }

// id is the same for the same address and user agent.
func (v *visitors) id(address, agent string) string {
	v.mac.Reset()
	_, _ = v.mac.Write([]byte(address)) // a hash's Write never fails
	_, _ = v.mac.Write([]byte{0})
	_, _ = v.mac.Write([]byte(agent))
	return hex.EncodeToString(v.mac.Sum(nil)[:16])
}
