package access

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

type keyRow struct {
	ID        string     `ch:"id"`
	Project   string     `ch:"project"`
	Scope     string     `ch:"scope"`
	Label     string     `ch:"label"`
	Hash      string     `ch:"hash"`
	CreatedAt time.Time  `ch:"created_at"`
	RevokedAt *time.Time `ch:"revoked_at"`
	Version   uint64     `ch:"version"`
}

func (r *keyRow) key() (Key, error) {
	scope, err := ParseScope(r.Scope)
	if err != nil {
		return Key{}, fmt.Errorf("key %s: %w", r.ID, err)
	}
	key := Key{ID: r.ID, Project: r.Project, Scope: scope, Label: r.Label, CreatedAt: r.CreatedAt}
	if r.RevokedAt != nil {
		key.RevokedAt = *r.RevokedAt
	}
	return key, nil
}

// Keys returns the keys of a project, or of all projects ("") in their order,
// the oldest first, revoked ones included.
func (s *Store) Keys(ctx context.Context, project string) ([]Key, error) {
	keys, err := s.keys(ctx, "keys", clickhouse.Parameters{"project": project})
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return keys, nil
}

func (s *Store) keys(ctx context.Context, name string, parameters clickhouse.Parameters) ([]Key, error) {
	var rows []keyRow
	if err := s.query(ctx, &rows, name, parameters); err != nil {
		return nil, err
	}
	keys := make([]Key, 0, len(rows))
	for i := range rows {
		key, err := rows[i].key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// CreateKey makes a key and returns it together with its secret, which cannot
// be had again. A Directory of another process may take up to its refresh time
// to accept it. ErrNoProject if there is no such project.
func (s *Store) CreateKey(ctx context.Context, project string, scope Scope, label string) (Key, string, error) {
	secret := newKey(scope)
	key, err := s.storeKey(ctx, project, scope, label, secret)
	if err != nil {
		return Key{}, "", err
	}
	return key, secret, nil
}

// GiveKey stores a key that the operator has chosen. Giving the same key to the
// same project and scope again returns the one that is there; ErrKeyInUse if it
// belongs to another, or was revoked; ErrInvalid by CheckGivenKey.
//
// Two processes that are given the same key at the same moment may both store
// it, under two ids; RevokeKey revokes both.
func (s *Store) GiveKey(ctx context.Context, project string, scope Scope, label, secret string) (Key, error) {
	if err := CheckGivenKey(secret); err != nil {
		return Key{}, err
	}
	hash := hashKey(secret)
	same, err := s.keys(ctx, "key_by_hash", clickhouse.Parameters{"hash": hex.EncodeToString(hash[:])})
	if err != nil {
		return Key{}, fmt.Errorf("look up a given key: %w", err)
	}
	for _, key := range same {
		if key.Revoked() || key.Project != project || key.Scope != scope {
			return Key{}, fmt.Errorf("%w: it is the %s key %s of project %q", ErrKeyInUse, key.Scope, key.ID, key.Project)
		}
	}
	if len(same) > 0 {
		return same[0], nil
	}
	return s.storeKey(ctx, project, scope, label, secret)
}

func (s *Store) storeKey(ctx context.Context, project string, scope Scope, label, secret string) (Key, error) {
	if _, err := ParseScope(scope.String()); err != nil {
		return Key{}, err
	}
	if err := CheckLabel(label); err != nil {
		return Key{}, err
	}
	if _, err := s.Project(ctx, project); err != nil {
		return Key{}, err
	}
	key := Key{ID: newKeyID(), Project: project, Scope: scope, Label: label, CreatedAt: now()}
	if err := s.writeKey(ctx, &key, hashKey(secret), firstVersion); err != nil {
		return Key{}, fmt.Errorf("store a key of project %q: %w", project, err)
	}
	return key, nil
}

// writeKey writes a state of a key.
func (s *Store) writeKey(ctx context.Context, key *Key, hash keyHash, version uint64) error {
	var revoked *time.Time
	if key.Revoked() {
		revoked = &key.RevokedAt
	}
	return s.insert(ctx, "api_keys", key.ID, key.Project, key.Scope.String(), key.Label, string(hash[:]),
		key.CreatedAt, revoked, version)
}

// RevokeKey revokes the key of this id for good, and returns it. Every process
// refuses it once its Directory has refreshed; RevokeAndWait waits for that.
// Revoking it again changes nothing. ErrNoKey if there is none.
func (s *Store) RevokeKey(ctx context.Context, id string) (Key, error) {
	var rows []keyRow
	if err := s.query(ctx, &rows, "same_key", clickhouse.Parameters{"id": id}); err != nil {
		return Key{}, fmt.Errorf("look up key %q: %w", id, err)
	}
	var revoked *Key
	for i := range rows {
		key, err := s.revokeRow(ctx, &rows[i])
		if err != nil {
			return Key{}, fmt.Errorf("revoke key %q: %w", id, err)
		}
		if key.ID == id {
			revoked = &key
		}
	}
	if revoked == nil {
		return Key{}, fmt.Errorf("%w: %q", ErrNoKey, id)
	}
	return *revoked, nil
}

// revokeRow writes the revoked state of a key, unless it is there.
func (s *Store) revokeRow(ctx context.Context, row *keyRow) (Key, error) {
	key, err := row.key()
	if err != nil || key.Revoked() {
		return key, err
	}
	var hash keyHash
	copy(hash[:], row.Hash)
	key.RevokedAt = now()
	return key, s.writeKey(ctx, &key, hash, row.Version+1)
}

// RevokeAndWait revokes the key of this id, and returns when every process
// refuses it whose Directory refreshes within bound. A process that cannot
// reach ClickHouse is the exception: it goes on with what it knows for its
// MaxStale. If ctx ends while waiting, the key is revoked and ctx's error is
// returned with it.
func (s *Store) RevokeAndWait(ctx context.Context, id string, bound time.Duration) (Key, error) {
	key, err := s.RevokeKey(ctx, id)
	if err != nil {
		return Key{}, err
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-timer.C:
		return key, nil
	case <-ctx.Done():
		return key, fmt.Errorf("key %q is revoked, but not yet everywhere: %w", id, ctx.Err())
	}
}
