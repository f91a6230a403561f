package live

import (
	"strings"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// listed is how many rows a message lists at most, and clipAt how many bytes of
// a text it shows.
const (
	listed = 20
	clipAt = 256
)

// Row is one of the latest rows. It says nothing of who acted unless that was
// asked for with the right to know it.
type Row struct {
	Kind        string    `json:"kind"`
	OccurredAt  time.Time `json:"occurred_at"`
	Type        string    `json:"type,omitempty"`
	Role        string    `json:"role,omitempty"`
	ObjectType  string    `json:"object_type,omitempty"`
	ObjectID    string    `json:"object_id,omitempty"`
	Path        string    `json:"path,omitempty"`
	UserID      string    `json:"user_id,omitempty"`
	AnonymousID string    `json:"anonymous_id,omitempty"`
}

// seen is a row on its way into a message. Its bytes are used again and again:
// of thousands of rows between two messages only the last ones are shown.
type seen struct {
	table                           rowblock.Table
	at, taken                       event.Millis
	kind, role, objectType          string
	objectID, path, user, anonymous []byte
}

// latest holds the last rows that a filter picked.
type latest struct {
	rows  [listed]seen
	next  int // where the next row goes
	held  int
	fresh int // of held, those that no message has listed; the newest
}

func (l *latest) take(g *rowblock.Glance, persons bool, now event.Millis) {
	s := &l.rows[l.next]
	l.next = (l.next + 1) % listed
	l.held, l.fresh = min(l.held+1, listed), min(l.fresh+1, listed)
	s.taken = now
	s.table, s.at, s.kind, s.role, s.objectType = g.Table(), g.OccurredAt, g.Type, g.Role, g.ObjectType
	s.objectID, s.path = keep(s.objectID, g.ObjectID), keep(s.path, g.Path)
	if persons {
		s.user, s.anonymous = keep(s.user, g.UserID), keep(s.anonymous, g.AnonymousID)
	}
}

func keep(room, text []byte) []byte { return append(room[:0], text[:min(len(text), clipAt)]...) }

// expire forgets the rows that were taken in before a moment.
func (l *latest) expire(before event.Millis) {
	for ; l.held > l.fresh; l.held-- {
		oldest := &l.rows[(l.next-l.held+listed)%listed]
		if oldest.taken >= before {
			return
		}
		*oldest = seen{}
	}
}

// list returns the fresh rows, the newest first; they are not fresh any more.
func (l *latest) list() []Row {
	rows := l.between(0, l.fresh)
	l.fresh = 0
	return rows
}

// before returns the rows that messages have listed, the newest first.
func (l *latest) before() []Row { return l.between(l.fresh, l.held) }

func (l *latest) between(newest, end int) []Row {
	rows := make([]Row, 0, end-newest)
	for back := newest; back < end; back++ {
		rows = append(rows, l.rows[(l.next-1-back+2*listed)%listed].row())
	}
	return rows
}

func (s *seen) row() Row {
	return Row{
		Kind: s.table.Kind(), OccurredAt: s.at.Time(), Type: s.kind, Role: s.role, ObjectType: s.objectType,
		ObjectID: shown(s.objectID), Path: shown(s.path), UserID: shown(s.user), AnonymousID: shown(s.anonymous),
	}
}

// shown is a text that may have been cut within a character.
func shown(text []byte) string { return strings.ToValidUTF8(string(text), "") }
