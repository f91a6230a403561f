package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
)

// keeping keeps keys of the project p, of which the requests' own is "k".
type keeping struct{ keys []access.Key }

func (k *keeping) Keys(_ context.Context, project string) ([]access.Key, error) {
	if project != "p" {
		return nil, fmt.Errorf("keys of %q are asked for", project)
	}
	return k.keys, nil
}

func (k *keeping) CreateKey(_ context.Context, project string, scope access.Scope, label string) (key access.Key, secret string, err error) {
	key = access.Key{ID: fmt.Sprint("new", len(k.keys)), Project: project, Scope: scope, Label: label}
	k.keys = append(k.keys, key)
	return key, "a secret", nil
}

func (k *keeping) RevokeKey(_ context.Context, id string) (access.Key, error) {
	for i := range k.keys {
		if k.keys[i].ID == id {
			k.keys[i].RevokedAt = time.Unix(1, 0)
			return k.keys[i], nil
		}
	}
	return access.Key{}, access.ErrNoKey
}

func (k *keeping) Project(_ context.Context, name string) (access.StoredProject, error) {
	zone, err := access.LoadProjectZone("Europe/Paris;UTC<2026-09-01")
	return access.StoredProject{Project: access.NewProject(name, zone, nil), Origins: []string{"https://a.example"}}, err
}

func retentions(context.Context) ([]clickhouse.Retention, error) {
	return []clickhouse.Retention{{Project: "q", Days: clickhouse.Tiers[uint32]{Raw: 1}}, {Project: "p", Days: clickhouse.Tiers[uint32]{Raw: 400, People: 800}}}, nil
}

const keysPath = "/api/v1/admin/keys"

func TestAnAdminMakesListsAndRevokesKeysOfTheProject(t *testing.T) {
	f := newFixture(t)
	made := f.do(t, http.MethodPost, keysPath, "admin", strings.NewReader(`{"scope":"write","label":"the site"}`))
	if made.status != 201 || !strings.Contains(made.body, `"key":"a secret"`) || !strings.Contains(made.body, `"label":"the site"`) {
		t.Fatalf("%d %s", made.status, made.body)
	}
	list := f.do(t, http.MethodGet, keysPath, "admin", nil)
	if list.status != 200 || strings.Contains(list.body, "secret") || !strings.HasPrefix(list.body, `{"keys":[{"id":"new1","scope":"write"`) || !strings.Contains(list.body, `"own":true`) {
		t.Errorf("%d %s", list.status, list.body)
	}
	for range 2 {
		if gone := f.do(t, http.MethodDelete, keysPath+"/new1", "admin", nil); gone.status != 200 || !strings.Contains(gone.body, "revoked_at") {
			t.Errorf("%d %s", gone.status, gone.body)
		}
	}
	for path, want := range map[string]string{"/elsewhere": "not_found", "/k": "own_key", "/k?own=1": "own_key", "/k?own=true": ""} {
		if a := f.do(t, http.MethodDelete, keysPath+path, "admin", nil); a.Code != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, entry := range f.logs.All() {
		if strings.Contains(fmt.Sprint(entry.Context), "a secret") {
			t.Errorf("the log has the key: %v", entry)
		}
	}
}

func TestWhatIsNoKeyIsAProblem(t *testing.T) {
	f := newFixture(t)
	for body, want := range map[string]string{
		`{"scope":"root"}`:                 "invalid_parameter",
		`{"scope":"read","label":"a\nb"}`:  "invalid_parameter",
		`{"scope":"read","project":"q"}`:   "invalid_json",
		`{"label":"x"}`:                    "invalid_parameter",
		strings.Repeat(" ", 5000):          "body_too_large",
		`{"scope":"read","scope":"admin"}`: "invalid_json",
	} {
		if a := f.do(t, http.MethodPost, keysPath, "admin", strings.NewReader(body)); a.Code != want {
			t.Errorf("%.40s: %d %s", body, a.status, a.body)
		}
	}
	f.keeping.keys = make([]access.Key, 1000)
	if a := f.do(t, http.MethodPost, keysPath, "admin", strings.NewReader(`{"scope":"read"}`)); a.status != 409 || a.Code != "too_many_keys" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestKeysAreForAdminsOnPagesOfThisServer(t *testing.T) {
	f := newFixture(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, key := range []string{"read", "write"} {
			if a := f.do(t, method, keysPath, key, strings.NewReader(`{"scope":"read"}`)); a.status != 403 {
				t.Errorf("%s by a %s key: %d", method, key, a.status)
			}
		}
	}
	const admin = "ibarura_session=token-admin"
	if a := f.do(t, http.MethodPost, keysPath, "", strings.NewReader(`{"scope":"read"}`), "Cookie", admin); a.Code != "cross_site" {
		t.Errorf("without the header: %d %s", a.status, a.body)
	}
	if a := f.do(t, http.MethodPost, keysPath, "", strings.NewReader(`{"scope":"read"}`), "Cookie", admin, own, "1"); a.status != 201 {
		t.Errorf("with it: %d %s", a.status, a.body)
	}
}

func TestAProjectShowsItsZonesAndHowLongRowsAreKept(t *testing.T) {
	f := newFixture(t)
	a := f.do(t, http.MethodGet, "/api/v1/admin/project/", "admin", nil)
	want := `{"project":"p","timezone":"Europe/Paris","zones":[{"zone":"UTC","until":"2026-09-01"},{"zone":"Europe/Paris"}],` +
		`"created_at":"0001-01-01T00:00:00Z","origins":["https://a.example"],"retention_days":{"raw":400,"people":800,"counters":0}}`
	if !json.Valid([]byte(a.body)) || strings.TrimSpace(a.body) != want {
		t.Errorf("%d %s\nwant %s", a.status, a.body, want)
	}
	if a := f.do(t, http.MethodGet, "/api/v1/admin/project", "read", nil); a.status != 403 {
		t.Errorf("to a reader: %d", a.status)
	}
}
