package spool

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"
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

// retryNow is called when there is disk again.
func (w *writer) retryNow() {
	if !w.retryAt.IsZero() {
		w.retryAt = time.Now()
	}
}

// write writes one group and completes its tickets.
func (w *writer) write(g *group) {
	if err := w.ready(len(g.buf) + frameSize); err != nil {
		w.complete(g, err)
		return
	}
	w.stamp(g, time.Now())
	end := w.end + LSN(len(g.buf))
	if err := w.put(g.buf); err != nil {
		w.replace(err, end)
		w.complete(g, failure(err))
		return
	}
	w.end = end
	if w.s.o.Policy == AckWrite {
		w.acknowledgeLater()
	} else if err := w.sync(); err != nil {
		w.replace(err, end)
		w.complete(g, failure(err))
		return
	}
	w.complete(g, nil)
}

// acknowledgeLater notes a group that is written and counts, and is to be
// synced in time.
func (w *writer) acknowledgeLater() {
	w.s.mu.Lock()
	w.seg.end = w.end
	w.s.mu.Unlock()
	if w.syncAt.IsZero() {
		w.syncAt = time.Now().Add(w.s.o.SyncInterval)
	}
}

func (w *writer) complete(g *group, err error) {
	g.outcome.err = err
	w.s.metrics.completed(g, err)
	close(g.outcome.done)
}

// stamp gives the frames of a group their positions and numbers, and closes it
// with a commit frame. Numbers of a group that fails are not given again.
func (w *writer) stamp(g *group, now time.Time) {
	g.outcome.base = w.end
	for i := 0; i < len(g.buf); {
		f := unpack(g.buf[i:])
		f.at, f.group, f.seq, f.millis = w.end+LSN(i), w.end, w.seq, now.UnixMilli()
		f.put(g.buf[i:], w.s.seed)
		w.seq += uint64(f.rows)
		i += int(f.end() - f.at)
	}
	commit := frame{
		kind: commitFrame, rows: g.records, at: w.end + LSN(len(g.buf)),
		seq: w.seq, millis: now.UnixMilli(), group: w.end,
	}
	var head [frameSize]byte
	commit.put(head[:], w.s.seed)
	g.buf = append(g.buf, head[:]...)
}

func (w *writer) put(b []byte) error {
	n, err := w.file.WriteAt(b, w.seg.offset(w.end))
	if err == nil && n < len(b) {
		err = fmt.Errorf("%d of %d bytes were written", n, len(b))
	}
	if err != nil {
		w.s.metrics.writeErrors.Inc()
	}
	return err
}

// sync makes all that is written durable, and readable.
func (w *writer) sync() error {
	began := time.Now()
	if err := w.file.Sync(); err != nil {
		w.s.metrics.syncErrors.Inc()
		return err
	}
	w.s.metrics.syncSeconds.Observe(time.Since(began).Seconds())
	w.syncAt = time.Time{}
	w.s.advance(w.seg, w.end)
	return nil
}

// replace abandons the newest segment and begins another one, before anybody is
// told: a restart in between would read what failed.
func (w *writer) replace(cause error, attempted LSN) {
	w.abandon(cause, attempted)
	_ = w.begin(0) // logged, and tried again
}

// abandon ends the life of a segment that failed: it is never written to again,
// nor is a failed sync tried again, since the system may have forgotten what
// it could not write. The next segment says where this one ended, so that what
// stands behind is not read after a restart. attempted is how far writing went.
func (w *writer) abandon(cause error, attempted LSN) {
	w.s.log.Error("a segment of the spool failed and is not written to any more",
		zap.String("file", w.seg.path), zap.Uint64("position", uint64(w.seg.end)), zap.Error(cause))
	w.end = max(attempted, w.seg.first+frameAlign)
	w.close(w.seg.offset(w.seg.end))
}

// ready sees to a segment that takes need bytes more.
func (w *writer) ready(need int) error {
	if w.file != nil && w.end+LSN(need+frameSize) <= w.room {
		return nil
	}
	if w.file != nil {
		if err := w.seal(); err != nil {
			w.abandon(err, w.end)
		}
	}
	if !w.retryAt.IsZero() && time.Now().Before(w.retryAt) {
		return w.why
	}
	return w.begin(need)
}

// seal syncs the newest segment, cuts off what is reserved, and closes it.
func (w *writer) seal() error {
	if !w.syncAt.IsZero() {
		if err := w.sync(); err != nil {
			return err
		}
	}
	w.close(w.seg.offset(w.end))
	w.end = max(w.end, w.seg.first+frameAlign)
	return nil
}

// close ends the newest segment at a size. Its length is a matter of disk only:
// the header of the next segment says where it ends.
func (w *writer) close(size int64) {
	err := w.file.Truncate(size)
	if err == nil {
		w.s.resize(w.seg, size)
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		w.s.log.Warn("the end of a segment could not be cut off", zap.String("file", w.seg.path), zap.Error(err))
	}
	w.file, w.syncAt = nil, time.Time{}
}

// finish ends the writer.
func (w *writer) finish() {
	var err error
	if w.file != nil {
		if err = w.seal(); err != nil {
			w.close(w.seg.offset(w.seg.end))
		}
	} else if w.s.Durable() < w.seg.end {
		err = w.why // what was written and acknowledged could not be synced
	}
	if err != nil {
		w.s.log.Error("the spool could not be synced at its end", zap.Error(err))
		w.s.closeErr = failure(err)
	}
}

// failure is what the tickets of a failed group say.
func failure(cause error) error {
	if errors.Is(cause, ErrFull) || errors.Is(cause, ErrBroken) {
		return cause
	}
	if errors.Is(cause, unix.ENOSPC) || errors.Is(cause, unix.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, cause)
	}
	return fmt.Errorf("%w: %w", ErrBroken, cause)
}

// earliest returns the earlier of two times of which zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
