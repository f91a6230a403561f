// Package faultfs is a file system for tests of the spool: it passes everything
// on to a real one, and fails, delays, shortens, forgets and damages on demand.
// Nothing on the way from POST to chart uses it.
//
// What it does to an operation a Hook decides: one of a test's own, or Random,
// which draws from a seed. A power loss takes back what was not synced:
//
//	disk := faultfs.New(spool.OS{}, seed)
//	s, err := spool.Open(ctx, spool.Options{Dir: dir, FS: disk})
//	…
//	disk.PowerLoss() // from now on every call fails
//	_ = s.Close(ctx)
//	disk.PowerOn()   // what survived can be opened
//
// It believes that a file's bytes are safe after its Sync, and names after the
// Sync of their folder. Of bytes that were not synced each write survives as a
// whole, not at all, up to some sector, or in some sectors; of names that were
// not synced the later ones are taken back. After a Sync that was made to fail,
// as on Linux, the file still shows the bytes, and no later Sync saves them.
package faultfs

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ibarura/internal/spool"
)

// ErrPowerOff is what every call returns between PowerLoss or Crash and
// PowerOn, and every call on a file that was opened before, for ever.
var ErrPowerOff = errors.New("faultfs: the power is off")

// FS is a spool.FS. It is safe for concurrent use. Two of them must not be used
// on the same files.
type FS struct {
	inner spool.FS

	mu      sync.Mutex
	rng     *rand.Rand
	hook    Hook
	off     bool
	age     int              // grows with each loss of power; files of another age are dead
	nodes   map[string]*node // files that were written to, by their path now
	names   []rename         // changes of names that no Sync of the folder has made safe
	aside   int              // number of the next file that is kept aside
	counted map[Kind]int
}

var _ spool.FS = (*FS)(nil)

// New wraps a file system. The seed decides what survives a loss of power.
func New(inner spool.FS, seed uint64) *FS {
	return &FS{
		inner:   inner,
		rng:     rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // faults, not secrets
		nodes:   map[string]*node{},
		counted: map[Kind]int{},
		hook:    func(Op) Fault { return Fault{} },
	}
}

// SetHook sets what decides about faults; nil: there are none.
func (f *FS) SetHook(hook Hook) {
	if hook == nil {
		hook = func(Op) Fault { return Fault{} }
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// before asks the hook about an operation and waits as long as it says.
func (f *FS) before(kind Kind, path string, size int) (Fault, error) {
	f.mu.Lock()
	f.counted[kind]++
	op := Op{Kind: kind, Path: path, Size: size, Count: f.counted[kind]}
	hook, off := f.hook, f.off
	f.mu.Unlock()
	if off {
		return Fault{}, fmt.Errorf("%s %s: %w", kind, path, ErrPowerOff)
	}
	fault := hook(op)
	if fault.Delay > 0 {
		time.Sleep(fault.Delay)
	}
	if fault.Err != nil {
		fault.Err = &fs.PathError{Op: string(kind), Path: path, Err: fault.Err}
	}
	return fault, nil
}

// act runs an operation that changes names, unless a fault or the lack of power
// prevents it.
func (f *FS) act(kind Kind, path string, do func() error) error {
	fault, err := f.before(kind, path, 0)
	if err != nil || fault.Err != nil {
		return errors.Join(err, fault.Err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off {
		return ErrPowerOff
	}
	return do()
}

// Open opens a file.
func (f *FS) Open(path string, mode spool.Mode) (spool.File, error) {
	var opened *file
	err := f.act(Open, path, func() error {
		if mode == spool.Create {
			if err := f.putAside(path); err != nil {
				return err
			}
		}
		inner, err := f.inner.Open(path, mode)
		if err != nil {
			return err
		}
		if mode == spool.Create {
			f.names = append(f.names, rename{to: path})
			f.nodes[path] = &node{path: path}
		}
		opened = &file{fs: f, inner: inner, node: f.node(path), age: f.age}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (f *FS) node(path string) *node {
	n, known := f.nodes[path]
	if !known {
		n = &node{path: path}
		f.nodes[path] = n
	}
	return n
}

// Rename renames a file.
func (f *FS) Rename(from, to string) error {
	return f.act(Rename, from, func() error {
		if err := f.putAside(to); err != nil {
			return err
		}
		return f.move(from, to)
	})
}

// Remove removes a file.
func (f *FS) Remove(path string) error {
	return f.act(Remove, path, func() error {
		if _, err := f.size(path); err != nil {
			return err
		}
		return f.putAside(path)
	})
}

// List lists a folder, without what is kept aside.
func (f *FS) List(dir string) ([]string, error) {
	var names []string
	err := f.act(List, dir, func() error {
		all, err := f.inner.List(dir)
		for _, name := range all {
			if !strings.Contains(name, asideMark) {
				names = append(names, name)
			}
		}
		return err
	})
	return names, err
}

// Sync makes the names in a folder safe.
func (f *FS) Sync(dir string) error {
	return f.act(SyncDir, dir, func() error {
		var others []rename
		for _, r := range f.names {
			if filepath.Dir(r.to) != filepath.Clean(dir) {
				others = append(others, r)
				continue
			}
			if strings.Contains(r.to, asideMark) {
				_ = f.inner.Remove(r.to)
				delete(f.nodes, r.to)
			}
		}
		f.names = others
		return f.inner.Sync(dir)
	})
}

// Free tells how much disk there is; a Fault may say another amount.
func (f *FS) Free(dir string) (int64, error) {
	fault, err := f.before(Free, dir, 0)
	if err != nil || fault.Err != nil {
		return 0, errors.Join(err, fault.Err)
	}
	if fault.Free != 0 {
		return fault.Free, nil
	}
	return f.inner.Free(dir)
}
