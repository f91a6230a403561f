package access_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/access"
)

func TestCreatedProjectIsListedWithItsZone(t *testing.T) {
	store := newStore(t)
	before := time.Now().Add(-time.Second)
	created, err := store.CreateProject(t.Context(), "kigali", "Africa/Kigali")
	if err != nil {
		t.Fatal(err)
	}
	if created.Name != "kigali" || created.Zone.String() != "Africa/Kigali" || created.CreatedAt.Before(before) {
		t.Errorf("created %+v", created)
	}
	if _, err := store.CreateProject(t.Context(), "a", "UTC"); err != nil {
		t.Fatal(err)
	}
	projects, err := store.Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(projects) != 2 || projects[0].Name != "a" || projects[1].Zone.String() != "Africa/Kigali" {
		t.Errorf("projects are %+v, want a and kigali", projects)
	}
}

func TestProjectNameIsGivenOnce(t *testing.T) {
	store := newStore(t)
	if _, err := store.CreateProject(t.Context(), "one", "UTC"); err != nil {
		t.Fatal(err)
	}
	_, err := store.CreateProject(t.Context(), "one", "Africa/Kigali")
	if !errors.Is(err, access.ErrProjectExists) || !strings.Contains(err.Error(), `"one"`) {
		t.Errorf("second creation: %v, want ErrProjectExists that names it", err)
	}
}

func TestProjectCreatedByManyAtOnceIsOneProject(t *testing.T) {
	store := newStore(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := store.CreateProject(t.Context(), "race", "UTC")
			if err != nil && !errors.Is(err, access.ErrProjectExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	projects, err := store.Projects(t.Context())
	if err != nil || len(projects) != 1 {
		t.Errorf("%d projects, %v; want 1", len(projects), err)
	}
}

func TestBadProjectsAreRefusedWithTheirRule(t *testing.T) {
	store := newStore(t)
	for _, tc := range []struct{ name, zone, want string }{
		{"", "UTC", "lower-case"},
		{"Big", "UTC", "lower-case"},
		{"-x", "UTC", "beginning with"},
		{"a'; DROP TABLE projects", "UTC", "lower-case"},
		{"x\n", "UTC", "lower-case"},
		{strings.Repeat("x", 64), "UTC", "1 to 63"},
		{"ok", "", "IANA"},
		{"ok", "Local", "IANA"},
		{"ok", "Mars/Olympus", `"Mars/Olympus"`},
		{"ok", "../../etc/passwd", "IANA"},
	} {
		_, err := store.CreateProject(t.Context(), tc.name, tc.zone)
		if !errors.Is(err, access.ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("project %q in %q: %v, want ErrInvalid with %q", tc.name, tc.zone, err, tc.want)
		}
	}
}

func TestKeyIsStoredHashedOnly(t *testing.T) {
	conn := open(t)
	store := access.NewStore(conn)
	secret, key := createKey(t, store, "p", access.Write)
	var rows string
	query := "SELECT toString(groupArray(tuple(*))) FROM api_keys"
	if err := conn.QueryRow(t.Context(), query).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(rows, key.ID) || strings.Contains(rows, secret[4:]) {
		t.Error("the table should hold the id, and nothing of the key")
	}
	var matches uint64
	query = "SELECT count() FROM api_keys WHERE hash = unhex(lower(hex(SHA256(?))))"
	if err := conn.QueryRow(t.Context(), query, secret).Scan(&matches); err != nil || matches != 1 {
		t.Errorf("%d rows have the key's SHA-256 (%v), want 1", matches, err)
	}
}

func TestKeysAreListedByProjectOldestFirst(t *testing.T) {
	store := newStore(t)
	_, first := createKey(t, store, "b", access.Write)
	time.Sleep(2 * time.Millisecond)
	_, second := createKey(t, store, "b", access.Read)
	_, other := createKey(t, store, "a", access.Admin)

	all, err := store.Keys(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]access.Key{other, first, second}, all); diff != "" {
		t.Errorf("all keys (-want +got):\n%s", diff)
	}
	ofB, err := store.Keys(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]access.Key{first, second}, ofB); diff != "" {
		t.Errorf("keys of b (-want +got):\n%s", diff)
	}
}

func TestKeyNeedsAProjectAScopeAndALabel(t *testing.T) {
	store := newStore(t)
	if _, _, err := store.CreateKey(t.Context(), "nowhere", access.Read, ""); !errors.Is(err, access.ErrNoProject) {
		t.Errorf("key of no project: %v, want ErrNoProject", err)
	}
	createKey(t, store, "p", access.Read)
	if _, _, err := store.CreateKey(t.Context(), "p", 0, ""); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("key without scope: %v, want ErrInvalid", err)
	}
	for _, label := range []string{"two\nlines", strings.Repeat("x", 201), "\xff"} {
		if _, _, err := store.CreateKey(t.Context(), "p", access.Read, label); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("label %q: %v, want ErrInvalid", label, err)
		}
	}
}

func TestGivenKeyIsStoredOnceAndBelongsToOneScope(t *testing.T) {
	store := newStore(t)
	createKey(t, store, "p", access.Admin)
	createKey(t, store, "q", access.Admin)
	const secret = "an-operator's-own-key"
	first, err := store.GiveKey(t.Context(), "p", access.Write, "env", secret)
	if err != nil {
		t.Fatal(err)
	}
	again, err := store.GiveKey(t.Context(), "p", access.Write, "env", secret)
	if err != nil || again.ID != first.ID {
		t.Errorf("given again: %+v, %v; want the key %s", again, err, first.ID)
	}
	wantInUse := func(project string, scope access.Scope) {
		t.Helper()
		_, err := store.GiveKey(t.Context(), project, scope, "env", secret)
		if !errors.Is(err, access.ErrKeyInUse) || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("given to %s as %s: %v, want ErrKeyInUse without the key", project, scope, err)
		}
	}
	wantInUse("p", access.Read)
	wantInUse("q", access.Write)
	if _, err := store.RevokeKey(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	wantInUse("p", access.Write)
}

func TestWeakGivenKeyIsRefusedWithoutBeingQuoted(t *testing.T) {
	store := newStore(t)
	for _, secret := range []string{"short", "fifteen-chars-x", "sixteen chars ok", "user:sixteen-chars", "ключ-ключ-ключ-ключ", strings.Repeat("x", 201)} {
		_, err := store.GiveKey(t.Context(), "p", access.Write, "", secret)
		if !errors.Is(err, access.ErrInvalid) || strings.Contains(err.Error(), secret) {
			t.Errorf("key %q: %v, want ErrInvalid that does not quote it", secret, err)
		}
	}
}

func TestRevokedKeyStaysRevoked(t *testing.T) {
	store := newStore(t)
	_, key := createKey(t, store, "p", access.Write)
	revoked, err := store.RevokeKey(t.Context(), key.ID)
	if err != nil || !revoked.Revoked() {
		t.Fatalf("revoked %+v, %v", revoked, err)
	}
	time.Sleep(2 * time.Millisecond)
	again, err := store.RevokeKey(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(revoked, again); diff != "" {
		t.Errorf("the second revocation changed it (-first +second):\n%s", diff)
	}
	keys, err := store.Keys(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]access.Key{revoked}, keys); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
}

func TestRevokingAnUnknownKeyIsAnError(t *testing.T) {
	store := newStore(t)
	if _, err := store.RevokeKey(t.Context(), "nobody"); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("error is %v, want ErrNoKey", err)
	}
}

func TestRevokeAndWaitReturnsAfterTheBound(t *testing.T) {
	store := newStore(t)
	_, key := createKey(t, store, "p", access.Write)
	start := time.Now()
	if _, err := store.RevokeAndWait(t.Context(), key.ID, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("returned after %s, want at least 50ms", took)
	}
}

func TestInterruptedRevokeAndWaitSaysThatTheKeyIsRevoked(t *testing.T) {
	store := newStore(t)
	_, key := createKey(t, store, "p", access.Write)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := store.RevokeAndWait(ctx, key.ID, time.Hour)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "is revoked") {
		t.Errorf("error is %v", err)
	}
	keys, err := store.Keys(t.Context(), "p")
	if err != nil || len(keys) != 1 || !keys[0].Revoked() {
		t.Errorf("keys are %+v, %v; want one revoked", keys, err)
	}
}

// createKey makes a key, and its project if need be.
func createKey(tb testing.TB, store *access.Store, project string, scope access.Scope) (string, access.Key) {
	tb.Helper()
	if _, err := store.CreateProject(tb.Context(), project, "Africa/Kigali"); err != nil && !errors.Is(err, access.ErrProjectExists) {
		tb.Fatal(err)
	}
	key, secret, err := store.CreateKey(tb.Context(), project, scope, "test")
	if err != nil {
		tb.Fatal(err)
	}
	return secret, key
}
