package spool

// tail is what is known of a segment whose end no header tells.
type tail struct {
	end     LSN    // of the last commit frame
	last    LSN    // where its group begins
	intact  bool   // whether all of that group is there
	behind  bool   // whether the header of a frame stands behind that group
	seq     uint64 // the next free number
	file    LSN    // end of the file, as a position
	damaged []span // before end, the first ones
}

// sealed reports whether the file ends with a group: it was closed, or cut by an
// earlier start.
func (t *tail) sealed() bool { return t.end == t.file }

// whole is where the newest segment ends. A last group that is not whole was
// torn by a loss of power before it was acknowledged. If the file is sealed, or
// the group after it was begun, it was acknowledged, and was damaged later.
func (t *tail) whole() LSN {
	if t.intact || t.sealed() || t.behind {
		return t.end
	}
	return t.last
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
	if err := w.openAll(file, f.first, next); err != nil {
		return tail{}, err
	}
	return walkToEnd(w, f.first)
}

// walkToEnd goes through all frames of a segment.
func walkToEnd(w *walker, first LSN) (tail, error) {
	t := tail{end: first, last: first, intact: true, file: w.end}
	var hurt LSN // end of the last damaged place
	for at := first; at < w.end; {
		p, err := w.next(at)
		if err != nil {
			return t, err
		}
		if p.kind != 0 {
			t.seq = max(t.seq, p.seqAfter())
			t.behind = p.kind == recordFrame
		}
		switch {
		case p.damaged:
			hurt = p.to
			if len(t.damaged) < maxSpans {
				t.damaged = append(t.damaged, span{p.from, p.to})
			}
		case p.kind == commitFrame:
			t.intact = hurt <= p.group
			t.end, t.last = p.to, p.group
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
