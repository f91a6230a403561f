package spool

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"go.uber.org/zap"
)

// foundSegment is a segment in the folder, and its header if that is whole.
type foundSegment struct {
	*segment
	header header
	whole  bool
}

// find lists the segments, oldest first, and removes what is half made.
func (s *Spool) find() ([]foundSegment, error) {
	names, err := s.o.FS.List(s.o.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".tmp") {
			if err := s.o.FS.Remove(filepath.Join(s.o.Dir, name)); err != nil {
				s.log.Warn("a segment that was never finished could not be removed", zap.Error(err))
			}
		}
	}
	return findSegments(s.o.FS, s.o.Dir, names)
}

// findSegments reads the headers of the segments among the names of a folder,
// and returns them oldest first.
func findSegments(fs FS, dir string, names []string) ([]foundSegment, error) {
	var found []foundSegment
	slices.Sort(names)
	for _, name := range names {
		first, is := firstOf(name)
		if !is {
			continue
		}
		f, err := readHeader(fs, filepath.Join(dir, name), first)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found = append(found, f)
	}
	return found, nil
}

func readHeader(fs FS, path string, first LSN) (foundSegment, error) {
	f := foundSegment{segment: &segment{path: path, first: first, end: first}}
	file, err := fs.Open(path, Read)
	if err != nil {
		return f, err
	}
	defer file.Close()
	if f.size, err = file.Size(); err != nil {
		return f, err
	}
	block := make([]byte, headerBlock)
	n, err := file.ReadAt(block, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	f.header, f.whole, err = parseHeader(block[:n])
	f.whole = f.whole && f.header.first == first
	return f, err
}

// endBy returns where a segment ends by the header of the next one, and false
// if that header is damaged or about another segment.
func (f *foundSegment) endBy(next *foundSegment) (LSN, bool) {
	h := &next.header
	if !next.whole || h.previous != f.first || h.end < f.first || h.end > next.first {
		return 0, false
	}
	return h.end, true
}
