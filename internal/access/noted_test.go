package access_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"ibarura/internal/access"
)

// TestWhatIsChangedHereIsInForceHereAtOnce has copies that are good for an hour:
// only being told can let them notice anything.
func TestWhatIsChangedHereIsInForceHereAtOnce(t *testing.T) {
	store := newStore(t)
	createKey(t, store, "p", access.Admin)
	directory := newDirectory(store, time.Hour)
	noted := access.Noted{Store: store, Directory: directory}
	links := &access.Links{Directory: directory, Secret: bytes.Repeat([]byte("s"), 32), Clock: time.Now}

	key, secret, err := noted.CreateKey(t.Context(), "p", access.Read, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Authenticate(t.Context(), secret); err != nil {
		t.Errorf("a new key: %v", err)
	}
	link, err := noted.CreateLink(t.Context(), access.Link{Project: "p", Name: "for the board", View: "users?range=30d", MadeBy: key.ID, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := links.Open(t.Context(), links.Token(&link)); err != nil {
		t.Errorf("a new link: %v", err)
	}
	if _, err := noted.RevokeKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Authenticate(t.Context(), secret); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("a revoked key: %v", err)
	}
	if _, err := noted.RevokeLink(t.Context(), link.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := links.Open(t.Context(), links.Token(&link)); !errors.Is(err, access.ErrLinkRevoked) {
		t.Errorf("a revoked link: %v", err)
	}
}
