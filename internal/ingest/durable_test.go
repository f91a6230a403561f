package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

// openFaulty opens a spool on a file system that does what hook says.
func openFaulty(t *testing.T, hook faultfs.Hook) *store {
	t.Helper()
	disk := faultfs.New(spool.OS{}, 1)
	log, err := spool.Open(t.Context(), spool.Options{Dir: t.TempDir(), FS: disk, SegmentBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	disk.SetHook(hook)
	t.Cleanup(func() {
		disk.SetHook(nil)
		_ = log.Close(context.Background())
	})
	return &store{Spool: log}
}

func TestAFailedFsyncIsNotAcknowledgedAndTheRetryCountsOnce(t *testing.T) {
	fail := true
	st := openFaulty(t, func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.Sync && fail {
			fail = false
			return faultfs.Fault{Err: syscall.EIO}
		}
		return faultfs.Fault{}
	})
	s := service(st, nil)
	const body = `[{"type":"login","id":"a"},{"type":"login","id":"b"}]`
	if result, err := post(s, kigali(t), body); !errors.Is(err, ingest.ErrNotDurable) || result.Accepted != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	result, err := post(s, kigali(t), body)
	for errors.Is(err, ingest.ErrNotDurable) { // until a new segment is begun
		result, err = post(s, kigali(t), body)
	}
	if err != nil || result.Accepted != 2 || result.Duplicates != 0 {
		t.Errorf("the retry: %+v, %v", result, err)
	}
	if n := st.count(t); n != 2 {
		t.Errorf("%d rows", n)
	}
}

// The first request's fsync hangs; meanwhile a retry of the same items comes. It
// must not be told "duplicate" before the first one is durable, and if that
// fails the retry's own rows count.
func TestARetryWaitsForWhatBecomesOfTheFirst(t *testing.T) {
	for _, failed := range []bool{false, true} {
		t.Run(fmt.Sprintf("failed=%v", failed), func(t *testing.T) {
			syncing, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			st := openFaulty(t, func(op faultfs.Op) faultfs.Fault {
				fault := faultfs.Fault{}
				if op.Kind == faultfs.Sync {
					once.Do(func() {
						close(syncing)
						<-goOn
						if failed {
							fault.Err = syscall.EIO
						}
					})
				}
				return fault
			})
			s := service(st, nil)
			const body = `[{"type":"login","id":"a"},{"type":"login","id":"b"}]`
			type answer struct {
				result ingest.Result
				err    error
			}
			first, retry := make(chan answer, 1), make(chan answer, 1)
			send := func(to chan answer) {
				result, err := post(s, kigali(t), body)
				to <- answer{result, err}
			}
			go send(first)
			<-syncing
			go send(retry)
			select {
			case a := <-retry:
				t.Fatalf("the retry was answered before the first one's end is known: %+v", a)
			case <-time.After(100 * time.Millisecond):
			}
			close(goOn)
			one, two := <-first, <-retry
			if failed {
				if !errors.Is(one.err, ingest.ErrNotDurable) {
					t.Errorf("the first: %+v", one)
				}
				if two.err == nil && two.result.Accepted != 2 {
					t.Errorf("the retry: %+v", two)
				}
			} else if one.err != nil || one.result.Accepted != 2 || two.err != nil || two.result.Duplicates != 2 || two.result.Accepted != 0 {
				t.Errorf("the first: %+v, the retry: %+v", one, two)
			}
			want := one.result.Accepted + two.result.Accepted
			if n := st.count(t); n != want {
				t.Errorf("%d rows, %d were acknowledged", n, want)
			}
		})
	}
}

// Streams that share their ids land in several commits each; none may wait for
// another that waits for it.
func TestStreamsWithTheSameIdsDoNotWaitForEachOther(t *testing.T) {
	st := openFaulty(t, func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.Sync {
			return faultfs.Fault{Delay: time.Millisecond}
		}
		return faultfs.Fault{}
	})
	s := service(st, nil)
	const ids, streams = 2000, 6
	var accepted, duplicates int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for stream := range streams {
		wg.Go(func() {
			result, err := s.Events(t.Context(), kigali(t), shuffledIDs(s, ids, stream))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			accepted += result.Accepted
			duplicates += result.Duplicates
		})
	}
	wg.Wait()
	if n := st.count(t); n != ids || accepted != ids || duplicates != ids*(streams-1) {
		t.Errorf("%d rows, %d accepted, %d duplicates of %d ids in %d streams", n, accepted, duplicates, ids, streams)
	}
}

// shuffledIDs decodes a stream that pauses every few lines, with the ids in an
// order of its own.
func shuffledIDs(s *ingest.Service, ids, stream int) func(protocol.EventSink) error {
	return func(sink protocol.EventSink) error {
		for i := range ids {
			id := (i*(2*stream+1) + 17*stream) % ids // a permutation: ids is no multiple of small odd numbers but of 5
			if stream == 2 {
				id = ids - 1 - i
			}
			if err := sink.Event(i, &event.Event{Type: "login", ID: fmt.Sprint(id)}); err != nil {
				return err
			}
			if i%37 == 0 {
				if err := sink.(interface{ Idle() error }).Idle(); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
