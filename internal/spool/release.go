package spool

import (
	"time"

	"go.uber.org/zap"
)

// Release says that all before a position is loaded: whole segments below are
// removed after Grace, or sooner if the disk is short. A lower position than
// before changes nothing.
func (s *Spool) Release(before LSN) {
	s.mu.Lock()
	s.released = max(s.released, min(before, s.durable))
	s.markLoaded(time.Now())
	s.mu.Unlock()
	nudge(s.look)
	nudge(s.freed)
}

// Confirm says that at a moment ClickHouse still had everything that was loaded
// before. Once it has been called, the grace of a segment lasts until a moment
// confirmed that is so much later than its load: while nobody can tell, loaded
// segments stay.
func (s *Spool) Confirm(at time.Time) {
	s.mu.Lock()
	if at.After(s.confirmed) {
		s.confirmed = at
	}
	s.mu.Unlock()
	nudge(s.look)
}

// markLoaded notes since when segments are loaded; s.mu is held.
func (s *Spool) markLoaded(now time.Time) {
	for _, seg := range s.segments[:max(len(s.segments)-1, 0)] {
		if !seg.done(s.released) {
			return
		}
		if seg.loaded.IsZero() {
			seg.loaded = now
		}
	}
}

// nudge puts a token into a channel of capacity 1.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// dropDue removes the segments whose time of grace is over.
func (s *Spool) dropDue(now time.Time) {
	s.mu.Lock()
	s.markLoaded(now)
	if !s.confirmed.IsZero() {
		now = s.confirmed
	}
	s.mu.Unlock()
	dropped := 0
	for s.dropOldest(func(seg *segment) bool { return now.Sub(seg.loaded) >= s.o.Grace }) {
		dropped++
	}
	if dropped > 0 {
		s.dropped()
	}
}

// dropLoaded removes the oldest segment if it is loaded, before its time, and
// reports whether it did.
func (s *Spool) dropLoaded() bool {
	if !s.dropOldest(func(*segment) bool { return true }) {
		return false
	}
	s.metrics.early.Inc()
	s.dropped()
	return true
}

// dropped makes removals durable and tells the writer that there is disk.
func (s *Spool) dropped() {
	if err := s.o.FS.Sync(s.o.Dir); err != nil {
		s.log.Warn("the spool's folder could not be synced; removed segments may come back", zap.Error(err))
	}
	nudge(s.freed)
}

// dropOldest removes the oldest segment if it is loaded and due, and reports
// whether it did. The newest one always stays: it knows who the spool is.
func (s *Spool) dropOldest(due func(*segment) bool) bool {
	s.dropping.Lock()
	defer s.dropping.Unlock()
	seg := s.unlistOldest(due)
	if seg == nil {
		return false
	}
	if err := s.o.FS.Remove(seg.path); err != nil {
		s.log.Warn("a loaded segment could not be removed", zap.String("file", seg.path), zap.Error(err))
		s.mu.Lock()
		s.segments = append([]*segment{seg}, s.segments...)
		s.mu.Unlock()
		return false
	}
	return true
}

func (s *Spool) unlistOldest(due func(*segment) bool) *segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.segments) < 2 {
		return nil
	}
	seg := s.segments[0]
	if seg.loaded.IsZero() || !due(seg) {
		return nil
	}
	s.segments = s.segments[1:]
	return seg
}

// lookAtDisk compares what is free with MinFree, and gives up loaded segments
// before writers are turned away. It returns an error if the disk does not tell.
func (s *Spool) lookAtDisk() error {
	if s.o.MinFree == 0 {
		return nil
	}
	for {
		free, err := s.o.FS.Free(s.o.Dir)
		if err != nil {
			return err
		}
		low := free < s.o.MinFree
		if !low || !s.dropLoaded() {
			s.line.setLow(low)
			return nil
		}
	}
}

func (s *Spool) diskBytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum int64
	for _, seg := range s.segments {
		sum += seg.size
	}
	return sum
}

// diskLimit is the disk that the segments may take: MaxBytes, or less if the
// file system has less for them. While what is free is not known, it is MaxBytes.
func (s *Spool) diskLimit() int64 {
	free, err := s.o.FS.Free(s.o.Dir)
	if err != nil {
		return s.o.MaxBytes
	}
	return min(s.o.MaxBytes, s.diskBytes()+max(free-s.o.MinFree, 0))
}
