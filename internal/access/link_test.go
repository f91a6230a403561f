package access

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newLinks(d *Directory) *Links {
	return &Links{Directory: d, Secret: bytes.Repeat([]byte("s"), minSessionSecret), Clock: time.Now}
}

// aLink is one that ends in an hour; the store of the test has to know it.
func aLink(store *fakeStore) *Link {
	store.set(func() {
		store.links = map[string]snapshotLink{"id1": {Project{Name: "p", Zone: time.UTC}, "for the board"}}
	})
	return &Link{ID: "id1", Project: "p", View: "users?range=30d&role=core&property.plan=<é>", ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Second)}
}

func wantLink(t *testing.T, l *Links, token string, want error) {
	t.Helper()
	if _, _, err := l.Open(t.Context(), token); !errors.Is(err, want) {
		t.Errorf("token %.20q…: %v, want %v", token, err, want)
	}
}

func TestALinkOpensItsViewForReading(t *testing.T) {
	store, d, _ := newFake()
	link := aLink(store)
	l := newLinks(d)
	got, who, err := l.Open(t.Context(), l.Token(link))
	if err != nil || got.View != link.View || got.Name != "for the board" || !got.ExpiresAt.Equal(link.ExpiresAt) {
		t.Errorf("%+v, %v", got, err)
	}
	if who.Project.Name != "p" || who.Scope != Read || who.KeyID != "link:id1" {
		t.Errorf("it comes from %+v", who)
	}
	if first, again := l.Token(link), newLinks(d).Token(link); first != again {
		t.Errorf("a link has two tokens: %s, %s", first, again)
	}
}

func TestAChangedLinkIsRefused(t *testing.T) {
	store, d, _ := newFake()
	l := newLinks(d)
	token := l.Token(aLink(store))
	for i := range token {
		for _, other := range []byte("AZ.-\n") {
			if token[i] != other {
				wantLink(t, l, token[:i]+string(other)+token[i+1:], ErrLinkInvalid)
			}
		}
		wantLink(t, l, token[:i], ErrLinkInvalid)
		wantLink(t, l, token[:i]+"\n"+token[i:], ErrLinkInvalid)
	}
	for _, more := range []string{"", token + "A", token + "=", " " + token, strings.Repeat("x", 1<<20), "1..", "."} {
		wantLink(t, l, more, ErrLinkInvalid)
	}
	stranger := newLinks(d)
	stranger.Secret = bytes.Repeat([]byte("t"), minSessionSecret)
	wantLink(t, stranger, token, ErrLinkInvalid)
	wantLink(t, l, token, nil)
}

func TestASessionIsNoLinkAndALinkNoSession(t *testing.T) {
	store, d, _ := newFake()
	l, s := newLinks(d), newSessions(d)
	session, _ := s.Issue(goodKeys()["iba_a"])
	wantLink(t, l, session, ErrLinkInvalid)
	wantSession(t, s, l.Token(aLink(store)), Read, ErrUnauthorized)
}

func TestAnExpiredLinkSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		l := newLinks(d)
		link := aLink(store)
		token := l.Token(link)
		time.Sleep(time.Until(link.ExpiresAt) - time.Nanosecond)
		wantLink(t, l, token, nil)
		time.Sleep(time.Nanosecond)
		wantLink(t, l, token, ErrLinkExpired)
	})
}

func TestARevokedLinkIsRefusedAfterTheRefreshAndItsMakersKeyDoesNotMatter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		l := newLinks(d)
		token := l.Token(aLink(store))
		store.set(func() { store.keys = map[string]Principal{} })
		time.Sleep(2 * time.Second)
		wantLink(t, l, token, nil)
		store.set(func() { store.links = nil })
		time.Sleep(time.Second)
		wantLink(t, l, token, ErrLinkRevoked)
	})
}

func TestALinkIsNotCalledRevokedWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		l := newLinks(d)
		wantAnswer(t, d, "ibr_r", nil)
		token := l.Token(aLink(store)) // which the copy does not have yet
		store.set(func() { store.err = errors.New("away") })
		time.Sleep(time.Minute)
		wantLink(t, l, token, ErrUnavailable)
	})
}

func FuzzLinkToken(f *testing.F) {
	store, d, _ := newFake()
	l := newLinks(d)
	link := aLink(store)
	f.Add(l.Token(link))
	f.Add("1.e30.AAAA")
	f.Add("1.eyJpZCI6MX0." + l.sign("1.eyJpZCI6MX0"))
	f.Fuzz(func(t *testing.T, token string) {
		if claim, good := l.claim(token); good && l.Token(&Link{ID: claim.ID, Project: claim.Project, View: claim.View, ExpiresAt: time.Unix(claim.Ends, 0)}) != token {
			t.Errorf("%q is taken, and is not how %+v is written", token, claim)
		}
	})
}
