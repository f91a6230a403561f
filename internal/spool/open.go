package spool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Open opens the spool in a folder, and makes it if there is none. It reads the
// headers of all segments and the frames of the newest one, cuts off what
// stands behind the last whole group, and begins a new segment. It returns
// ErrInUse, ErrVersion, ErrNoHeader, the error of ctx, or one of the disk. If
// only the new segment cannot be made, the spool is open for reading and
// refuses appends until it can.
func Open(ctx context.Context, o Options) (*Spool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return nil, err
	}
	s := newSpool(o, lock)
	w, err := s.recover(ctx)
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("spool: %s: %w", o.Dir, err)
	}
	s.metrics.register(o.Registerer, s)
	s.run(w)
	return s, nil
}

func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	free, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("spool: lock %s: %w", dir, err)
	}
	if !free {
		_ = lock.Close()
		return nil, fmt.Errorf("%w: another process has %s open", ErrInUse, dir)
	}
	return lock, nil
}

func newSpool(o Options, lock *flock.Flock) *Spool {
	s := &Spool{
		o: o, lock: lock, log: o.Log, line: newLine(),
		freed: make(chan struct{}, 1), turn: make(chan struct{}, 1), look: make(chan struct{}, 1),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	s.corrupt.seen = map[LSN]struct{}{}
	s.walkers.New = func() any { return &walker{seed: s.seed} }
	s.metrics = newMetrics()
	return s
}
