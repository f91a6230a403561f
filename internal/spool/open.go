package spool

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"go.uber.org/zap"
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
		freed: make(chan struct{}, 1), look: make(chan struct{}, 1),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	s.corrupt.seen = map[LSN]struct{}{}
	s.walkers.New = func() any { return &walker{seed: s.seed} }
	s.metrics = newMetrics()
	return s
}

// recover brings the folder into order and returns the writer, ready to run.
func (s *Spool) recover(ctx context.Context) (*writer, error) {
	found, err := s.find()
	if err != nil {
		return nil, err
	}
	w := &writer{s: s, closing: s.closing}
	if len(found) == 0 {
		s.invent()
		w.seq = s.number << seqBits
		return w, w.begin(0)
	}
	if err := s.identify(found); err != nil {
		return nil, err
	}
	if err := s.measure(ctx, w, found); err != nil {
		return nil, err
	}
	_ = w.begin(0) // logged, and tried again; what is there can be read
	return w, nil
}

// seqBits is the number of bits that count rows below the spool's number.
const seqBits = 40

// Bounds of a spool's number. Below are the numbers that earlier versions gave
// to rows; above, a row's number would not stay below 2^63.
const (
	lowestNumber = 1 << 12
	numberBits   = 23
)

// invent makes up who the spool is.
func (s *Spool) invent() {
	var b [8]byte
	_, _ = rand.Read(s.id[:]) // never fails
	for s.number < lowestNumber {
		_, _ = rand.Read(b[:])
		s.number = binary.LittleEndian.Uint64(b[:]) >> (64 - numberBits)
	}
	s.seed = seedOf(s.id)
}

func seedOf(id [16]byte) uint32 { return crc32.Checksum(id[:], castagnoli) }

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
