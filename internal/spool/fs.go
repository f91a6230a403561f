package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Mode says what a file is opened for.
type Mode int

// Modes of Open.
const (
	Read   Mode = iota // read an existing file
	Change             // read and write an existing file
	Create             // make the file anew, empty
)

// FS is what the spool asks of a file system. Paths are those that it was
// opened with, joined with a name. Errors are as package os gives them:
// fs.ErrNotExist and syscall numbers can be told by errors.Is.
type FS interface {
	Open(path string, mode Mode) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	List(dir string) ([]string, error) // names of the files, in any order
	Sync(dir string) error             // makes names that were made or removed in the folder durable
	Free(dir string) (int64, error)    // bytes that the file system still has for this user
}

// File is an open file. Sync is fdatasync: what was written before it survives
// a loss of power once it has returned nil. After an error of Sync nothing is
// known about the file, and the spool does not write to it any more.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Allocate(size int64) error // makes the file this long, its disk reserved where the file system can
	Truncate(size int64) error
	Size() (int64, error)
	Sync() error
}

// OS is the file system of the operating system.
type OS struct{}

// Open opens a file; a new one is readable by its owner only.
func (OS) Open(path string, mode Mode) (File, error) {
	flags := map[Mode]int{Read: os.O_RDONLY, Change: os.O_RDWR, Create: os.O_RDWR | os.O_CREATE | os.O_TRUNC}
	f, err := os.OpenFile(path, flags[mode], 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename renames a file and replaces one that has the name.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func (OS) Remove(path string) error { return os.Remove(path) }

// List lists the files of a folder.
func (OS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Sync syncs a folder.
func (OS) Sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Free asks the file system that holds the folder.
func (OS) Free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := retryInterrupted(func() error { return unix.Statfs(dir, &st) }); err != nil {
		return 0, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // the types differ between systems
}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) Sync() error {
	if err := retryInterrupted(func() error { return syncData(f.File) }); err != nil {
		return &fs.PathError{Op: "sync", Path: f.Name(), Err: err}
	}
	return nil
}

// Allocate reserves the disk, or only sets the size where the file system
// cannot reserve.
func (f osFile) Allocate(size int64) error {
	err := retryInterrupted(func() error { return reserve(f.File, size) })
	if errors.Is(err, errors.ErrUnsupported) {
		return f.Truncate(size)
	}
	if err != nil {
		return &fs.PathError{Op: "allocate", Path: f.Name(), Err: err}
	}
	return nil
}

func retryInterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
