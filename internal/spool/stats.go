package spool

import "time"

// Stats is a look at the spool.
type Stats struct {
	First, Durable, Released LSN
	Segments                 int
	DiskBytes                int64     // what is reserved included
	UnloadedBytes            int64     // of the log, not released yet
	Oldest                   time.Time // when the oldest record that is not released was written; zero: there is none
	Room                     bool      // whether Append takes units
}

// Stats looks at the spool; it reads one record from the disk.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	st := Stats{First: s.segments[0].first, Durable: s.durable, Released: s.released, Segments: len(s.segments)}
	s.mu.Unlock()
	st.DiskBytes, st.UnloadedBytes, st.Room = s.diskBytes(), s.unloaded(), s.Room()
	st.Oldest = s.oldest()
	return st
}

func (s *Spool) segmentCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.segments)
}

// unloaded is the number of bytes that are durable and not released.
func (s *Spool) unloaded() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum int64
	for _, seg := range s.segments {
		if end := min(seg.end, s.durable); end > s.released && !seg.done(s.released) {
			sum += int64(end - max(seg.first, s.released))
		}
	}
	return sum
}

// oldest returns when the oldest record that is not released was written.
func (s *Spool) oldest() time.Time {
	s.mu.Lock()
	from := s.released
	s.mu.Unlock()
	var oldest time.Time
	_, err := s.Read(from, func(e Entry) bool {
		oldest = e.Written
		return false
	})
	if err != nil {
		return time.Time{} // the loader meets the same error, and says so
	}
	return oldest
}

func (s *Spool) oldestAge(now time.Time) time.Duration {
	oldest := s.oldest()
	if oldest.IsZero() {
		return 0
	}
	return max(now.Sub(oldest), 0)
}
