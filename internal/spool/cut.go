package spool

import (
	"errors"
	"slices"

	"go.uber.org/zap"
)

// cut finds the end of the newest segment, cuts off what stands behind it, and
// syncs what stays: it may have been in the system's memory only.
func (s *Spool) cut(w *writer, f *foundSegment) error {
	t, err := s.walkTail(f, ^LSN(0))
	if err != nil {
		return err
	}
	f.end = t.whole()
	w.seq, w.end = max(w.seq, t.seq), max(f.end, f.first+frameAlign)
	if !t.sealed() {
		w.skip(f, &t)
	}
	if err := s.reportTail(f, &t); err != nil {
		return err
	}
	return s.truncate(f)
}

// skip leaves out all positions and numbers that a lost tail may have had: the
// loader may have used them if the disk lost what it said was safe.
func (w *writer) skip(f *foundSegment, t *tail) {
	beyond := t.file
	if f.whole {
		beyond = max(beyond, f.first+LSN(f.header.capacity))
	}
	beyond = (beyond + frameAlign - 1) &^ (frameAlign - 1)
	w.seq += uint64(beyond - f.end)
	w.end = max(w.end, beyond)
}

// reportTail reports what is damaged before the end of the newest segment, and
// what is cut off behind it. A tail in which a commit frame stands is copied
// aside: should it be damage and no torn group, its bytes are not lost.
func (s *Spool) reportTail(f *foundSegment, t *tail) error {
	file, err := s.o.FS.Open(f.path, Read)
	if err != nil {
		return err
	}
	defer file.Close()
	w := s.walkers.Get().(*walker)
	defer s.walkers.Put(w)
	if err := w.open(file, f.first, t.file); err != nil {
		return err
	}
	for _, d := range t.damaged {
		if d.from < f.end {
			s.reportDamage(w, f.path, d.from, d.to)
		}
	}
	last, err := w.lastByte(f.end)
	if err != nil || last == f.end {
		return err
	}
	aside := ""
	if t.end > f.end {
		aside, err = s.copyAside(w, f.end, min(last, f.end+maxCopy))
	}
	s.metrics.truncated.Add(float64(last - f.end))
	s.log.Warn("the torn end of the spool is cut off", zap.String("file", f.path), zap.Uint64("position", uint64(f.end)),
		zap.Uint64("bytes", uint64(last-f.end)), zap.String("copy", aside), zap.NamedError("copy_error", err))
	return nil
}

// lastByte returns the position after the last byte that is not zero, or from.
func (w *walker) lastByte(from LSN) (LSN, error) {
	last := from
	for at := from; at < w.readable; {
		b, err := w.view(at, walkChunk)
		if err != nil {
			return last, err
		}
		if len(b) == 0 {
			break
		}
		for i, c := range slices.Backward(b) {
			if c != 0 {
				last = at + LSN(i) + 1
				break
			}
		}
		at += LSN(len(b))
	}
	return last, nil
}

func (s *Spool) truncate(f *foundSegment) error {
	file, err := s.o.FS.Open(f.path, Change)
	if err != nil {
		return err
	}
	size := f.offset(f.end)
	if f.size > size {
		if err = file.Truncate(size); err == nil {
			f.size = size
		}
	}
	return errors.Join(err, file.Sync(), file.Close())
}
