package access_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/access"
)

func firstRun(t *testing.T) access.BootstrapOptions {
	t.Helper()
	return access.BootstrapOptions{
		Project: "default", Timezone: "Africa/Kigali",
		KeyFile: filepath.Join(t.TempDir(), "data", "keys.json"),
	}
}

func bootstrap(t *testing.T, store *access.Store, opts access.BootstrapOptions) access.Bootstrapped {
	t.Helper()
	done, err := access.Bootstrap(t.Context(), store, opts)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestFirstRunMakesAProjectWithAGoodKeyOfEachScope(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	done := bootstrap(t, store, opts)
	if !done.Created || done.Project.Name != "default" || done.Project.Zone.String() != "Africa/Kigali" {
		t.Errorf("project is %+v", done)
	}
	directory := access.NewDirectory(store, access.DirectoryOptions{}, prometheus.NewRegistry())
	want := []access.Scope{access.Write, access.Read, access.Admin}
	for i, key := range done.Keys {
		principal, err := directory.Authenticate(t.Context(), key.Secret)
		if err != nil || principal.Scope != want[i] || principal.KeyID != key.ID || key.Given {
			t.Errorf("key %d is %s, %v; want a generated %s key", i, principal.Scope, err, want[i])
		}
	}
	if len(done.Keys) != len(want) {
		t.Errorf("%d keys, want %d", len(done.Keys), len(want))
	}
}

func TestGeneratedKeysAreInAPrivateFile(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	done := bootstrap(t, store, opts)
	info, err := os.Stat(opts.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode is %v (%v), want 0600", info.Mode(), err)
	}
	want := map[string]map[string]string{"default": {}}
	for _, key := range done.Keys {
		want["default"][key.Scope.String()] = key.Secret
	}
	if diff := cmp.Diff(want, readKeys(t, opts.KeyFile)); diff != "" {
		t.Errorf("key file (-want +got):\n%s", diff)
	}
}

func TestGeneratedKeyCanBeShownAgain(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	opts.ReadKey = "read-key-of-the-operator"
	done := bootstrap(t, store, opts)
	if kept, err := access.KeptKey(opts.KeyFile, "default", access.Write); err != nil || kept != done.Keys[0].Secret {
		t.Errorf("kept is another key (%v)", err)
	}
	for _, tc := range []struct {
		file, project string
		scope         access.Scope
	}{{opts.KeyFile, "default", access.Read}, {opts.KeyFile, "other", access.Write}, {"absent.json", "default", access.Write}} {
		if _, err := access.KeptKey(tc.file, tc.project, tc.scope); !errors.Is(err, access.ErrNoKey) {
			t.Errorf("%s key of %s: %v, want ErrNoKey", tc.scope, tc.project, err)
		}
	}
}

func TestLaterRunsDoNothing(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	first := bootstrap(t, store, opts)
	if _, err := store.RevokeKey(t.Context(), first.Keys[0].ID); err != nil {
		t.Fatal(err)
	}
	opts.Timezone, opts.WriteKey = "UTC", "another-write-key-now"
	again := bootstrap(t, store, opts)
	if again.Created || len(again.Keys) != 0 || again.Project.Zone.String() != "Africa/Kigali" {
		t.Errorf("second run made %+v", again)
	}
	if keys, err := store.Keys(t.Context(), ""); err != nil || len(keys) != 3 {
		t.Errorf("%d keys (%v), want the first 3", len(keys), err)
	}
}

func TestGivenKeysAreUsedAndNotWrittenDown(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	opts.WriteKey, opts.ReadKey = "write-key-of-the-operator", "read-key-of-the-operator"
	done := bootstrap(t, store, opts)
	given := map[string]bool{}
	for _, key := range done.Keys {
		given[key.Secret] = key.Given
	}
	if !given[opts.WriteKey] || !given[opts.ReadKey] || len(given) != 3 {
		t.Errorf("keys are %d, given: %v", len(done.Keys), given)
	}
	kept := readKeys(t, opts.KeyFile)["default"]
	if len(kept) != 1 || kept["admin"] == "" {
		t.Errorf("the file keeps %d keys, want the generated admin key alone", len(kept))
	}
}

func TestRunThatWasCutShortIsCompletedWithTheSameKeys(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	conn := open(t)
	lost := bootstrap(t, store, opts) // of which ClickHouse, say, kept the project only
	store = access.NewStore(conn)
	if _, err := store.CreateProject(t.Context(), "default", "UTC"); err != nil {
		t.Fatal(err)
	}
	done := bootstrap(t, store, opts)
	if done.Created || len(done.Keys) != 3 {
		t.Fatalf("made %d keys, created %v", len(done.Keys), done.Created)
	}
	for i := range done.Keys {
		if done.Keys[i].Secret != lost.Keys[i].Secret {
			t.Errorf("the %s key changed", done.Keys[i].Scope)
		}
	}
}

func TestEqualGivenKeysAreRefused(t *testing.T) {
	opts := firstRun(t)
	opts.WriteKey, opts.ReadKey = "one-key-for-everything", "one-key-for-everything"
	_, err := access.Bootstrap(t.Context(), newStore(t), opts)
	if !errors.Is(err, access.ErrInvalid) || strings.Contains(err.Error(), opts.ReadKey) {
		t.Errorf("error is %v, want ErrInvalid without the key", err)
	}
}

func TestKeysAreNotGeneratedWithoutAPlaceToKeepThem(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	opts.KeyFile = ""
	if _, err := access.Bootstrap(t.Context(), store, opts); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("error is %v, want ErrInvalid", err)
	}
	if keys, err := store.Keys(t.Context(), ""); err != nil || len(keys) != 0 {
		t.Errorf("%d keys (%v), want none", len(keys), err)
	}
}

func TestDamagedKeyFileIsNamedNotQuoted(t *testing.T) {
	store, opts := newStore(t), firstRun(t)
	opts.KeyFile = filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(opts.KeyFile, []byte(`{"default":{"write":"ibw_secretsecret`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := access.Bootstrap(t.Context(), store, opts)
	if err == nil || !strings.Contains(err.Error(), opts.KeyFile) || strings.Contains(err.Error(), "secretsecret") {
		t.Errorf("error is %v", err)
	}
}

func TestTwoFirstRunsAtOnceLeaveOnlyGoodKeys(t *testing.T) {
	store := newStore(t)
	var wg sync.WaitGroup
	results := make([]access.Bootstrapped, 2)
	for i := range results {
		opts := firstRun(t)
		opts.WriteKey = "write-key-given-to-both"
		wg.Go(func() {
			var err error
			if results[i], err = access.Bootstrap(t.Context(), store, opts); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	directory := access.NewDirectory(store, access.DirectoryOptions{}, prometheus.NewRegistry())
	for _, result := range results {
		for _, key := range result.Keys {
			if p, err := directory.Authenticate(t.Context(), key.Secret); err != nil || p.Scope != key.Scope {
				t.Errorf("a %s key that was handed out is not good: %v", key.Scope, err)
			}
		}
	}
}

func TestOneGivenKeyStoredTwiceIsRevokedAsOne(t *testing.T) {
	conn := open(t)
	store := access.NewStore(conn)
	createKey(t, store, "p", access.Admin)
	const secret = "given-to-two-processes"
	first, err := store.GiveKey(t.Context(), "p", access.Write, "", secret)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, fmt.Sprintf(`INSERT INTO api_keys SELECT 'twin', project, scope, label, hash, created_at, revoked_at, version
		FROM api_keys WHERE id = '%s'`, first.ID)) // what the other process did in the same moment
	if _, err := store.RevokeKey(t.Context(), "twin"); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, fmt.Sprintf(`INSERT INTO api_keys SELECT 'late', project, scope, label, hash, created_at, NULL, 1
		FROM api_keys WHERE id = '%s'`, first.ID)) // and a third one, which had not seen the revocation
	directory := access.NewDirectory(store, access.DirectoryOptions{}, prometheus.NewRegistry())
	if _, err := directory.Authenticate(t.Context(), secret); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("the revoked key: %v, want ErrUnauthorized", err)
	}
	keys, err := store.Keys(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if key.Scope == access.Write && key.ID != "late" && !key.Revoked() {
			t.Errorf("key %s is not revoked", key.ID)
		}
	}
}

func readKeys(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]map[string]string
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	return kept
}
