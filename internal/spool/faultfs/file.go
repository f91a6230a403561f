package faultfs

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"ibarura/internal/spool"
)

// node is what is known of a file, whoever has it open: how to take back what
// was not synced.
type node struct {
	path  string
	undo  []change // since the last Sync, oldest first
	loose []change // which a failed Sync gave up
}

// change is a write or a change of length, with what was there before.
type change struct {
	at      int64
	old     []byte // the bytes that were there before, zeros beyond the end
	size    int    // bytes that were written; 0: the length was changed
	oldSize int64  // of the file, if its length was changed
}

// file is an open file of an FS.
type file struct {
	fs    *FS
	inner spool.File
	node  *node
	age   int
}

// use runs do with the file system locked, if there is power.
func (f *file) use(do func() error) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.off || f.age != f.fs.age {
		return ErrPowerOff
	}
	return do()
}

// before asks the hook, by the name that the file has now.
func (f *file) before(kind Kind, size int) (Fault, error) {
	f.fs.mu.Lock()
	path, dead := f.node.path, f.age != f.fs.age
	f.fs.mu.Unlock()
	if dead {
		return Fault{}, fmt.Errorf("%s %s: %w", kind, path, ErrPowerOff)
	}
	return f.fs.before(kind, path, size)
}

// ReadAt reads.
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	fault, err := f.before(ReadAt, len(b))
	if err != nil || fault.Err != nil {
		return 0, errors.Join(err, fault.Err)
	}
	n := 0
	err = f.use(func() (err error) {
		n, err = f.inner.ReadAt(b, at)
		return err
	})
	return n, err
}

// WriteAt writes, all or some of it.
func (f *file) WriteAt(b []byte, at int64) (int, error) {
	fault, err := f.before(WriteAt, len(b))
	if err != nil {
		return 0, err
	}
	if fault.Err != nil {
		b = b[:min(fault.Short, len(b))]
	}
	n := 0
	err = f.use(func() (err error) {
		if err = f.remember(at, len(b)); err != nil {
			return err
		}
		n, err = f.inner.WriteAt(f.fs.flipped(b, fault.Flip), at)
		return err
	})
	return n, errors.Join(err, fault.Err)
}

// flipped returns the bytes with one bit changed, if so wanted.
func (f *FS) flipped(b []byte, flip bool) []byte {
	if !flip || len(b) == 0 {
		return b
	}
	b = slices.Clone(b)
	b[f.rng.IntN(len(b))] ^= 1 << f.rng.IntN(8)
	return b
}

// remember notes what a write is about to overwrite.
func (f *file) remember(at int64, n int) error {
	if n == 0 {
		return nil
	}
	c := change{at: at, old: make([]byte, n), size: n}
	if _, err := f.inner.ReadAt(c.old, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	f.node.undo = append(f.node.undo, c)
	return nil
}

// Sync makes the file's bytes safe, or gives up those since the last one.
func (f *file) Sync() error {
	fault, err := f.before(Sync, 0)
	if err != nil {
		return err
	}
	return f.use(func() error {
		if fault.Err != nil {
			f.node.loose = append(f.node.loose, f.node.undo...)
			f.node.undo = nil
			return fault.Err
		}
		f.node.undo = nil
		return f.inner.Sync()
	})
}

// Allocate reserves disk.
func (f *file) Allocate(size int64) error {
	return f.changeSize(Allocate, size, f.inner.Allocate)
}

// Truncate changes the length.
func (f *file) Truncate(size int64) error {
	return f.changeSize(Truncate, size, f.inner.Truncate)
}

func (f *file) changeSize(kind Kind, size int64, do func(int64) error) error {
	fault, err := f.before(kind, 0)
	if err != nil || fault.Err != nil {
		return errors.Join(err, fault.Err)
	}
	return f.use(func() error {
		old, err := f.inner.Size()
		if err != nil {
			return err
		}
		c := change{at: size, oldSize: old}
		if old > size {
			c.old = make([]byte, old-size)
			if _, err := f.inner.ReadAt(c.old, size); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		}
		f.node.undo = append(f.node.undo, c)
		return do(size)
	})
}

// Size is the length of the file.
func (f *file) Size() (size int64, err error) {
	err = f.use(func() (err error) {
		size, err = f.inner.Size()
		return err
	})
	return size, err
}

// Close closes the file, power or not.
func (f *file) Close() error { return f.inner.Close() }
