package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"ibarura/internal/access"
)

// KeyKeeping keeps the keys of projects; access.Store does.
type KeyKeeping interface {
	// Keys lists those of a project, the oldest first, revoked ones included.
	Keys(ctx context.Context, project string) ([]access.Key, error)
	// CreateKey returns a new one, and the secret, which is kept nowhere.
	CreateKey(ctx context.Context, project string, scope access.Scope, label string) (access.Key, string, error)
	// RevokeKey revokes one of any project; again changes nothing.
	RevokeKey(ctx context.Context, id string) (access.Key, error)
	Project(ctx context.Context, name string) (access.StoredProject, error)
}

const (
	maxKeyBodyBytes = 4 << 10
	maxGoodKeys     = 1000 // of a project, made over HTTP
	maxRevokedShown = 1000 // the last ones
)

// shownKey is a key as its project's admins see it.
type shownKey struct {
	ID        string       `json:"id"`
	Scope     access.Scope `json:"scope"`
	Label     string       `json:"label"`
	CreatedAt time.Time    `json:"created_at"`
	RevokedAt *time.Time   `json:"revoked_at,omitempty"`
	Own       bool         `json:"own"`           // the request came with it
	Key       string       `json:"key,omitempty"` // when it is made, and never again
}

func shownKeyOf(c *gin.Context, k *access.Key) shownKey {
	shown := shownKey{ID: k.ID, Scope: k.Scope, Label: k.Label, CreatedAt: k.CreatedAt.UTC(), Own: k.ID == principal(c).KeyID}
	if k.Revoked() {
		at := k.RevokedAt.UTC()
		shown.RevokedAt = &at
	}
	return shown
}

// shownKeys is a list of keys.
type shownKeys struct {
	Keys []shownKey `json:"keys"`
}

// getKeys lists the keys of the key's project, the newest first: all good ones,
// and the revoked ones that were made last.
func (s *Server) getKeys(c *gin.Context) (any, error) {
	keys, err := s.keeping.Keys(c.Request.Context(), principal(c).Project.Name)
	if err != nil {
		return nil, err
	}
	list := shownKeys{[]shownKey{}}
	revoked := 0
	for i := range slices.Backward(keys) {
		if keys[i].Revoked() {
			if revoked++; revoked > maxRevokedShown {
				continue
			}
		}
		list.Keys = append(list.Keys, shownKeyOf(c, &keys[i]))
	}
	return list, nil
}

// keyOrder is what is said of a key that is to be made.
type keyOrder struct {
	Scope string `json:"scope"` // write, read or admin
	Label string `json:"label"` // what it is for, in the words of who makes it
}

// postKey makes a key for the key's project.
func (s *Server) postKey(c *gin.Context) (any, error) {
	scope, label, err := s.keyBody(c)
	if err != nil {
		return nil, err
	}
	ctx, project := c.Request.Context(), principal(c).Project.Name
	keys, err := s.keeping.Keys(ctx, project)
	if err != nil {
		return nil, err
	}
	good := 0
	for i := range keys {
		if !keys[i].Revoked() {
			good++
		}
	}
	if good >= maxGoodKeys {
		return nil, problem(http.StatusConflict, "too_many_keys", "the project has %d keys that are good, the limit is %d: revoke some", good, maxGoodKeys)
	}
	key, secret, err := s.keeping.CreateKey(ctx, project, scope, label)
	if err != nil {
		return nil, err
	}
	shown := shownKeyOf(c, &key)
	shown.Key = secret
	text, err := json.Marshal(shown)
	return plain{http.StatusCreated, "application/json; charset=utf-8", text}, err
}

func (s *Server) keyBody(c *gin.Context) (scope access.Scope, label string, err error) {
	body, done, err := s.readBody(c)
	if err != nil {
		return 0, "", err
	}
	defer done()
	if len(body) > maxKeyBodyBytes {
		return 0, "", problem(http.StatusRequestEntityTooLarge, "body_too_large", "what is said of a key has at most %d bytes", maxKeyBodyBytes)
	}
	var sent keyOrder
	if err := json.Unmarshal(body, &sent, json.RejectUnknownMembers(true)); err != nil {
		return 0, "", problem(http.StatusBadRequest, "invalid_json", `want {"scope": "write", "read" or "admin", "label": TEXT}`)
	}
	if scope, err = access.ParseScope(sent.Scope); err != nil {
		return 0, "", badParameter("scope", "invalid_parameter", "scope: want one of write, read, admin")
	}
	if err := access.CheckLabel(sent.Label); err != nil {
		return 0, "", badParameter("label", "invalid_parameter", "label: %s", err)
	}
	return scope, sent.Label, nil
}

// deleteKey revokes a key of the key's project. That of the request itself goes
// only if it is said that this is meant.
func (s *Server) deleteKey(c *gin.Context) (any, error) {
	id, who := c.Param("id"), principal(c)
	keys, err := s.keeping.Keys(c.Request.Context(), who.Project.Name)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(keys, func(k access.Key) bool { return k.ID == id }) {
		return nil, problem(http.StatusNotFound, "not_found", "the project has no such key")
	}
	if id == who.KeyID && c.Query("own") != "true" {
		return nil, problem(http.StatusConflict, "own_key", "this request came with that key: add own=true to revoke it all the same")
	}
	key, err := s.keeping.RevokeKey(c.Request.Context(), id)
	return shownKeyOf(c, &key), err
}

// shownProject is what its admins see of a project.
type shownProject struct {
	Project   string            `json:"project"`
	Timezone  string            `json:"timezone"`
	Zones     []access.ZoneSpan `json:"zones"` // the oldest first
	CreatedAt time.Time         `json:"created_at"`
	Origins   []string          `json:"origins"`
	Retention shownRetention    `json:"retention_days"`
}

// shownRetention is for how many days rows are kept at least; 0: for ever.
type shownRetention struct {
	Raw      uint32 `json:"raw"`
	People   uint32 `json:"people"`
	Counters uint32 `json:"counters"`
}

// getProject shows the key's project.
func (s *Server) getProject(c *gin.Context) (any, error) {
	p, err := s.keeping.Project(c.Request.Context(), principal(c).Project.Name)
	if err != nil {
		return nil, err
	}
	all, err := s.kept(c.Request.Context())
	if err != nil {
		return nil, err
	}
	shown := shownProject{
		Project: p.Name, Timezone: access.ZoneName(p.Zone), Zones: access.ZoneSpans(p.Zone), CreatedAt: p.CreatedAt.UTC(),
		Origins: append([]string{}, p.Origins...),
	}
	for _, r := range all {
		if r.Project == p.Name {
			shown.Retention = shownRetention{r.Days.Raw, r.Days.People, r.Days.Counters}
		}
	}
	return shown, nil
}
