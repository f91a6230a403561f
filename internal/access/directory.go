package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"
)

// refreshTimeout bounds one refresh: longer than a loaded ClickHouse takes for
// two small tables, shorter than a client waits.
const refreshTimeout = 3 * time.Second

// unknownKeyAge is the age at which the copy is refreshed for a key that is not
// in it, so that a new key works almost at once, and a flood of wrong ones
// costs ten small queries a second.
const unknownKeyAge = 100 * time.Millisecond

// DirectoryOptions are the bounds of a Directory.
type DirectoryOptions struct {
	// Refresh is the longest age at which the copy is trusted while the store
	// answers. A revoked key is refused at most this long after RevokeKey has
	// returned. 0: 1 second.
	Refresh time.Duration
	// MaxStale is the longest age at which the copy is still used while the
	// store does not answer. Beyond it every request is ErrUnavailable. 0: no
	// longer than Refresh.
	MaxStale time.Duration
}

// Directory authenticates requests from a copy of the keys and projects.
//
// Why revocation is in force after Refresh: a copy's age is counted from before
// its query was sent, so that a copy younger than Refresh has seen everything
// that was written more than Refresh ago. An older copy is refreshed by the
// request that finds it too old, before that request is answered; requests
// that come meanwhile wait for the same refresh, and for another one if that
// one began too long before them.
//
// The exception is a store that cannot be reached: the last copy then serves
// until MaxStale, and ibarura_access_snapshot_age_seconds says its age. After a
// failure the store is left alone for Refresh, so that requests do not each
// wait for a time-out.
//
// All methods may be called from any goroutine.
type Directory struct {
	load    func(context.Context) (*snapshot, error)
	opts    DirectoryOptions
	current atomic.Pointer[snapshot]
	failure atomic.Pointer[refreshFailure] // of the last refresh; nil after a good one
	flights singleflight.Group
	metrics *directoryMetrics
}

// refreshFailure is a refresh that failed at a moment.
type refreshFailure struct {
	at  time.Time
	err error
}

// NewDirectory returns a Directory on store, which is first asked by the first
// request or by Refresh. Its metrics go to reg.
func NewDirectory(store *Store, opts DirectoryOptions, reg prometheus.Registerer) *Directory {
	return newDirectory(store.snapshot, opts, reg)
}

func newDirectory(load func(context.Context) (*snapshot, error), opts DirectoryOptions, reg prometheus.Registerer) *Directory {
	if opts.Refresh <= 0 {
		opts.Refresh = time.Second
	}
	opts.MaxStale = max(opts.MaxStale, opts.Refresh)
	d := &Directory{load: load, opts: opts}
	d.metrics = newDirectoryMetrics(reg, d)
	return d
}

// Authenticate returns who presents this key. ErrUnauthorized if nobody good
// does, ErrUnavailable if that cannot be told now; ctx's error if it ends
// during a refresh. A key in a fresh copy is found without locks and without
// allocation.
func (d *Directory) Authenticate(ctx context.Context, presented string) (Principal, error) {
	if presented == "" || len(presented) > maxKeyBytes {
		return Principal{}, d.metrics.denied(ErrUnauthorized)
	}
	hash := hashPresented(presented)
	snap, err := d.snapshot(ctx, d.opts.Refresh)
	if err != nil {
		return Principal{}, d.metrics.denied(err)
	}
	if principal, found := snap.lookup(&hash); found {
		return principal, nil
	}
	return secondLook(ctx, d, func(s *snapshot) (Principal, bool) { return s.lookup(&hash) }, ErrUnauthorized)
}

// authorizeID is Authorize for a key that has been presented before, by its id.
func (d *Directory) authorizeID(ctx context.Context, id string, needed Scope) (Principal, error) {
	snap, err := d.snapshot(ctx, d.opts.Refresh)
	if err != nil {
		return Principal{}, d.metrics.denied(err)
	}
	find := func(s *snapshot) (Principal, bool) { return s.lookupID(id) }
	principal, found := find(snap)
	if !found {
		if principal, err = secondLook(ctx, d, find, ErrUnauthorized); err != nil {
			return Principal{}, err
		}
	}
	return principal, d.metrics.denied(principal.Require(needed))
}

// link returns what is known of a good link by its id; ErrLinkRevoked if there is
// none.
func (d *Directory) link(ctx context.Context, id string) (snapshotLink, error) {
	snap, err := d.snapshot(ctx, d.opts.Refresh)
	if err != nil {
		return snapshotLink{}, d.metrics.denied(err)
	}
	if link, found := snap.links[id]; found {
		return link, nil
	}
	return secondLook(ctx, d, func(s *snapshot) (snapshotLink, bool) {
		link, found := s.links[id]
		return link, found
	}, ErrLinkRevoked)
}

// secondLook looks for a key or link that the copy does not have: it may be
// newer. If the store does not answer, that cannot be told, and the client, who
// may well be right, is not told to give up.
func secondLook[T any](ctx context.Context, d *Directory, find func(*snapshot) (T, bool), unknown *Error) (none T, err error) {
	maxAge := min(unknownKeyAge, d.opts.Refresh)
	notBefore := time.Now().Add(-maxAge)
	snap, err := d.snapshot(ctx, maxAge)
	if err != nil {
		return none, d.metrics.denied(err)
	}
	seen, found := find(snap)
	switch {
	case found:
		return seen, nil
	case snap.asOf.Before(notBefore):
		return none, d.metrics.denied(ErrUnavailable)
	default:
		return none, d.metrics.denied(unknown)
	}
}

// Authorize is Authenticate and Require in one.
func (d *Directory) Authorize(ctx context.Context, presented string, needed Scope) (Principal, error) {
	principal, err := d.Authenticate(ctx, presented)
	if err != nil {
		return Principal{}, err
	}
	if err := principal.Require(needed); err != nil {
		return Principal{}, d.metrics.denied(err)
	}
	return principal, nil
}

// AnyAllowsOrigin reports whether pages of this origin may use a key of some
// project. A browser asks that before it sends a key. ErrUnavailable if it
// cannot be told now.
func (d *Directory) AnyAllowsOrigin(ctx context.Context, origin string) (bool, error) {
	snap, err := d.snapshot(ctx, d.opts.Refresh)
	if err != nil {
		return false, err
	}
	return snap.origins != nil && snap.origins.allows(origin), nil
}

// Refresh asks the store now, for a start that should not wait for its first
// request, or a check of readiness. Its error is the store's.
func (d *Directory) Refresh(ctx context.Context) error {
	_, err := d.refresh(ctx, time.Now())
	return err
}

// snapshot returns a copy that was at most maxAge old when it was called or,
// while the store does not answer, the last one within MaxStale.
func (d *Directory) snapshot(ctx context.Context, maxAge time.Duration) (*snapshot, error) {
	now := time.Now()
	snap := d.current.Load()
	if snap != nil && now.Sub(snap.asOf) < maxAge {
		return snap, nil
	}
	if failure := d.failure.Load(); failure != nil && now.Sub(failure.at) < d.opts.Refresh {
		return d.stale(failure.err)
	}
	fresh, err := d.refresh(ctx, now.Add(-maxAge))
	switch {
	case err == nil:
		return fresh, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return d.stale(err)
	}
}

// stale returns the last copy if it may still be used.
func (d *Directory) stale(cause error) (*snapshot, error) {
	snap := d.current.Load()
	if snap == nil || time.Since(snap.asOf) > d.opts.MaxStale {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, cause)
	}
	return snap, nil
}

// refresh returns a copy that is not older than the moment given. Callers share
// a refresh under way; one that began too early for a caller is followed by
// another. The refresh itself outlives a caller who goes away.
func (d *Directory) refresh(ctx context.Context, notBefore time.Time) (*snapshot, error) {
	for {
		flight := d.flights.DoChan("", func() (any, error) { return d.reload(context.WithoutCancel(ctx)) })
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case result := <-flight:
			if result.Err != nil {
				return nil, result.Err
			}
			if snap := result.Val.(*snapshot); !snap.asOf.Before(notBefore) {
				return snap, nil
			}
		}
	}
}

// reload asks the store once, and publishes what it says.
func (d *Directory) reload(ctx context.Context) (*snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	snap, err := d.load(ctx)
	if err != nil {
		d.metrics.failed.Inc()
		err = fmt.Errorf("read keys and projects: %w", err)
		d.failure.Store(&refreshFailure{time.Now(), err})
		return nil, err
	}
	d.metrics.refreshed.Inc()
	d.metrics.usable.Set(float64(len(snap.keys)))
	d.metrics.unusable.Set(float64(snap.unusable))
	d.current.Store(snap)
	d.failure.Store(nil)
	return snap, nil
}

// hashPresented hashes a key of at most maxKeyBytes without allocation, which
// converting the string to a slice would need.
func hashPresented(key string) keyHash {
	var buffer [maxKeyBytes]byte
	return sha256.Sum256(buffer[:copy(buffer[:], key)])
}
