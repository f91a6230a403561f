package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Errors of the data folder. Each is returned wrapped in a sentence that says
// what to do.
var (
	// ErrFolderInUse says that another process has the data folder open.
	ErrFolderInUse = errors.New("the data folder is in use")
	// ErrNewerData says that a newer engine has written the data folder.
	ErrNewerData = errors.New("the data folder is of a newer engine")
	// ErrDiskFull says that there is too little free space.
	ErrDiskFull = errors.New("too little free disk")
)

// folder is the data folder:
//
//	lock                      held while an engine runs; holds the pid of its parent
//	VERSION                   the release that wrote the data last
//	engine-credentials.json   passwords
//	engine/                   configuration and log of the engine
//	clickhouse/               the data
type folder string

// newFolder makes the data folder and its subfolders.
func newFolder(path string) (folder, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("engine: data folder %s: %w", path, err)
	}
	dir := folder(absolute)
	for _, sub := range []string{dir.engine(), dir.data()} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return "", fmt.Errorf("engine: make the data folder: %w", err)
		}
	}
	return dir, nil
}

func (f folder) join(name string) string { return filepath.Join(string(f), name) }
func (f folder) engine() string          { return f.join("engine") }
func (f folder) data() string            { return f.join("clickhouse") }

// file returns the path of a file of the engine's configuration.
func (f folder) file(name string) string { return filepath.Join(f.engine(), name) }

// checkVersion refuses data that a newer release than running has written.
// Older data is upgraded by the engine as it opens it.
func (f folder) checkVersion(running release) error {
	text, err := os.ReadFile(f.join("VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("engine: read the data folder's version: %w", err)
	}
	written, err := parseRelease(string(text))
	if err != nil {
		return fmt.Errorf("engine: %s: %w", f.join("VERSION"), err)
	}
	if running.Before(written) {
		return fmt.Errorf("%w: %s was written by ClickHouse %s and this engine is %s; "+
			"use the newer one again, or another folder with --data-dir",
			ErrNewerData, string(f), written, running)
	}
	return nil
}

// writeVersion notes the full version, "26.7.2.1", of the engine that has
// opened the data.
func (f folder) writeVersion(version string) error {
	path, line := f.join("VERSION"), []byte(strings.TrimSpace(version)+"\n")
	if kept, err := os.ReadFile(path); err == nil && string(kept) == string(line) {
		return nil
	}
	return writeFile(path, line)
}

// checkDisk fails if dir's disk has fewer than needed bytes free.
func checkDisk(dir string, needed uint64, purpose string) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return fmt.Errorf("engine: free disk of %s: %w", dir, err)
	}
	free := uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert // the types differ between systems
	if free < needed {
		return fmt.Errorf("%w: %s needs %d MiB in %s, %d MiB are free", ErrDiskFull, purpose, needed>>20, dir, free>>20)
	}
	return nil
}
