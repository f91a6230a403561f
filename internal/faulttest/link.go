package faulttest

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"
)

// link is one connection through the proxy.
type link struct {
	front, back net.Conn

	mu       sync.Mutex
	isLoader bool
	met      bool  // its first packet was looked at
	cut      Cut   // zero: none
	sent     int64 // upwards since it was armed
	muted    bool  // nothing goes down any more
}

var (
	errCut  = errors.New("cut")
	errHalf = errors.New("cut in one direction")
)

func (l *link) arm(c Cut) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.sent = c, 0
}

func (l *link) close() {
	_ = l.front.Close()
	_ = l.back.Close()
}

// closeUnlessHalf ends the connection, or after a half cut the one direction
// only: ClickHouse sees the end of what the loader sends.
func (l *link) closeUnlessHalf(err error) {
	if tcp, ok := l.back.(*net.TCPConn); ok && errors.Is(err, errHalf) {
		_ = tcp.CloseWrite()
		return
	}
	l.close()
}

// up moves a piece from the loader to ClickHouse. broken says that the fault
// has happened.
func (l *link) up(piece []byte) (broken bool, err error) {
	n, err := l.front.Read(piece)
	if err != nil {
		return false, err
	}
	pass, end := l.judge(piece[:n])
	if _, err := l.back.Write(piece[:pass]); err != nil {
		return end != nil, err
	}
	return end != nil, end
}

// judge counts a piece that goes up, and says how much of it is passed on and
// whether the connection breaks there.
func (l *link) judge(piece []byte) (pass int, end error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.met {
		l.met, l.isLoader = true, bytes.Contains(piece, loaderMark)
	}
	l.sent += int64(len(piece))
	if !l.isLoader || l.cut == (Cut{}) || l.cut.LoseAnswer > 0 || l.sent <= l.cut.After {
		return len(piece), nil
	}
	end = errCut
	if l.cut.HalfClose {
		end = errHalf
	}
	return max(0, len(piece)-int(l.sent-l.cut.After)), end
}

// down moves a piece from ClickHouse to the loader, unless answers are lost.
func (l *link) down(piece []byte) (broken bool, err error) {
	n, err := l.back.Read(piece)
	if err != nil {
		return false, err
	}
	lost, began := l.loses()
	if !lost {
		_, err = l.front.Write(piece[:n])
	}
	return began, err
}

// loses reports whether answers are lost, and whether this is where it began.
func (l *link) loses() (lost, began bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isLoader && !l.muted && l.cut.LoseAnswer > 0 && l.sent > l.cut.After {
		l.muted, began = true, true
		time.AfterFunc(l.cut.LoseAnswer, l.close)
	}
	return l.muted, began
}
