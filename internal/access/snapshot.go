package access

import (
	"context"
	"crypto/subtle"
	"time"
)

// Principal is who a request comes from: a key, and the project that it opens.
type Principal struct {
	Project Project
	KeyID   string // fit for logs
	Scope   Scope
}

// Require returns ErrForbidden unless the key may do what needs the scope
// needed.
func (p *Principal) Require(needed Scope) error {
	if !p.Scope.Allows(needed) {
		return ErrForbidden
	}
	return nil
}

// snapshot is what a process knows of keys and projects at one moment. It does
// not change once it is published.
type snapshot struct {
	asOf     time.Time // before the query was sent: what was written by then is in
	keys     map[keyHash]snapshotKey
	links    map[string]snapshotLink // good ones, by id
	unusable int                     // keys whose project's zone this program does not know
	origins  *originSet              // of all projects together
}

type snapshotKey struct {
	hash      keyHash
	principal Principal
}

type snapshotLink struct {
	project Project
	name    string
}

// lookup returns the principal of the key with this hash. Finding the entry is
// a lookup by hash, whose timing says nothing that helps to guess a key; the
// entry is then compared in constant time.
func (s *snapshot) lookup(hash *keyHash) (Principal, bool) {
	entry, found := s.keys[*hash]
	if !found || subtle.ConstantTimeCompare(entry.hash[:], hash[:]) != 1 {
		return Principal{}, false
	}
	return entry.principal, true
}

// lookupID returns the principal of the key with this id. Dashboards ask
// seldom and keys are few, so that there is no index.
func (s *snapshot) lookupID(id string) (Principal, bool) {
	for _, entry := range s.keys {
		if entry.principal.KeyID == id {
			return entry.principal, true
		}
	}
	return Principal{}, false
}

type snapshotRow struct {
	ID       string   `ch:"id"`
	Project  string   `ch:"project"`
	Scope    string   `ch:"scope"`
	Hash     string   `ch:"hash"`
	Timezone string   `ch:"timezone"`
	Origins  []string `ch:"origins"`
}

type snapshotLinkRow struct {
	ID       string `ch:"id"`
	Project  string `ch:"project"`
	Name     string `ch:"name"`
	Timezone string `ch:"timezone"`
}

// snapshot reads all good keys and links. Of two keys with one hash the older counts.
func (s *Store) snapshot(ctx context.Context) (*snapshot, error) {
	snap := &snapshot{asOf: time.Now()}
	var rows []snapshotRow
	if err := s.query(ctx, &rows, "snapshot", nil); err != nil {
		return nil, err
	}
	snap.keys = make(map[keyHash]snapshotKey, len(rows))
	zones := map[string]*time.Location{}
	var origins []string
	for i := range rows {
		snap.add(&rows[i], zones)
		origins = append(origins, rows[i].Origins...)
	}
	snap.origins = newOriginSet(origins)
	var links []snapshotLinkRow
	if err := s.query(ctx, &links, "good_links", nil); err != nil {
		return nil, err
	}
	snap.addLinks(links, zones)
	return snap, nil
}

// zoneOf loads the zone of a project once.
func zoneOf(name string, zones map[string]*time.Location) (*time.Location, error) {
	if zone := zones[name]; zone != nil {
		return zone, nil
	}
	zone, err := LoadProjectZone(name)
	if err == nil {
		zones[name] = zone
	}
	return zone, err
}

// addLinks leaves out those whose project's zone this program does not know: the
// keys of that project are counted as unusable.
func (s *snapshot) addLinks(rows []snapshotLinkRow, zones map[string]*time.Location) {
	s.links = make(map[string]snapshotLink, len(rows))
	for _, row := range rows {
		if zone, err := zoneOf(row.Timezone, zones); err == nil {
			s.links[row.ID] = snapshotLink{NewProject(row.Project, zone, nil), row.Name}
		}
	}
}

func (s *snapshot) add(row *snapshotRow, zones map[string]*time.Location) {
	scope, err := ParseScope(row.Scope)
	if err != nil {
		s.unusable++
		return
	}
	zone, err := zoneOf(row.Timezone, zones)
	if err != nil || len(row.Hash) != len(keyHash{}) {
		s.unusable++
		return
	}
	hash := keyHash([]byte(row.Hash))
	if _, taken := s.keys[hash]; taken {
		return
	}
	s.keys[hash] = snapshotKey{hash, Principal{Project: NewProject(row.Project, zone, row.Origins), KeyID: row.ID, Scope: scope}}
}
