package visitor

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"ibarura/internal/event"
)

// sessions remember who was here lately. They live in memory: a restart begins
// new ones, and so does another process. It is safe for concurrent use.
type sessions struct {
	idle time.Duration

	mu   sync.Mutex
	open *simplelru.LRU[uint64, session]
}

type session struct {
	id    string
	last  time.Time
	taken bool // a user who signed in has taken it along
}

func newSessions(idle time.Duration, most int) *sessions {
	open, err := simplelru.NewLRU[uint64, session](most, nil)
	if err != nil {
		panic(err) // only for a size that is not positive, which the configuration refuses
	}
	return &sessions{idle: idle, open: open}
}

// Session returns the session of who, a visitor with the id visitor: the one
// that is open, or a new one after a pause. A visitor who signs in on the way
// takes the session along. Empty if sessions are not made, or of nobody.
func (v *Visitors) Session(project string, who event.Identity, visitor string, now time.Time) string {
	if v.sessions == nil || event.PersonOf(who) == 0 {
		return ""
	}
	return v.sessions.of(project, who, visitor, now)
}

func (s *sessions) of(project string, who event.Identity, visitor string, now time.Time) string {
	person := sessionKey(project, who)
	s.mu.Lock()
	defer s.mu.Unlock()
	found, open := s.find(person, now)
	if !open {
		found = session{id: s.begin(project, who, visitor, now)}
	}
	found.last = now
	s.open.Add(person, found)
	return found.id
}

// find returns a session that is still open.
func (s *sessions) find(key uint64, now time.Time) (session, bool) {
	found, there := s.open.Get(key)
	return found, there && now.Sub(found.last) < s.idle
}

// begin returns the session of somebody who has none: of a user who has just
// signed in, the one that the visitor was in, unless another user has taken it
// along, at the next desk. What still comes of the visitor, sent before signing
// in or after signing out, stays in it.
func (s *sessions) begin(project string, who event.Identity, visitor string, now time.Time) string {
	before := sessionKey(project, event.Identity{AnonymousID: visitor})
	found, open := s.find(before, now)
	if who.UserID == "" || visitor == "" || !open || found.taken {
		return newSessionID()
	}
	found.taken = true
	s.open.Add(before, found)
	return found.id
}

func (s *sessions) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open.Len()
}

func sessionKey(project string, who event.Identity) uint64 {
	if who.UserID != "" {
		return xxhash.Sum64String(project + "\x00u" + who.UserID)
	}
	return xxhash.Sum64String(project + "\x00a" + who.AnonymousID)
}

func newSessionID() string {
	var room [12]byte
	_, _ = rand.Read(room[:]) // never fails, see crypto/rand
	return hex.EncodeToString(room[:])
}
