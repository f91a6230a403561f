package spool_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ibarura/internal/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened opens a spool that is closed with the test.
func opened(t testing.TB, o spool.Options) *spool.Spool {
	t.Helper()
	s, err := spool.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

func closed(t testing.TB, s *spool.Spool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// record is one with a text, and as many rows as it has bytes.
func record(text string) spool.Record {
	return spool.Record{Table: 1, Month: 600, Rows: uint32(len(text)), Data: []byte(text)}
}

// add appends a unit and waits for it.
func add(t testing.TB, s *spool.Spool, texts ...string) *spool.Ticket {
	t.Helper()
	ticket, err := tryAdd(t, s, texts...)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func tryAdd(t testing.TB, s *spool.Spool, texts ...string) (*spool.Ticket, error) {
	var records []spool.Record
	for _, text := range texts {
		records = append(records, record(text))
	}
	ticket, err := s.Append(t.Context(), records)
	if err != nil {
		return nil, err
	}
	return ticket, ticket.Wait(t.Context())
}

// texts reads all records from a position on.
func texts(t testing.TB, s *spool.Spool, from spool.LSN) []string {
	t.Helper()
	var all []string
	end, err := s.Read(from, func(e spool.Entry) bool {
		all = append(all, string(e.Data))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if end != s.Durable() {
		t.Errorf("read up to %d, durable is %d", end, s.Durable())
	}
	return all
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestWhatIsAcknowledgedIsReadBackInOrderAndAfterAnotherStart(t *testing.T) {
	o := spool.Options{Dir: t.TempDir(), SegmentBytes: 1 << 20}
	s := opened(t, o)
	add(t, s, "a", "bb")
	add(t, s, "ccc")
	same(t, texts(t, s, 0), "a", "bb", "ccc")
	id, number := s.ID(), s.Number()
	closed(t, s)

	s = opened(t, o)
	if s.ID() != id || s.Number() != number {
		t.Error("another start made another spool of it")
	}
	add(t, s, "dddd")
	same(t, texts(t, s, 0), "a", "bb", "ccc", "dddd")
}

func TestEveryRowHasItsOwnNumberOverStarts(t *testing.T) {
	o := spool.Options{Dir: t.TempDir(), SegmentBytes: 1 << 20}
	s := opened(t, o)
	add(t, s, "aaa", "bb")
	closed(t, s)
	s = opened(t, o)
	add(t, s, "c")
	next := s.Number() << 40
	if _, err := s.Read(0, func(e spool.Entry) bool {
		if e.Seq != next {
			t.Errorf("the rows of %q begin at %d, want %d", e.Data, e.Seq, next)
		}
		next += uint64(e.Rows)
		return true
	}); err != nil {
		t.Fatal(err)
	}
}

func TestSegmentsFollowOneAnotherAndLoadedOnesGo(t *testing.T) {
	s := opened(t, spool.Options{Dir: t.TempDir(), SegmentBytes: 64 << 10})
	var want []string
	for i := range 40 {
		text := string(bytes.Repeat([]byte{byte('a' + i%26)}, 10_000))
		add(t, s, text)
		want = append(want, text)
	}
	if st := s.Stats(); st.Segments < 7 {
		t.Errorf("%d segments for 400 kB in segments of 64 KiB", st.Segments)
	}
	same(t, texts(t, s, 0), want...)
	s.Release(s.Durable())
	for s.Stats().Segments > 1 {
		time.Sleep(time.Millisecond)
	}
	same(t, texts(t, s, 0), want[len(want)-len(texts(t, s, 0)):]...)
	if got := s.Stats().UnloadedBytes; got != 0 {
		t.Errorf("%d bytes are not loaded, after all was released", got)
	}
}
