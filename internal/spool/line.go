package spool

import (
	"errors"
	"sync"
)

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
