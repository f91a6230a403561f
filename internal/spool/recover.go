package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"go.uber.org/zap"
)

// findSegments reads the headers of the segments among the names of a folder,
// and returns them oldest first.
func findSegments(fs FS, dir string, names []string) ([]foundSegment, error) {
	var found []foundSegment
	slices.Sort(names)
	for _, name := range names {
		first, is := firstOf(name)
		if !is {
			continue
		}
		f, err := readHeader(fs, filepath.Join(dir, name), first)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found = append(found, f)
	}
	return found, nil
}

func readHeader(fs FS, path string, first LSN) (foundSegment, error) {
	f := foundSegment{segment: &segment{path: path, first: first, end: first}}
	file, err := fs.Open(path, Read)
	if err != nil {
		return f, err
	}
	defer file.Close()
	if f.size, err = file.Size(); err != nil {
		return f, err
	}
	block := make([]byte, headerBlock)
	n, err := file.ReadAt(block, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	f.header, f.whole, err = parseHeader(block[:n])
	f.whole = f.whole && f.header.first == first
	return f, err
}

// identify takes who the spool is from the newest header that is whole. A
// segment of another spool is an error: somebody has mixed two folders.
func (s *Spool) identify(found []foundSegment) error {
	known := false
	for _, f := range slices.Backward(found) {
		switch {
		case !f.whole:
			s.log.Error("a segment of the spool has no whole header; its frames are read all the same", zap.String("file", f.path))
			s.metrics.corruptBytes.Add(headerBlock)
		case !known:
			s.id, s.number, known = f.header.id, f.header.number, true
		case f.header.id != s.id:
			return fmt.Errorf("%s belongs to another spool than the newest segment", f.path)
		}
	}
	if !known {
		return ErrNoHeader
	}
	s.seed = seedOf(s.id)
	return nil
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

// endFromNext takes a segment's end from the header of the next one. It reports
// false if that header is not to be had, or is not about this segment.
func (s *Spool) endFromNext(f, next *foundSegment) bool {
	if !next.whole || next.header.end < f.first || next.header.end > next.first {
		return false
	}
	if next.header.previous != f.first {
		s.log.Error("a segment of the spool is missing", zap.Uint64("from", uint64(next.header.previous)),
			zap.Uint64("to", uint64(next.header.end)), zap.String("before", next.path))
		return false
	}
	f.end = next.header.end
	return true
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

// tail is what is known of a segment whose end no header tells.
type tail struct {
	end     LSN    // of the last commit frame
	last    LSN    // where its group begins
	intact  bool   // whether all of that group is there
	seq     uint64 // the next free number
	file    LSN    // end of the file, as a position
	damaged []span // before end, the first ones
}

// span is a half-open range of positions.
type span struct{ from, to LSN }

// maxSpans is how many damaged places are remembered while a segment is walked.
const maxSpans = 1000

func (s *Spool) walkTail(f *foundSegment, next LSN) (tail, error) {
	file, err := s.o.FS.Open(f.path, Read)
	if err != nil {
		return tail{}, err
	}
	defer file.Close()
	w := s.walkers.Get().(*walker)
	defer s.walkers.Put(w)
	if err := w.open(file, f.first, next); err != nil {
		return tail{}, err
	}
	w.end = w.readable // nothing says that there should be more
	return walkToEnd(w, f.first)
}

// walkToEnd goes through all frames of a segment.
func walkToEnd(w *walker, first LSN) (tail, error) {
	t := tail{end: first, last: first, intact: true, file: w.end}
	var group struct {
		at      LSN
		records uint32
	}
	var hurt LSN // end of the last damaged place
	for at := first; at < w.end; {
		p, err := w.next(at)
		if err != nil {
			return t, err
		}
		if p.kind != 0 {
			t.seq = max(t.seq, p.seqAfter())
		}
		switch {
		case p.damaged:
			hurt = p.to
			if len(t.damaged) < maxSpans {
				t.damaged = append(t.damaged, span{p.from, p.to})
			}
		case p.kind == commitFrame:
			t.intact = hurt <= p.group && (group.at == p.group && group.records == p.rows)
			t.end, t.last = p.to, p.group
		default:
			if group.at != p.group || group.records == 0 {
				group.at, group.records = p.group, 0
			}
			group.records++
		}
		at = p.to
	}
	return t, nil
}

// seqAfter is the number of the row after a frame.
func (f *frame) seqAfter() uint64 {
	if f.kind == commitFrame {
		return f.seq
	}
	return f.seq + uint64(f.rows)
}

// cut finds the end of the newest segment, cuts off what stands behind it, and
// syncs what stays: it may have been in the system's memory only.
func (s *Spool) cut(w *writer, f *foundSegment) error {
	t, err := s.walkTail(f, ^LSN(0))
	if err != nil {
		return err
	}
	sealed := t.end == t.file // a clean end, or one that was cut before
	f.end = t.end
	if !sealed && !t.intact {
		f.end = t.last // a group that was never acknowledged, torn by a loss of power
	}
	w.seq, w.end = max(w.seq, t.seq), max(f.end, f.first+frameAlign)
	if !sealed {
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
