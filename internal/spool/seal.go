package spool

import (
	"errors"
	"time"

	"go.uber.org/zap"
)

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
	if w.file == nil && w.s.Durable() < w.seg.end {
		err = w.begin(0) // what was written and acknowledged is not safe without it
	}
	if w.file != nil {
		if err = w.seal(); err != nil {
			w.close(w.seg.offset(w.seg.end))
		}
	}
	if err != nil {
		w.s.log.Error("the spool could not be synced at its end", zap.Error(err))
		w.s.closeErr = failure(err)
	}
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
