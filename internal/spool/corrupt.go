package spool

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"go.uber.org/zap"
)

// asidePrefix begins the names of copies of damaged places.
const asidePrefix = "corrupt-"

// Bounds of what is kept of damaged places.
const (
	maxPlaces = 10_000   // reported by one process, each once
	maxCopies = 100      // copied by one process
	maxCopy   = 16 << 20 // bytes of one copy
	maxCopied = 64 << 20 // bytes of all copies
)

// corruptPlaces remembers the damaged places that were reported.
type corruptPlaces struct {
	mu     sync.Mutex
	seen   map[LSN]struct{}
	copied int64
}

// firstTime reports whether a place is to be reported, and how many of its bytes
// may be copied.
func (c *corruptPlaces) firstTime(from, to LSN) (bool, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, seen := c.seen[from]; seen || len(c.seen) == maxPlaces {
		return false, 0
	}
	c.seen[from] = struct{}{}
	if len(c.seen) > maxCopies {
		return true, 0
	}
	may := min(int64(to-from), maxCopy, maxCopied-c.copied)
	c.copied += may
	return true, may
}

// reportDamage counts and logs a damaged place and copies its bytes aside, once.
func (s *Spool) reportDamage(w *walker, path string, from, to LSN) {
	fresh, may := s.corrupt.firstTime(from, to)
	if !fresh {
		return
	}
	s.metrics.corruptBytes.Add(float64(to - from))
	aside, err := s.copyAside(w, from, from+LSN(may))
	s.log.Error("a damaged place in the spool is passed over", zap.String("file", path),
		zap.Uint64("from", uint64(from)), zap.Uint64("to", uint64(to)), zap.String("copy", aside), zap.Error(err))
}

// copyAside copies the bytes between two positions into a file in the folder
// and returns its path.
func (s *Spool) copyAside(w *walker, from, to LSN) (string, error) {
	if from == to {
		return "", errors.New("not copied: the bounds of what is copied are reached")
	}
	path := filepath.Join(s.o.Dir, fmt.Sprintf("%s%020d.bin", asidePrefix, uint64(from)))
	out, err := s.o.FS.Open(path, Create)
	if err != nil {
		return "", err
	}
	defer out.Close()
	for at := from; at < to; {
		b, err := w.view(at, int(min(to-at, walkChunk)))
		if err != nil || len(b) == 0 { // the file may be shorter than it should be
			return path, err
		}
		if _, err := out.WriteAt(b, int64(at-from)); err != nil {
			return path, err
		}
		at += LSN(len(b))
	}
	return path, out.Sync()
}

// Aside counts the copies of damaged places in the folder. They are the
// operator's to look at and to delete.
func (s *Spool) Aside() int {
	names, err := s.o.FS.List(s.o.Dir)
	if err != nil {
		s.log.Warn("the spool's folder cannot be listed", zap.Error(err))
	}
	n := 0
	for _, name := range names {
		if strings.HasPrefix(name, asidePrefix) {
			n++
		}
	}
	return n
}
