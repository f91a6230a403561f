package spool

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
)

// Ticket tells what became of an appended unit.
type Ticket struct {
	outcome *outcome
	end     int // of the unit within its group
}

// outcome is shared by the units of a group. The fields are written before done
// is closed.
type outcome struct {
	done chan struct{}
	base LSN // of the group
	err  error
}

// Done is closed when the outcome is known.
func (t *Ticket) Done() <-chan struct{} { return t.outcome.done }

// Err is valid after Done. nil: the unit is durable by the policy. Otherwise
// nothing of it is ever read by this process, nor by a later one as far as the
// disk, whose error this is, allows.
func (t *Ticket) Err() error { return t.outcome.err }

// Wait waits for the outcome and returns it, or the error of ctx; then the
// outcome is open.
func (t *Ticket) Wait(ctx context.Context) error {
	select {
	case <-t.Done():
		return t.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End is the end of the unit's last record, valid after success: all of the
// unit is loaded once all before this position is.
func (t *Ticket) End() LSN { return t.outcome.base + LSN(t.end) }

// Append puts records in line as one unit: all of them survive a crash or none
// does. It returns as soon as they are in line for the next group; the ticket
// tells when they are durable. It waits while more than MaxGroupBytes are in
// line. Besides the error of ctx it returns ErrFull, ErrBroken, ErrClosed,
// ErrTooLarge or ErrInvalid, and then nothing was taken.
func (s *Spool) Append(ctx context.Context, records []Record) (*Ticket, error) {
	u := units.Get().(*unit)
	defer u.release()
	if err := u.prepare(records, s.o.Compression); err != nil {
		return nil, err
	}
	if u.size > s.o.MaxGroupBytes {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, u.size, s.o.MaxGroupBytes)
	}
	for {
		ticket, wait, err := s.line.join(u, s.o.MaxGroupBytes)
		if err != nil {
			s.metrics.refused(err, 1)
		}
		if wait == nil {
			return ticket, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// unit is what is ready to be put in line: packed and summed up before the line
// is locked.
type unit struct {
	parts  []part
	packed []byte
	size   int // with headers and padding
}

type part struct {
	frame
	data []byte
}

var units = sync.Pool{New: func() any { return new(unit) }}

// maxIdlePacked is the largest buffer that is kept for the next unit.
const maxIdlePacked = 1 << 20

func (u *unit) release() {
	clear(u.parts)
	u.parts, u.size = u.parts[:0], 0
	if u.packed = u.packed[:0]; cap(u.packed) > maxIdlePacked {
		u.packed = nil
	}
	units.Put(u)
}

func (u *unit) prepare(records []Record, c Compression) error {
	if len(records) == 0 {
		return ErrInvalid
	}
	for i := range records {
		r := &records[i]
		if r.Rows == 0 || len(r.Data) == 0 {
			return fmt.Errorf("record %d: %w", i, ErrInvalid)
		}
		if len(r.Data) > maxGroupBytes {
			return fmt.Errorf("record %d: %w: %d bytes", i, ErrTooLarge, len(r.Data))
		}
		u.add(r, c)
	}
	return nil
}

func (u *unit) add(r *Record, c Compression) {
	p := part{data: r.Data, frame: frame{kind: recordFrame, table: r.Table, month: r.Month, rows: r.Rows, raw: uint32(len(r.Data))}}
	from := len(u.packed)
	var pays bool
	if u.packed, pays = c.pack(u.packed, r.Data); pays {
		p.data, p.codec = u.packed[from:], c
	}
	p.stored = uint32(len(p.data))
	p.crc = crc32.Checksum(p.data, castagnoli)
	u.parts = append(u.parts, p)
	u.size += frameSize + aligned(len(p.data))
}

// line is where units wait for the writer: they form the next group.
type line struct {
	mu      sync.Mutex
	group   *group
	spare   []byte        // the buffer of the group before
	space   chan struct{} // closed when the group is taken; nil if nobody waits
	ready   chan struct{} // tells the writer, capacity 1
	refusal error         // why nothing can be taken in; nil: it can
	low     bool          // the disk is lower than MinFree
}

// group is units that are written and synced together. Positions, numbers and
// header sums are filled in by the writer, who knows them.
type group struct {
	buf     []byte
	records uint32
	units   int
	rows    uint64
	outcome *outcome
}

func newLine() line { return line{group: new(group), ready: make(chan struct{}, 1)} }

// join copies the unit into the group. If it does not fit, it returns a channel
// that is closed when it is worth another try.
func (l *line) join(u *unit, most int) (*Ticket, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.whyNot(); err != nil {
		return nil, nil, err
	}
	g := l.group
	if len(g.buf) > 0 && len(g.buf)+u.size > most {
		if l.space == nil {
			l.space = make(chan struct{})
		}
		return nil, l.space, nil
	}
	g.add(u)
	select {
	case l.ready <- struct{}{}:
	default:
	}
	return &Ticket{outcome: g.outcome, end: len(g.buf)}, nil, nil
}

func (g *group) add(u *unit) {
	if g.outcome == nil {
		g.outcome = &outcome{done: make(chan struct{})}
	}
	for i := range u.parts {
		p := &u.parts[i]
		var head [frameSize]byte
		p.put(head[:], 0)
		g.buf = append(g.buf, head[:]...)
		g.buf = append(g.buf, p.data...)
		g.buf = append(g.buf, padding[:aligned(len(p.data))-len(p.data)]...)
		g.rows += uint64(p.rows)
	}
	g.records += uint32(len(u.parts))
	g.units++
}

var padding [frameAlign]byte

// take returns the group that has formed, nil if there is none, and lets the
// next one form.
func (l *line) take() *group {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.group
	if len(g.buf) == 0 {
		return nil
	}
	l.group = &group{buf: l.spare[:0]}
	l.spare = nil
	l.wake()
	return g
}

// reuse takes the buffer of a group that is written.
func (l *line) reuse(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = g.buf
}

// refuse sets why nothing is taken in, or nil. Once it is ErrClosed it stays.
func (l *line) refuse(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.refusal, ErrClosed) {
		return
	}
	l.refusal = why
	l.wake()
}

// setLow says whether the disk is lower than MinFree.
func (l *line) setLow(low bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.low = low; low {
		l.wake()
	}
}

// refused returns why nothing is taken in, nil if it is.
func (l *line) refused() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.whyNot()
}

func (l *line) whyNot() error {
	if l.refusal == nil && l.low {
		return ErrFull
	}
	return l.refusal
}

// wake lets those who wait for space try again; l.mu is held.
func (l *line) wake() {
	if l.space != nil {
		close(l.space)
		l.space = nil
	}
}
