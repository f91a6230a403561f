package spool_test

import (
	"testing"
	"time"

	"ibarura/internal/spool"
)

func TestTurnLetsALoadedSegmentGoThatWasTheNewest(t *testing.T) {
	o, _ := onFaultyDisk(t)
	o.Grace = 0
	s := opened(t, o)
	add(t, s, "old")
	position, seq := s.Mark()
	if seq != s.Number()<<40+3 || position != s.Durable() {
		t.Errorf("mark: %d, row %d", position, seq-s.Number()<<40)
	}
	s.Release(s.Durable())
	s.Turn(position)
	for end := time.Now().Add(20 * time.Second); s.First() < position; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the segment stays")
		}
	}
	same(t, texts(t, s, 0))
	add(t, s, "new")
	s.Turn(position) // nothing before it is left: the newest segment stays the newest
	add(t, s, "newer")
	same(t, texts(t, s, 0), "new", "newer")
	if _, after := s.Mark(); after != seq+8 {
		t.Errorf("eight rows later: row %d", after-s.Number()<<40)
	}
}

func TestMarkGoesOnAfterAStart(t *testing.T) {
	o, _ := onFaultyDisk(t)
	s := opened(t, o)
	add(t, s, "a", "b")
	_, before := s.Mark()
	closed(t, s)
	s = opened(t, o)
	position, seq := s.Mark()
	if seq < before || position < s.Durable() {
		t.Errorf("row %d after %d, position %d of %d", seq, before, position, s.Durable())
	}
	var highest uint64
	if _, err := s.Read(0, func(e spool.Entry) bool { highest = e.Seq + uint64(e.Rows); return true }); err != nil {
		t.Fatal(err)
	}
	if highest > seq {
		t.Errorf("row %d is before the mark, which is at %d", highest, seq)
	}
}
