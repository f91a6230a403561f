package visitor

import (
	"testing"
	"time"

	"ibarura/internal/event"
)

func TestASessionGoesOnUntilAPauseOfThirtyMinutes(t *testing.T) {
	v, _ := open(t, newShelf(), noon)
	ada := event.Identity{AnonymousID: "ada"}
	first := v.Session("p", ada, "ada", noon)
	if first == "" {
		t.Fatal("no session")
	}
	last := noon
	for _, c := range []struct {
		pause time.Duration
		same  bool
	}{{29 * time.Minute, true}, {29 * time.Minute, true}, {30*time.Minute - 1, true}, {30 * time.Minute, false}} {
		last = last.Add(c.pause)
		if got := v.Session("p", ada, "ada", last); (got == first) != c.same {
			t.Errorf("after a pause of %s: %s, before %s", c.pause, got, first)
		}
	}
	if other := v.Session("q", ada, "ada", last); other == v.Session("p", ada, "ada", last) {
		t.Error("two projects share a session")
	}
}

func TestAVisitorWhoSignsInTakesTheSessionAlong(t *testing.T) {
	v, _ := open(t, newShelf(), noon)
	before := v.Session("p", event.Identity{AnonymousID: "hash"}, "hash", noon)
	ada := v.Session("p", event.Identity{UserID: "ada"}, "hash", noon.Add(time.Minute))
	ben := v.Session("p", event.Identity{UserID: "ben"}, "hash", noon.Add(2*time.Minute)) // at the next desk
	if ada != before || ben == before {
		t.Errorf("before %s, ada %s, ben %s", before, ada, ben)
	}
	late := v.Session("p", event.Identity{AnonymousID: "hash"}, "hash", noon.Add(3*time.Minute)) // sent before ada signed in
	if again := v.Session("p", event.Identity{UserID: "ada"}, "hash", noon.Add(4*time.Minute)); again != ada || late != ada {
		t.Errorf("ada's session %s became %s, and what came late is in %s", ada, again, late)
	}
}

func TestNobodyHasNoSession(t *testing.T) {
	v, _ := open(t, newShelf(), noon)
	if id := v.Session("p", event.Identity{}, "", noon); id != "" {
		t.Errorf("nobody's session is %s", id)
	}
}

func TestNoMoreSessionsAreRememberedThanTheBound(t *testing.T) {
	s := newSessions(time.Hour, 100)
	for i := range 1000 {
		s.of("p", event.Identity{UserID: string(rune('a' + i))}, "", noon)
	}
	if s.len() != 100 {
		t.Errorf("%d sessions", s.len())
	}
}
