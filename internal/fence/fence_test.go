package fence_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/fence"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// quick are times for tests that wait for silence.
var quick = fence.Times{Look: 20 * time.Millisecond, Beat: 200 * time.Millisecond, Dead: 2 * time.Second, Lease: 2 * time.Second, Patience: time.Minute}

// world is a ClickHouse with databases of a test's own.
type world struct {
	t      *testing.T
	target clickhouse.Target
	store  clickhouse.Fences
}

func newWorld(t *testing.T) *world {
	t.Helper()
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if err := enginetest.Migrate(target); err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &world{t, target, clickhouse.Fences{Conn: conn}}
}

// worker is a loader that begins something whenever it may.
type worker struct {
	mu       sync.Mutex
	busy     bool // something is under way
	fences   int
	resolved bool
}

func (w *worker) Fence(ctx context.Context) (func(), error) {
	for {
		w.mu.Lock()
		if !w.busy {
			w.fences++
			w.mu.Unlock()
			return func() { w.mu.Lock(); w.fences--; w.mu.Unlock() }, nil
		}
		w.mu.Unlock()
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (w *worker) Resolved() bool { return w.resolved }

func (w *worker) set(busy bool) { w.mu.Lock(); w.busy = busy; w.mu.Unlock() }

func (w *worker) stands() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.fences > 0 }

func (w *world) enter(id string, l *worker) *fence.Gate {
	w.t.Helper()
	gate, err := fence.Enter(w.t.Context(), w.store, quick, fence.Who{ID: id, Host: "test"}, zap.NewNop(), prometheus.NewRegistry())
	if err != nil {
		w.t.Fatal(err)
	}
	gate.Guard(l)
	return gate
}

func (w *world) leave(gate *fence.Gate) {
	w.t.Helper()
	gate.Leave(context.Background())
}

func (w *world) claim(purpose string) *fence.Claim {
	w.t.Helper()
	claim, err := fence.Take(w.t.Context(), w.store, clickhouse.NewRepairLock(w.target), quick, purpose)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = claim.Close() })
	return claim
}

func (w *world) fence(claim *fence.Claim) (release func()) {
	w.t.Helper()
	release, err := claim.Fence(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := claim.Held(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return release
}

// table makes a table that belongs to a claim.
func (w *world) table(claim *fence.Claim) (name string) {
	w.t.Helper()
	name = clickhouse.RepairTable(claim.ID(), "staging")
	if err := w.store.Conn.Exec(w.t.Context(), "CREATE TABLE "+name+" (n UInt8) ENGINE = MergeTree ORDER BY n"); err != nil {
		w.t.Fatal(err)
	}
	return name
}

func (w *world) exists(table string) bool {
	w.t.Helper()
	var n uint8
	if err := w.store.Conn.QueryRow(w.t.Context(), "EXISTS TABLE "+table).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n == 1
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestAFenceStandsOnceEveryLoaderHasNothingUnderWayAndEndsWithItsRelease(t *testing.T) {
	w := newWorld(t)
	one, two := &worker{busy: true}, &worker{}
	defer w.leave(w.enter("one", one))
	defer w.leave(w.enter("two", two))
	claim := w.claim("rebuild")

	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := claim.Fence(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while a loader is busy: %v", err)
	}
	eventually(t, "the one that stood goes on", func() bool { return !two.stands() })

	one.set(false)
	for range 2 {
		release := w.fence(claim)
		if !one.stands() || !two.stands() {
			t.Error("a loader does not stand")
		}
		time.Sleep(2 * quick.Lease) // it is renewed
		if err := claim.Held(t.Context()); err != nil || !one.stands() {
			t.Errorf("after more than a lease: %v", err)
		}
		release()
		release()
		if err := claim.Held(t.Context()); !errors.Is(err, fence.ErrLost) {
			t.Errorf("held after its release: %v", err)
		}
		eventually(t, "both go on", func() bool { return !one.stands() && !two.stands() })
	}
}

func TestALoaderThatStartsWaitsForTheFence(t *testing.T) {
	w := newWorld(t)
	release := w.fence(w.claim("rebuild"))
	entered := make(chan *fence.Gate)
	l := &worker{resolved: true}
	go func() { entered <- w.enter("late", l) }()
	select {
	case <-entered:
		t.Fatal("it did not wait")
	case <-time.After(5 * quick.Look):
	}
	release()
	w.leave(<-entered)
}

func TestWhoIsSilentLosesTheClaimWithItsTablesAndLoadersGoOn(t *testing.T) {
	w := newWorld(t)
	l := &worker{resolved: true}
	gate := w.enter("one", l)
	claim := w.claim("rebuild")
	ctx, killed := context.WithCancel(t.Context())
	if _, err := claim.Fence(ctx); err != nil {
		t.Fatal(err)
	}
	staging := w.table(claim)
	killed() // nobody renews
	eventually(t, "the loader goes on", func() bool { return !l.stands() })
	if w.exists(staging) {
		t.Error("the loader went on before the table was gone")
	}
	if err := claim.Held(t.Context()); !errors.Is(err, fence.ErrLost) {
		t.Errorf("held: %v", err)
	}
	if _, err := claim.Fence(t.Context()); !errors.Is(err, fence.ErrLost) {
		t.Errorf("a lost claim gives orders: %v", err)
	}
	w.leave(gate)
}

func TestTheNextClaimWaitsForItsTurnAndThrowsAwayWhatTheLastOneLeft(t *testing.T) {
	w := newWorld(t)
	first := w.claim("rebuild")
	left := w.table(first)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := fence.Take(short, w.store, clickhouse.NewRepairLock(w.target), quick, "erase"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two claims at a time: %v", err)
	}
	if err := first.Close(); err != nil || w.exists(left) {
		t.Errorf("closed: %v, its table exists: %v", err, w.exists(left))
	}

	asleep := w.claim("rebuild")
	left = w.table(asleep)
	// Its lock is taken over, as when it has been silent for long.
	if err := w.store.Conn.Exec(t.Context(), "DROP TABLE repair_lock SYNC"); err != nil {
		t.Fatal(err)
	}
	next := w.claim("erase")
	if w.exists(left) {
		t.Error("what the sleeper had prepared is still there")
	}
	if _, err := asleep.Fence(t.Context()); !errors.Is(err, fence.ErrLost) {
		t.Errorf("the sleeper gives orders: %v", err)
	}
	w.fence(next)()
}

func TestADeadLoaderKeepsFencesAwayOnlyIfItMayHaveBegunSomething(t *testing.T) {
	w := newWorld(t)
	claim := w.claim("rebuild")
	say := func(id string, state clickhouse.LoaderState, version uint64) {
		t.Helper()
		if err := w.store.Say(t.Context(), clickhouse.LoaderStatus{ID: id, Host: "gone", State: state, Version: version}); err != nil {
			t.Fatal(err)
		}
	}
	say("stopped", clickhouse.LoaderStopped, 1)
	say("fenced", clickhouse.LoaderFenced, 1)
	w.fence(claim)()

	say("killed", clickhouse.LoaderLoading, 1)
	if err := fence.Forget(t.Context(), w.store, quick, "killed"); !errors.Is(err, fence.ErrAlive) {
		t.Errorf("one that was seen just now is forgotten: %v", err)
	}
	if _, err := claim.Fence(t.Context()); !errors.Is(err, fence.ErrUnresolved) {
		t.Errorf("a fence while a loader may have begun something: %v", err)
	}
	if err := fence.Forget(t.Context(), w.store, quick, "killed"); err != nil {
		t.Fatal(err)
	}
	w.fence(claim)()

	back := w.enter("killed", &worker{resolved: true})
	if !back.Forgotten() {
		t.Error("one that comes back trusts its tokens")
	}
	w.leave(back)
	w.fence(claim)()
	if err := fence.Forget(t.Context(), w.store, quick, "nobody"); err == nil {
		t.Error("an unknown one is forgotten")
	}
}

func TestALoaderThatWasKilledAtWorkIsLetInToFinishWhatItHadBegun(t *testing.T) {
	w := newWorld(t)
	if err := w.store.Say(t.Context(), clickhouse.LoaderStatus{ID: "one", State: clickhouse.LoaderLoading, Version: 7}); err != nil {
		t.Fatal(err)
	}
	claim := w.claim("rebuild")
	fenced := make(chan error, 1)
	go func() { _, err := claim.Fence(t.Context()); fenced <- err }()
	eventually(t, "the order stands", func() bool {
		var n uint64
		return w.store.Conn.QueryRow(t.Context(), "SELECT count() FROM fences WHERE id != claim").Scan(&n) == nil && n > 0
	})
	l := &worker{busy: true}
	gate := w.enter("one", l) // it does not wait for the fence, which waits for it
	l.set(false)
	if err := <-fenced; err != nil {
		t.Fatal(err)
	}
	w.leave(gate)
	var state string
	if err := w.store.Conn.QueryRow(t.Context(), "SELECT toString(state) FROM loaders FINAL").Scan(&state); err != nil || state != "fenced" {
		t.Errorf("it stands as %q: %v; with something left it has not stopped", state, err)
	}
}
