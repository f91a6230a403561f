package access

import (
	"context"
	"errors"
	"fmt"
)

// firstRunLabel is the label of the keys that a first run makes.
const firstRunLabel = "first run"

// BootstrapOptions say what a first run creates.
type BootstrapOptions struct {
	Project  string // its name, by CheckProjectName
	Timezone string // its IANA zone
	WriteKey string // by CheckGivenKey; empty: one is generated
	ReadKey  string // likewise
	KeyFile  string // where generated keys are kept, with mode 0600
}

// IssuedKey is a key together with its secret, for the one time that it is
// shown.
type IssuedKey struct {
	Key
	Secret string
	Given  bool // the operator chose it, so that it need not be shown
}

// Bootstrapped is what Bootstrap found or made.
type Bootstrapped struct {
	Project StoredProject
	Created bool        // the project did not exist before
	Keys    []IssuedKey // made by this run; empty on later ones
}

// Bootstrap sees to it that the project exists and has, or had, a key of each
// scope: the write and the read key as given, the rest generated. Once that is
// so it does nothing; revoked keys are not made again. An existing project
// keeps its zone, whatever the options say.
//
// Generated keys are in the key file before they are stored, so that one is
// never good and lost: a run that is cut short is completed by the next with
// the same keys. Two processes that start for the first time at the same moment
// may each make keys of their own, since ClickHouse has no transaction across
// them; all of these are good and listed. A given key is then stored by both,
// and is revoked as one.
func Bootstrap(ctx context.Context, store *Store, opts BootstrapOptions) (Bootstrapped, error) {
	if opts.WriteKey != "" && opts.WriteKey == opts.ReadKey {
		return Bootstrapped{}, invalid("the write key and the read key are the same")
	}
	var done Bootstrapped
	var err error
	if done.Project, done.Created, err = ensureProject(ctx, store, opts); err != nil {
		return done, fmt.Errorf("first run: %w", err)
	}
	missing, err := missingScopes(ctx, store, opts.Project)
	if err != nil || len(missing) == 0 {
		return done, err
	}
	if done.Keys, err = issueKeys(ctx, store, opts, missing); err != nil {
		return done, fmt.Errorf("first run: %w", err)
	}
	return done, nil
}

func ensureProject(ctx context.Context, store *Store, opts BootstrapOptions) (StoredProject, bool, error) {
	project, err := store.Project(ctx, opts.Project)
	if !errors.Is(err, ErrNoProject) {
		return project, false, err
	}
	project, err = store.CreateProject(ctx, opts.Project, opts.Timezone)
	if errors.Is(err, ErrProjectExists) { // another process was faster
		project, err = store.Project(ctx, opts.Project)
		return project, false, err
	}
	return project, err == nil, err
}

// missingScopes returns the scopes of which the project has never had a key.
func missingScopes(ctx context.Context, store *Store, project string) ([]Scope, error) {
	keys, err := store.Keys(ctx, project)
	if err != nil {
		return nil, err
	}
	had := map[Scope]bool{}
	for _, key := range keys {
		had[key.Scope] = true
	}
	var missing []Scope
	for _, scope := range Scopes() {
		if !had[scope] {
			missing = append(missing, scope)
		}
	}
	return missing, nil
}

// issueKeys stores a key for each scope: the given one, else the one in the
// key file, else a generated one, which is put there first.
func issueKeys(ctx context.Context, store *Store, opts BootstrapOptions, scopes []Scope) ([]IssuedKey, error) {
	given := map[Scope]string{Write: opts.WriteKey, Read: opts.ReadKey}
	generated, err := keepKeys(opts.KeyFile, opts.Project, withoutGiven(scopes, given))
	if err != nil {
		return nil, err
	}
	var issued []IssuedKey
	for _, scope := range scopes {
		one := IssuedKey{Secret: generated[scope]}
		if given[scope] != "" {
			one = IssuedKey{Secret: given[scope], Given: true}
		}
		if one.Key, err = store.GiveKey(ctx, opts.Project, scope, firstRunLabel, one.Secret); err != nil {
			return issued, fmt.Errorf("%s key: %w", scope, err)
		}
		issued = append(issued, one)
	}
	return issued, nil
}

func withoutGiven(scopes []Scope, given map[Scope]string) []Scope {
	var rest []Scope
	for _, scope := range scopes {
		if given[scope] == "" {
			rest = append(rest, scope)
		}
	}
	return rest
}
