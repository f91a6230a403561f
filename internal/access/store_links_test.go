package access_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"ibarura/internal/access"
)

func newLink(t *testing.T, store *access.Store, project string, ends time.Time) access.Link {
	t.Helper()
	link, err := store.CreateLink(t.Context(), access.Link{Project: project, Name: "for the board", View: "users?range=30d", MadeBy: "k", ExpiresAt: ends})
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func TestARevokedLinkIsRefusedInEveryProcessAfterTheRefresh(t *testing.T) {
	const refresh = 200 * time.Millisecond
	store := newStore(t)
	secret, key := createKey(t, store, "p", access.Admin)
	var processes []*access.Links
	for range 2 {
		processes = append(processes, &access.Links{Directory: newDirectory(store, refresh), Secret: bytes.Repeat([]byte("s"), 32), Clock: time.Now})
		if _, err := processes[len(processes)-1].Directory.Authenticate(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	link := newLink(t, store, "p", time.Now().Add(time.Hour))
	if _, err := store.RevokeKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	token := processes[0].Token(&link)
	time.Sleep(refresh) // so that the copies are too old to say that there is no such link
	for i, p := range processes {
		if got, who, err := p.Open(t.Context(), token); err != nil || got.View != "users?range=30d" || got.Name != "for the board" || who.Project.Name != "p" {
			t.Errorf("process %d: %+v, %+v, %v", i, got, who, err)
		}
	}
	for range 2 {
		if revoked, err := store.RevokeLink(t.Context(), link.ID); err != nil || !revoked.Revoked() {
			t.Errorf("%+v, %v", revoked, err)
		}
	}
	time.Sleep(refresh)
	for i, p := range processes {
		if _, _, err := p.Open(t.Context(), token); !errors.Is(err, access.ErrLinkRevoked) {
			t.Errorf("process %d after the revocation: %v", i, err)
		}
	}
}

func TestLinksOfAProjectAreListedWithTheirStates(t *testing.T) {
	store := newStore(t)
	for _, name := range []string{"p", "q"} {
		if _, err := store.CreateProject(t.Context(), name, "Africa/Kigali"); err != nil {
			t.Fatal(err)
		}
	}
	ends := time.Now().Add(time.Hour)
	first, second := newLink(t, store, "p", ends), newLink(t, store, "p", ends.AddDate(-1, 0, 0))
	newLink(t, store, "q", ends)
	if _, err := store.RevokeLink(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	links, err := store.Links(t.Context(), "p")
	if err != nil || len(links) != 2 {
		t.Fatalf("%+v, %v", links, err)
	}
	for _, l := range links {
		if l.Revoked() != (l.ID == first.ID) || l.MadeBy != "k" || l.View != "users?range=30d" || (l.ID != first.ID && l.ID != second.ID) {
			t.Errorf("%+v", l)
		}
	}
	if want := ends.UTC().Truncate(time.Second); !links[0].ExpiresAt.Equal(want) && !links[1].ExpiresAt.Equal(want) {
		t.Errorf("none ends at %v: %+v", want, links)
	}
}

func TestWhatIsNoLinkIsNotStored(t *testing.T) {
	store := newStore(t)
	if _, err := store.CreateProject(t.Context(), "p", "UTC"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		link access.Link
		want error
	}{
		{access.Link{Project: "p", View: "users"}, access.ErrInvalid},
		{access.Link{Project: "p", Name: "a\nb", View: "users"}, access.ErrInvalid},
		{access.Link{Project: "p", Name: strings.Repeat("n", 201), View: "users"}, access.ErrInvalid},
		{access.Link{Project: "p", Name: "n"}, access.ErrInvalid},
		{access.Link{Project: "p", Name: "n", View: strings.Repeat("v", access.MaxLinkView+1)}, access.ErrInvalid},
		{access.Link{Project: "elsewhere", Name: "n", View: "users"}, access.ErrNoProject},
	} {
		if _, err := store.CreateLink(t.Context(), tc.link); !errors.Is(err, tc.want) {
			t.Errorf("%.60v: %v, want %v", tc.link, err, tc.want)
		}
	}
	if _, err := store.RevokeLink(t.Context(), "elsewhere"); !errors.Is(err, access.ErrNoLink) {
		t.Errorf("revoking a link that is not there: %v", err)
	}
}
