package faultfs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"ibarura/internal/spool"
)

// rename is a change of names that is not safe yet. An empty from: the file was
// made.
type rename struct{ from, to string }

// asideMark is in the name of a file that was removed or replaced, as long as
// that is not safe.
const asideMark = ".faultfs-"

// putAside removes a name so that it can be brought back; f.mu is held.
func (f *FS) putAside(path string) error {
	if _, err := f.size(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f.aside++
	return f.move(path, fmt.Sprintf("%s%s%d", path, asideMark, f.aside))
}

func (f *FS) size(path string) (int64, error) {
	file, err := f.inner.Open(path, spool.Read)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return file.Size()
}

func (f *FS) move(from, to string) error {
	if err := f.inner.Rename(from, to); err != nil {
		return err
	}
	f.names = append(f.names, rename{from: from, to: to})
	f.moved(from, to)
	return nil
}

func (f *FS) moved(from, to string) {
	if n, known := f.nodes[from]; known {
		delete(f.nodes, from)
		n.path = to
		f.nodes[to] = n
	}
}

// Crash is the end of the process, not of the machine: every call fails until
// PowerOn, and all that was written is there then.
func (f *FS) Crash() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
	f.age++
}

// PowerLoss takes back what was not synced, at random. Every call fails until
// PowerOn. It returns the errors of the file system below.
func (f *FS) PowerLoss() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
	f.age++
	var errs []error
	for _, path := range slices.Sorted(maps.Keys(f.nodes)) {
		errs = append(errs, f.loseBytes(f.nodes[path]))
	}
	errs = append(errs, f.loseNames())
	clear(f.nodes)
	f.names = nil
	return errors.Join(errs...)
}

// PowerOn lets files be opened again.
func (f *FS) PowerOn() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = false
}

// loseNames takes back all changes of names after a random one, and finishes
// those before it.
func (f *FS) loseNames() error {
	kept := f.rng.IntN(len(f.names) + 1)
	var errs []error
	for _, r := range slices.Backward(f.names[kept:]) {
		if r.from == "" {
			errs = append(errs, f.inner.Remove(r.to))
		} else {
			errs = append(errs, f.inner.Rename(r.to, r.from))
		}
	}
	for _, r := range f.names[:kept] {
		if strings.Contains(r.to, asideMark) {
			errs = append(errs, f.inner.Remove(r.to))
		}
	}
	return errors.Join(errs...)
}

// loseBytes takes back some of the changes of a file.
func (f *FS) loseBytes(n *node) error {
	changes := append(n.loose, n.undo...)
	if len(changes) == 0 {
		return nil
	}
	file, err := f.inner.Open(n.path, spool.Change)
	if err != nil {
		return err
	}
	for _, c := range slices.Backward(changes) {
		err = errors.Join(err, f.takeBack(file, &c))
	}
	return errors.Join(err, file.Sync(), file.Close())
}

// sector is what a disk writes as a whole.
const sector = 512

// takeBack undoes a change: all of it, nothing, all after some sector, or some
// sectors.
func (f *FS) takeBack(file spool.File, c *change) error {
	if c.size == 0 {
		return f.takeBackSize(file, c)
	}
	lose := f.sectorsToLose()
	for from := 0; from < c.size; {
		to := min(c.size, int((c.at+int64(from))/sector*sector+sector-c.at))
		if lose() {
			if _, err := file.WriteAt(c.old[from:to], c.at+int64(from)); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// sectorsToLose returns a function that says for each sector of a write, in
// order, whether it is lost.
func (f *FS) sectorsToLose() func() bool {
	switch f.rng.IntN(4) {
	case 0:
		return func() bool { return true }
	case 1:
		return func() bool { return false }
	case 2:
		lost := false
		return func() bool {
			lost = lost || f.rng.IntN(8) == 0
			return lost
		}
	default:
		return func() bool { return f.rng.IntN(2) == 0 }
	}
}

func (f *FS) takeBackSize(file spool.File, c *change) error {
	if f.rng.IntN(2) == 0 {
		return nil
	}
	if err := file.Truncate(c.oldSize); err != nil {
		return err
	}
	if len(c.old) == 0 {
		return nil
	}
	_, err := file.WriteAt(c.old, c.at)
	return err
}

// FlipBit changes one bit of a file, as an ageing disk does. The bit is counted
// from the beginning of the file.
func (f *FS) FlipBit(path string, bit int64) error {
	file, err := f.inner.Open(path, spool.Change)
	if err != nil {
		return err
	}
	var b [1]byte
	if _, err = file.ReadAt(b[:], bit/8); err == nil {
		b[0] ^= 1 << (bit % 8)
		_, err = file.WriteAt(b[:], bit/8)
	}
	return errors.Join(err, file.Close())
}
