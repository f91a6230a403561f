package spool

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// recover brings the folder into order and returns the writer, ready to run.
func (s *Spool) recover(ctx context.Context) (*writer, error) {
	found, err := s.find()
	if err != nil {
		return nil, err
	}
	w := &writer{s: s, closing: s.closing, timer: time.NewTimer(time.Hour)}
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

// measure finds out where each segment ends, cuts the newest one, and tells the
// writer where to go on.
func (s *Spool) measure(ctx context.Context, w *writer, found []foundSegment) error {
	last := len(found) - 1
	for i := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := &found[i]
		if f.whole {
			w.seq = max(w.seq, f.header.seq)
		}
		var err error
		switch {
		case i == last:
			err = s.cut(w, f)
		case !s.endFromNext(f, &found[i+1]):
			err = s.endFromFrames(w, f, found[i+1].first)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		s.segments = append(s.segments, f.segment)
	}
	w.seg = found[last].segment
	s.durable = w.seg.end
	return nil
}

// endFromFrames takes a segment's end from its frames, since no header tells.
func (s *Spool) endFromFrames(w *writer, f *foundSegment, next LSN) error {
	t, err := s.walkTail(f, next)
	if err != nil {
		return err
	}
	f.end = t.end
	w.seq = max(w.seq, t.seq)
	return nil
}

// endFromNext takes a segment's end from the header of the next one, if that
// tells it.
func (s *Spool) endFromNext(f, next *foundSegment) bool {
	end, told := f.endBy(next)
	if told {
		f.end = end
	}
	if next.whole && next.header.previous > f.first {
		s.log.Error("a segment of the spool is missing", zap.String("before", next.path),
			zap.Uint64("from", uint64(next.header.previous)), zap.Uint64("to", uint64(next.header.end)))
	}
	return told
}
