package event

import (
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

func TestPersonIsTheUserElseTheVisitorElseNobody(t *testing.T) {
	for name, c := range map[string]struct {
		id   Identity
		want uint64
	}{
		"user":           {Identity{UserID: "42", AnonymousID: "x", SessionID: "s", Role: "r"}, xxhash.Sum64String("u:42")},
		"visitor":        {Identity{AnonymousID: "42", SessionID: "s"}, xxhash.Sum64String("a:42")},
		"nobody":         {Identity{SessionID: "s", Role: "r"}, 0},
		"a very long id": {Identity{UserID: strings.Repeat("x", 5000)}, xxhash.Sum64String("u:" + strings.Repeat("x", 5000))},
	} {
		if got := PersonOf(c.id); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestPersonOfIsFrozen holds the values that are stored in tables: if it
// fails, people would be counted twice.
func TestPersonOfIsFrozen(t *testing.T) {
	for id, want := range map[Identity]uint64{
		{UserID: "79368723b8d1"}: 10625387075479223994,
		{AnonymousID: "visitor"}: 13257544290577445831,
	} {
		if got := PersonOf(id); got != want {
			t.Errorf("%+v: %d, want %d", id, got, want)
		}
	}
}

func TestPersonOfAllocatesNothing(t *testing.T) {
	id := Identity{UserID: strings.Repeat("x", 256)}
	if n := testing.AllocsPerRun(100, func() { PersonOf(id) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
