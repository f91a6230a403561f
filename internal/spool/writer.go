package spool

import (
	"time"
)

// writer is the one goroutine that changes the newest segment. All its fields
// are its own.
type writer struct {
	s    *Spool
	file File     // of the newest segment; nil: it is sealed, and a new one is needed
	seg  *segment // the newest; nil: there is none yet
	room LSN      // no frame of seg reaches beyond
	end  LSN      // where the next group begins
	seq  uint64   // of the next row

	syncAt  time.Time     // when what was only written has to be synced; zero: nothing is
	retryAt time.Time     // when a segment that could not be made is tried again; zero: there is one
	why     error         // why it could not be made
	pause   time.Duration // before the try after that
	timer   *time.Timer   // stopped but while the writer waits
	closing <-chan struct{}
}

// Pauses between tries to make a segment.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// run writes groups until the spool is closed and nothing is in line.
func (w *writer) run() {
	for {
		g := w.s.line.take()
		if g != nil {
			w.write(g)
			w.s.line.reuse(g)
		}
		w.attend(time.Now())
		if g == nil && !w.wait() {
			w.finish()
			return
		}
	}
}

// wait returns when something is in line or due, and false when the spool is
// closing and the line is empty.
func (w *writer) wait() bool {
	w.timer.Stop()
	if at := earliest(w.syncAt, w.retryAt); !at.IsZero() {
		w.timer.Reset(time.Until(at))
	}
	select {
	case <-w.s.line.ready:
	case <-w.s.freed:
		w.retryNow()
	case <-w.s.turn:
		w.turn()
	case <-w.timer.C:
	case <-w.closing:
		select {
		case <-w.s.line.ready:
		default:
			return false
		}
	}
	return true
}

// attend does what is due beside writing groups.
func (w *writer) attend(now time.Time) {
	if !w.syncAt.IsZero() && !now.Before(w.syncAt) {
		if err := w.sync(); err != nil {
			w.replace(err, w.end)
		}
	}
	if !w.retryAt.IsZero() && !now.Before(w.retryAt) {
		_ = w.begin(0) // logged, and tried again
	}
}

// turn begins a new segment if that is asked for.
func (w *writer) turn() {
	w.s.mu.Lock()
	due := w.file != nil && w.seg.first < w.s.turnAt && w.seg.end > w.seg.first
	w.s.mu.Unlock()
	if !due {
		return
	}
	if err := w.seal(); err != nil {
		w.abandon(err, w.end)
	}
	_ = w.begin(0) // logged, and tried again
}

// retryNow is called when there is disk again.
func (w *writer) retryNow() {
	if !w.retryAt.IsZero() {
		w.retryAt = time.Now()
	}
}

// earliest returns the earlier of two times of which zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
