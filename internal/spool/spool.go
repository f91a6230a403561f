package spool

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/zap"
)

// Spool is an open log. It is safe for concurrent use.
type Spool struct {
	o       Options
	id      [16]byte
	number  uint64
	seed    uint32 // of the sums of frames
	lock    *flock.Flock
	log     *zap.Logger
	metrics *metrics
	line    line
	corrupt corruptPlaces
	walkers sync.Pool

	mu        sync.Mutex
	segments  []*segment // oldest first; never empty once the first one is made
	durable   LSN
	next      uint64 // seq of the next row that is acknowledged, or above
	turnAt    LSN    // see Turn
	released  LSN
	confirmed time.Time     // see Confirm
	advanced  chan struct{} // closed when durable grows; nil if nobody waits

	dropping sync.Mutex // held while segments are removed, before mu

	freed     chan struct{} // tells the writer that there is disk, capacity 1
	turn      chan struct{} // tells the writer to look at turnAt, capacity 1
	look      chan struct{} // tells the keeper that something was released, capacity 1
	closing   chan struct{}
	closeOnce sync.Once
	closed    chan struct{} // closed when all goroutines have ended
	closeErr  error         // valid once closed
}

// ID is the spool's random id, made once and kept in every segment.
func (s *Spool) ID() [16]byte { return s.id }

// IDString is the id in hexadecimal digits.
func (s *Spool) IDString() string { return hex.EncodeToString(s.id[:]) }

// Number is the spool's random number, from 4096 to 2^23-1: the numbers of its
// rows begin at Number << 40.
func (s *Spool) Number() uint64 { return s.number }

// Durable is the end of what can be read: all before it is synced.
func (s *Spool) Durable() LSN {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.durable
}

// First is the position of the oldest segment that is kept.
func (s *Spool) First() LSN {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.segments[0].first
}

// Mark returns where the log stands: all that was acknowledged before the call
// is before the position, in rows with a lower seq, and what is acknowledged
// later is behind.
func (s *Spool) Mark() (position LSN, seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.durable, s.segments[len(s.segments)-1].end), s.next
}

// Turn begins a new segment if the newest one began before a position, so that
// the old one can go once it is loaded. It does not wait.
func (s *Spool) Turn(before LSN) {
	s.mu.Lock()
	s.turnAt = max(s.turnAt, before)
	s.mu.Unlock()
	nudge(s.turn)
}

// Room reports whether Append takes units at the moment.
func (s *Spool) Room() bool { return s.line.refused() == nil }

// AwaitBeyond returns Durable once it is greater than after, or the error of
// ctx, or ErrClosed once the spool is closed and nothing more will come.
func (s *Spool) AwaitBeyond(ctx context.Context, after LSN) (LSN, error) {
	for {
		durable, advanced := s.watch()
		if durable > after {
			return durable, nil
		}
		select {
		case <-advanced:
		case <-ctx.Done():
			return durable, ctx.Err()
		case <-s.closed:
			if durable = s.Durable(); durable > after {
				return durable, nil
			}
			return durable, ErrClosed
		}
	}
}

func (s *Spool) watch() (LSN, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.advanced == nil {
		s.advanced = make(chan struct{})
	}
	return s.durable, s.advanced
}

// advance notes that a segment is synced up to an end, behind which rows are
// numbered from next, and tells those who wait for it.
func (s *Spool) advance(seg *segment, end LSN, next uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg.end, s.durable, s.next = end, end, next
	if s.advanced != nil {
		close(s.advanced)
		s.advanced = nil
	}
}

func (s *Spool) addSegment(seg *segment, next uint64) {
	s.mu.Lock()
	s.segments = append(s.segments, seg)
	s.mu.Unlock()
	s.advance(seg, seg.first, next)
}

func (s *Spool) resize(seg *segment, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg.size = size
}

// Close takes nothing in any more, writes and syncs all that is in line, and
// gives the folder free. It returns the error of the last sync, or that of ctx,
// and then goes on in the background. It may be called again, with the same
// outcome. Reading goes on working.
func (s *Spool) Close(ctx context.Context) error {
	s.line.refuse(ErrClosed)
	s.closeOnce.Do(func() { close(s.closing) })
	select {
	case <-s.closed:
		return s.closeErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run starts the goroutines, and returns at once.
func (s *Spool) run(w *writer) {
	var running sync.WaitGroup
	running.Go(w.run)
	running.Go(s.keep)
	go func() {
		running.Wait()
		_ = s.lock.Close()
		close(s.closed)
	}()
}

// keepEvery is how often the disk is looked at, and loaded segments are removed.
const keepEvery = time.Second

// keep looks after the disk until the spool closes.
func (s *Spool) keep() {
	ticks := time.NewTicker(keepEvery)
	defer ticks.Stop()
	told := false
	for {
		select {
		case <-ticks.C:
		case <-s.look:
		case <-s.closing:
			return
		}
		s.dropDue(time.Now())
		err := s.lookAtDisk()
		if err != nil && !told { // once, until it works again
			s.log.Warn("how much disk is free is not known", zap.Error(err))
		}
		told = err != nil
	}
}
