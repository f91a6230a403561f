package spool

import (
	"errors"
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// begin makes a new segment that takes need bytes of frames. If that fails, it
// is tried again after a pause, and nothing is taken in before.
func (w *writer) begin(need int) error {
	h := header{
		id: w.s.id, number: w.s.number, first: w.end, seq: w.seq, created: time.Now(),
		capacity: max(w.s.o.SegmentBytes-headerBlock, int64(need+frameSize)),
	}
	if w.seg != nil {
		h.previous, h.end = w.seg.first, w.seg.end
	}
	seg, file, err := w.s.makeSegment(&h)
	if err != nil {
		w.postpone(failure(err))
		return w.why
	}
	w.file, w.seg, w.room = file, seg, seg.first+LSN(h.capacity)
	w.retryAt, w.pause, w.why = time.Time{}, 0, nil
	w.s.addSegment(seg, w.seq)
	w.s.line.refuse(nil)
	return nil
}

func (w *writer) postpone(cause error) {
	w.why = cause
	w.pause = min(max(2*w.pause, firstPause), longestPause)
	w.retryAt = time.Now().Add(w.pause)
	if w.s.line.refused() == nil { // once; the tries after it are the same again
		w.s.log.Error("no new segment of the spool can be made; appends are refused", zap.Error(cause))
	}
	w.s.line.refuse(cause)
}

// makeSegment makes the file of a segment, reserved and durable, its name
// included. Where the disk is short it gives up loaded segments first.
func (s *Spool) makeSegment(h *header) (*segment, File, error) {
	size := headerBlock + h.capacity
	for {
		err := s.room(size)
		if err == nil {
			var seg *segment
			var file File
			if seg, file, err = s.createSegment(h, size); err == nil {
				return seg, file, nil
			}
		}
		if !errors.Is(failure(err), ErrFull) || !s.dropLoaded() {
			return nil, nil, err
		}
	}
}

// room returns ErrFull if the limits leave no room for a segment.
func (s *Spool) room(size int64) error {
	if s.diskBytes()+size > s.o.MaxBytes {
		return ErrFull
	}
	if s.o.MinFree == 0 {
		return nil // how much there is, reserving it will tell
	}
	free, err := s.o.FS.Free(s.o.Dir)
	if err != nil {
		return err
	}
	if free-size < s.o.MinFree {
		return ErrFull
	}
	return nil
}

// createSegment gives the file its name when the header is on disk: a segment
// with a name always has one.
func (s *Spool) createSegment(h *header, size int64) (*segment, File, error) {
	fs, temporary := s.o.FS, filepath.Join(s.o.Dir, newSegment)
	path := filepath.Join(s.o.Dir, segmentName(h.first))
	file, err := fs.Open(temporary, Create)
	if err != nil {
		return nil, nil, err
	}
	name := temporary
	if err = fillSegment(file, h, size); err == nil {
		if err = fs.Rename(temporary, path); err == nil {
			name = path
			err = fs.Sync(s.o.Dir)
		}
	}
	if err != nil {
		_ = file.Close()
		_ = fs.Remove(name)
		return nil, nil, err
	}
	return &segment{path: path, first: h.first, end: h.first, size: size}, file, nil
}

func fillSegment(file File, h *header, size int64) error {
	if err := file.Allocate(size); err != nil {
		return err
	}
	if _, err := file.WriteAt(h.block(), 0); err != nil {
		return err
	}
	return file.Sync()
}
