package spool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"ibarura/internal/spool"
)

func TestCloseWritesWhatIsInLineAndMayBeCalledAgain(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	h := hold(disk)
	defer h.letGo()
	var tickets []*spool.Ticket
	for range 3 {
		ticket, err := s.Append(t.Context(), []spool.Record{record("in line")})
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	<-h.reached
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("close, with a disk that hangs: %v", err)
	}
	if _, err := s.Append(t.Context(), []spool.Record{record("late")}); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	h.letGo()
	for range 2 {
		closed(t, s)
	}
	for _, ticket := range tickets {
		if err := ticket.Err(); err != nil {
			t.Errorf("a unit in line at the close: %v", err)
		}
	}
	disk.SetHook(nil)
	same(t, texts(t, opened(t, o), 0), "in line", "in line", "in line")
}

func TestCloseReleasesThoseWhoWait(t *testing.T) {
	o, disk := onFaultyDisk(t)
	o.MaxGroupBytes = 100
	s := opened(t, o)
	h := hold(disk)
	defer h.letGo()
	var ends sync.WaitGroup
	results := make(chan error, 3)
	for range 3 { // one is written, one is in line, one waits for room
		ends.Go(func() {
			_, err := tryAdd(t, s, "x")
			results <- err
		})
	}
	beyond := make(chan error, 1)
	go func() {
		_, err := s.AwaitBeyond(t.Context(), 1<<40)
		beyond <- err
	}()
	<-h.reached
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Close(ctx)
	h.letGo()
	closed(t, s)
	ends.Wait()
	if err := <-beyond; !errors.Is(err, spool.ErrClosed) {
		t.Errorf("who awaits more of a closed spool is told %v", err)
	}
	for range 3 {
		if err := <-results; err != nil && !errors.Is(err, spool.ErrClosed) {
			t.Errorf("who appends while it closes is told %v", err)
		}
	}
}

func TestFolderIsOpenOnce(t *testing.T) {
	o := spool.Options{Dir: t.TempDir(), SegmentBytes: 64 << 10}
	s := opened(t, o)
	if _, err := spool.Open(t.Context(), o); !errors.Is(err, spool.ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	add(t, s, "still there")
	closed(t, s)
	same(t, texts(t, opened(t, o), 0), "still there")
}

func TestStartThatIsCalledOffLeavesTheFolderFree(t *testing.T) {
	o := spool.Options{Dir: t.TempDir(), SegmentBytes: 64 << 10}
	closed(t, opened(t, o))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := spool.Open(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	opened(t, o)
}

func TestAwaitBeyondEndsWithItsContext(t *testing.T) {
	s := opened(t, spool.Options{Dir: t.TempDir(), SegmentBytes: 64 << 10})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.AwaitBeyond(ctx, s.Durable()); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing came: %v", err)
	}
	ticket := add(t, s, "x")
	if durable, err := s.AwaitBeyond(ctx, 0); err != nil || durable < ticket.End() {
		t.Errorf("what is there already: %d, %v", durable, err)
	}
}

// Many append while one reads: it must see every record once, those of each
// appender in their order, and never come to rest before the end.
func TestReaderSeesEveryRecordOfManyAppendersOnce(t *testing.T) {
	const appenders, units = 16, 60
	o, _ := onFaultyDisk(t)
	s := opened(t, o)
	var all sync.WaitGroup
	for a := range appenders {
		all.Go(func() {
			for n := range units {
				if _, err := tryAdd(t, s, fmt.Sprintf("%d %d", a, n), fmt.Sprintf("%d %d again", a, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := [appenders]int{}
	var at spool.LSN
	var seq uint64
	for read := 0; read < 2*appenders*units; {
		if _, err := s.AwaitBeyond(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		var err error
		at, err = s.Read(at, func(e spool.Entry) bool {
			var a, n int
			if _, err := fmt.Sscanf(string(e.Data), "%d %d", &a, &n); err != nil || n != next[a]/2 {
				t.Errorf("%q is read where unit %d is due: %v", e.Data, next[a]/2, err)
			}
			if e.Seq < seq {
				t.Errorf("row %d is read after row %d", e.Seq, seq)
			}
			seq = e.Seq + uint64(e.Rows)
			next[a]++
			read++
			return read%7 != 0 // a reader that stops now and then
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Release(at)
	}
	all.Wait()
}
