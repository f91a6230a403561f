package access_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/access"
)

// A Directory stands for a process: it shares nothing with another but the
// tables.
func newDirectory(store *access.Store, refresh time.Duration) *access.Directory {
	return access.NewDirectory(store, access.DirectoryOptions{Refresh: refresh, MaxStale: time.Minute}, prometheus.NewRegistry())
}

func TestRevokedKeyIsRefusedInEveryProcessWhenRevokeReturns(t *testing.T) {
	verifyNoLeaks(t)
	const refresh = 200 * time.Millisecond
	store := newStore(t)
	secret, key := createKey(t, store, "p", access.Write)
	processes := []*access.Directory{newDirectory(store, refresh), newDirectory(store, refresh), newDirectory(store, refresh)}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { // traffic keeps their copies as fresh as they ever are
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				for _, process := range processes {
					_, _ = process.Authenticate(t.Context(), secret)
				}
			}
		}
	}()
	for i, process := range processes {
		if _, err := process.Authenticate(t.Context(), secret); err != nil {
			t.Errorf("process %d refused the key before it was revoked: %v", i, err)
		}
	}
	if _, err := store.RevokeAndWait(t.Context(), key.ID, refresh); err != nil {
		t.Fatal(err)
	}
	for i, process := range processes {
		if _, err := process.Authenticate(t.Context(), secret); !errors.Is(err, access.ErrUnauthorized) {
			t.Errorf("process %d after the revocation: %v, want ErrUnauthorized", i, err)
		}
	}
	close(stop)
	<-done
}

func TestKeyOfAnotherProcessIsGoodWellBeforeTheRefresh(t *testing.T) {
	store := newStore(t)
	known, _ := createKey(t, store, "p", access.Read)
	directory := newDirectory(store, time.Hour)
	if _, err := directory.Authenticate(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	created, _ := createKey(t, store, "q", access.Write)
	time.Sleep(150 * time.Millisecond)
	principal, err := directory.Authenticate(t.Context(), created)
	if err != nil || principal.Project.Name != "q" || principal.Project.Zone.String() != "Africa/Kigali" {
		t.Errorf("principal is %+v, %v", principal, err)
	}
}

func TestKeysOfADeletedProjectAreRefused(t *testing.T) {
	conn := open(t)
	store := access.NewStore(conn)
	secret, _ := createKey(t, store, "gone", access.Write)
	exec(t, conn, "INSERT INTO projects SELECT project, timezone, created_at, 1, origins, version + 1 FROM projects")
	directory := newDirectory(store, time.Second)
	if _, err := directory.Authenticate(t.Context(), secret); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("error is %v, want ErrUnauthorized", err)
	}
	if _, err := store.CreateProject(t.Context(), "gone", "UTC"); !errors.Is(err, access.ErrProjectExists) {
		t.Errorf("created again: %v, want ErrProjectExists", err)
	}
}

func TestStoreThatIsNotThereIsUnavailable(t *testing.T) {
	conn := open(t)
	directory := newDirectory(access.NewStore(conn), time.Second)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Authenticate(t.Context(), "ibw_whatever"); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("error is %v, want ErrUnavailable", err)
	}
	if err := directory.Refresh(t.Context()); err == nil {
		t.Error("refreshed without a store")
	}
}
