package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Read calls each for every durable record from a position on, in order, until
// each returns false or there is none left. It returns the position from which
// to go on: where the last record ended, or Durable if all was read.
//
// from is 0 or a position that Read or an Entry gave; if its segment is gone,
// reading begins at First. Damaged places are passed over, reported once each,
// and a copy of them is kept. An error is one of the disk: reading may be tried
// again from the position returned. Data is valid only during the call.
func (s *Spool) Read(from LSN, each func(Entry) bool) (LSN, error) {
	w := s.walkers.Get().(*walker)
	defer s.walkers.Put(w)
	for {
		seg, limit, more := s.locate(from)
		if !more {
			return max(from, limit), nil
		}
		at, stopped, err := s.readSegment(w, &seg, max(from, seg.first), each)
		if errors.Is(err, fs.ErrNotExist) && s.gone(&seg) {
			from = at
			continue // removed meanwhile
		}
		if err != nil || stopped {
			return at, err
		}
		from = at
	}
}

// locate returns a copy of the segment that holds what is to be read from a
// position on, its end cut to what is durable; or that there is none.
func (s *Spool) locate(from LSN) (seg segment, durable LSN, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		if end := min(g.end, s.durable); end > from && end > g.first {
			seg = *g
			seg.end = end
			return seg, s.durable, true
		}
	}
	return segment{}, s.durable, false
}

// gone reports whether a segment is no longer kept.
func (s *Spool) gone(seg *segment) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.segments {
		if g.first == seg.first {
			return false
		}
	}
	return true
}

// readSegment reads what is left of a segment from a position on.
func (s *Spool) readSegment(w *walker, seg *segment, at LSN, each func(Entry) bool) (LSN, bool, error) {
	file, err := s.o.FS.Open(seg.path, Read)
	if err != nil {
		return at, false, fmt.Errorf("spool: %w", err)
	}
	defer file.Close()
	if err := w.open(file, seg.first, seg.end); err != nil {
		return at, false, fmt.Errorf("spool: %w", err)
	}
	for at < seg.end {
		p, err := w.next(at)
		if err != nil {
			return at, false, fmt.Errorf("spool: read %s: %w", seg.path, err)
		}
		goOn := true
		if !p.damaged && p.kind == recordFrame {
			if data := w.payload(&p); !p.damaged {
				goOn = each(p.entry(data))
			}
		}
		if p.damaged {
			s.reportDamage(w, seg.path, p.from, p.to)
		}
		if at = p.to; !goOn {
			return at, true, nil
		}
	}
	return at, false, nil
}

func (p *place) entry(data []byte) Entry {
	return Entry{
		At: p.from, End: p.to, Table: p.table, Month: p.month, Rows: p.rows, Seq: p.seq,
		Data: data, Written: time.UnixMilli(p.millis),
	}
}
