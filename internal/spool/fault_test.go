package spool_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

// onFaultyDisk returns options for a spool in memory, and its disk.
func onFaultyDisk(t testing.TB) (spool.Options, *faultfs.FS) {
	disk := faultfs.New(faultfs.NewMemory(), 1)
	return spool.Options{Dir: t.TempDir(), FS: disk, SegmentBytes: 64 << 10}, disk
}

// failing is a hook that fails operations of a kind on segments that have their
// name, as long as it is on.
func failing(kind faultfs.Kind, err error, short int) faultfs.Hook {
	return func(op faultfs.Op) faultfs.Fault {
		if op.Kind == kind && strings.HasSuffix(op.Path, ".seg") {
			return faultfs.Fault{Err: err, Short: short}
		}
		return faultfs.Fault{}
	}
}

func TestFailedWriteOrSyncEndsTheSegmentAndNothingOfItIsEverRead(t *testing.T) {
	for name, c := range map[string]struct {
		hook faultfs.Hook
		want error
	}{
		"sync":        {failing(faultfs.Sync, unix.EIO, 0), spool.ErrBroken},
		"write":       {failing(faultfs.WriteAt, unix.EIO, 0), spool.ErrBroken},
		"short write": {failing(faultfs.WriteAt, unix.EIO, 100), spool.ErrBroken},
		"whole write": {failing(faultfs.WriteAt, unix.EIO, 1<<20), spool.ErrBroken},
		"full":        {failing(faultfs.WriteAt, unix.ENOSPC, 64), spool.ErrFull},
	} {
		t.Run(name, func(t *testing.T) {
			o, disk := onFaultyDisk(t)
			s := opened(t, o)
			add(t, s, "before")
			disk.SetHook(c.hook)
			if _, err := tryAdd(t, s, "failed"); !errors.Is(err, c.want) {
				t.Errorf("the ticket says %v, want %v", err, c.want)
			}
			disk.SetHook(nil)
			same(t, texts(t, s, 0), "before")
			add(t, s, "after")
			same(t, texts(t, s, 0), "before", "after")
			disk.Crash()
			closed(t, s)
			disk.PowerOn()
			same(t, texts(t, opened(t, o), 0), "before", "after")
		})
	}
}

func TestFailedSyncIsNeverTriedAgainOnTheSameSegment(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	add(t, s, "before")
	var mu sync.Mutex
	failed, touched := "", 0
	disk.SetHook(func(op faultfs.Op) faultfs.Fault {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case failed == "" && op.Kind == faultfs.Sync:
			failed = op.Path
			return faultfs.Fault{Err: unix.EIO}
		case op.Path == failed && (op.Kind == faultfs.Sync || op.Kind == faultfs.WriteAt):
			touched++
		}
		return faultfs.Fault{}
	})
	if _, err := tryAdd(t, s, "failed"); !errors.Is(err, spool.ErrBroken) {
		t.Errorf("the ticket says %v", err)
	}
	for range 100 {
		add(t, s, "after")
	}
	closed(t, s)
	mu.Lock()
	defer mu.Unlock()
	if touched != 0 {
		t.Errorf("the segment whose sync failed was written or synced %d times more", touched)
	}
}

func TestAppendsAreRefusedWhileNoSegmentCanBeMadeAndGoOnByThemselves(t *testing.T) {
	for name, c := range map[string]struct {
		kind      faultfs.Kind
		err, want error
	}{
		"full":   {faultfs.Allocate, unix.ENOSPC, spool.ErrFull},
		"broken": {faultfs.Rename, unix.EROFS, spool.ErrBroken},
		"names":  {faultfs.SyncDir, unix.EIO, spool.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			o, disk := onFaultyDisk(t)
			s := opened(t, o)
			add(t, s, "before")
			var tries int
			var mu sync.Mutex
			disk.SetHook(func(op faultfs.Op) faultfs.Fault {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case op.Kind == c.kind:
					tries++
					return faultfs.Fault{Err: c.err}
				case op.Kind == faultfs.Sync && tries == 0 && strings.HasSuffix(op.Path, ".seg"):
					return faultfs.Fault{Err: unix.EIO}
				}
				return faultfs.Fault{}
			})
			if _, err := tryAdd(t, s, "failed"); err == nil {
				t.Error("a failed sync was acknowledged")
			}
			if _, err := tryAdd(t, s, "refused"); !errors.Is(err, c.want) {
				t.Errorf("without a segment: %v, want %v", err, c.want)
			}
			if s.Room() {
				t.Error("there is room without a segment")
			}
			same(t, texts(t, s, 0), "before")
			disk.SetHook(nil)
			untilRoom(t, s)
			add(t, s, "after")
			same(t, texts(t, s, 0), "before", "after")
		})
	}
}

func untilRoom(t testing.TB, s *spool.Spool) {
	t.Helper()
	for !s.Room() {
		if t.Context().Err() != nil {
			t.Fatal("there is no room in time")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestSpoolOpensForReadingWhenTheDiskIsFull(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	add(t, s, "before")
	closed(t, s)
	disk.SetHook(func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.Allocate {
			return faultfs.Fault{Err: unix.ENOSPC}
		}
		return faultfs.Fault{}
	})
	s = opened(t, o)
	same(t, texts(t, s, 0), "before")
	if _, err := tryAdd(t, s, "refused"); !errors.Is(err, spool.ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	disk.SetHook(nil)
	untilRoom(t, s)
	add(t, s, "after")
	same(t, texts(t, s, 0), "before", "after")
}

// held is a disk whose syncs wait until they are let go.
type held struct {
	reached, goOn chan struct{}
	once          sync.Once
}

func hold(disk *faultfs.FS) *held {
	h := &held{reached: make(chan struct{}, 1000), goOn: make(chan struct{})}
	disk.SetHook(func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.Sync {
			h.reached <- struct{}{}
			<-h.goOn
		}
		return faultfs.Fault{}
	})
	return h
}

func (h *held) letGo() { h.once.Do(func() { close(h.goOn) }) }

func TestUnitsThatArriveDuringASyncShareTheNextOne(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	h := hold(disk)
	defer h.letGo()
	first, err := s.Append(t.Context(), []spool.Record{record("first")})
	if err != nil {
		t.Fatal(err)
	}
	<-h.reached
	var tickets []*spool.Ticket
	for range 50 {
		ticket, err := s.Append(t.Context(), []spool.Record{record("shared")})
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	select {
	case <-first.Done():
		t.Error("a unit was acknowledged before its sync")
	default:
	}
	h.letGo()
	for _, ticket := range tickets {
		if err := ticket.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if syncs := 1 + len(h.reached); syncs != 2 {
		t.Errorf("%d syncs for 51 units, of which 50 waited for the second", syncs)
	}
}

func TestAppendWaitsForRoomInTheLineAsLongAsItsContext(t *testing.T) {
	o, disk := onFaultyDisk(t)
	o.MaxGroupBytes = 1000
	s := opened(t, o)
	h := hold(disk)
	defer h.letGo()
	big := []spool.Record{record(strings.Repeat("x", 800))}
	for i := range 2 { // one is being synced, one is in line
		if _, err := s.Append(t.Context(), big); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			<-h.reached
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := s.Append(ctx, big)
		waiting <- err
	}()
	select {
	case err := <-waiting:
		t.Errorf("more was taken than may wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("after its context: %v", err)
	}
	go func() {
		_, err := s.Append(t.Context(), big)
		waiting <- err
	}()
	h.letGo()
	if err := <-waiting; err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

func TestWrittenIsAcknowledgedBeforeItIsSyncedAndReadAfter(t *testing.T) {
	o, disk := onFaultyDisk(t)
	o.Policy, o.SyncInterval = spool.AckWrite, time.Millisecond
	s := opened(t, o)
	h := hold(disk)
	defer h.letGo()
	ticket := add(t, s, "written")
	<-h.reached
	same(t, texts(t, s, 0))
	h.letGo()
	if _, err := s.AwaitBeyond(t.Context(), ticket.End()); err != nil {
		t.Fatal(err)
	}
	same(t, texts(t, s, 0), "written")
}

func TestWhatWasAcknowledgedByItsWriteOutlivesAFailedSync(t *testing.T) {
	o, disk := onFaultyDisk(t)
	o.Policy, o.SyncInterval = spool.AckWrite, 50*time.Millisecond
	s := opened(t, o)
	disk.SetHook(failing(faultfs.Sync, unix.EIO, 0))
	ticket := add(t, s, "written")
	if _, err := s.AwaitBeyond(t.Context(), ticket.End()); err != nil {
		t.Fatal(err)
	}
	disk.SetHook(nil)
	add(t, s, "after")
	closed(t, s)
	same(t, texts(t, opened(t, o), 0), "written", "after")
}

func TestSegmentThatIsRemovedWhileItIsReadIsReadToItsEnd(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	for range 20 {
		add(t, s, strings.Repeat("x", 10_000))
	}
	read := 0
	if _, err := s.Read(0, func(spool.Entry) bool {
		if read++; read == 1 {
			s.Release(s.Durable())
			for s.Stats().Segments > 1 {
				time.Sleep(time.Millisecond)
			}
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if names, err := disk.List(o.Dir); err != nil || len(names) != 1 {
		t.Errorf("%q are left: %v", names, err)
	}
	if read < 2 {
		t.Errorf("%d records were read", read)
	}
}

func TestMissingSegmentIsPassedOver(t *testing.T) {
	o, disk := onFaultyDisk(t)
	s := opened(t, o)
	for _, text := range []string{"first", "second", "third"} {
		add(t, s, text)
		closed(t, s)
		s = opened(t, o)
	}
	closed(t, s)
	names, err := disk.List(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if err := disk.Remove(filepath.Join(o.Dir, names[1])); err != nil {
		t.Fatal(err)
	}
	same(t, texts(t, opened(t, o), 0), "first", "third")
}
