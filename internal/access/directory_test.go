package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// fakeStore is a store whose content, delay and failure a test sets. It works
// in the fake time of a synctest bubble.
type fakeStore struct {
	mu    sync.Mutex
	keys  map[string]Principal
	links map[string]snapshotLink
	delay time.Duration
	err   error
	loads atomic.Int64
}

func (f *fakeStore) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeStore) load(ctx context.Context) (*snapshot, error) {
	f.loads.Add(1)
	snap := &snapshot{asOf: time.Now(), keys: map[keyHash]snapshotKey{}}
	f.mu.Lock()
	delay, err := f.delay, f.err
	snap.links = f.links
	for key, principal := range f.keys {
		snap.keys[hashKey(key)] = snapshotKey{hashKey(key), principal}
	}
	f.mu.Unlock()
	select {
	case <-time.After(delay):
		return snap, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func goodKeys() map[string]Principal {
	project := Project{Name: "p", Zone: time.UTC}
	return map[string]Principal{
		"ibw_w": {project, "idw", Write}, "ibr_r": {project, "idr", Read}, "iba_a": {project, "ida", Admin},
	}
}

func newFake() (*fakeStore, *Directory, *prometheus.Registry) {
	store := &fakeStore{keys: goodKeys()}
	reg := prometheus.NewRegistry()
	opts := DirectoryOptions{Refresh: time.Second, MaxStale: 5 * time.Minute}
	return store, newDirectory(store.load, opts, reg), reg
}

func wantAnswer(t *testing.T, d *Directory, key string, want error) {
	t.Helper()
	if _, err := d.Authenticate(t.Context(), key); !errors.Is(err, want) {
		t.Errorf("key %s: %v, want %v", key, err, want)
	}
}

func TestScopesAllowWhatTheySay(t *testing.T) {
	_, d, _ := newFake()
	for _, tc := range []struct {
		key    string
		needed Scope
		want   error
	}{
		{"ibw_w", Write, nil}, {"ibw_w", Read, ErrForbidden}, {"ibw_w", Admin, ErrForbidden},
		{"ibr_r", Read, nil}, {"ibr_r", Write, ErrForbidden}, {"ibr_r", Admin, ErrForbidden},
		{"iba_a", Read, nil}, {"iba_a", Write, nil}, {"iba_a", Admin, nil},
		{"", Read, ErrUnauthorized}, {"ibw_x", Write, ErrUnauthorized},
		{strings.Repeat("x", 1<<20), Write, ErrUnauthorized},
	} {
		if _, err := d.Authorize(t.Context(), tc.key, tc.needed); !errors.Is(err, tc.want) {
			t.Errorf("%.10s for %s: %v, want %v", tc.key, tc.needed, err, tc.want)
		}
	}
}

func TestFreshCopyAnswersWithoutTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		for range 99 {
			wantAnswer(t, d, "ibw_w", nil)
			time.Sleep(10 * time.Millisecond)
		}
		if n := store.loads.Load(); n != 1 {
			t.Errorf("%d loads within a second, want 1", n)
		}
	})
}

func TestRequestsTogetherShareOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		store.delay = 20 * time.Millisecond
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantAnswer(t, d, "ibr_r", nil) })
		}
		wg.Wait()
		if n := store.loads.Load(); n != 1 {
			t.Errorf("%d loads for 50 requests at once, want 1", n)
		}
	})
}

func TestRevocationHoldsAfterRefreshAlsoWhenTheStoreIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		store.delay = 2 * time.Second // longer than Refresh: a refresh ends older than it may be
		go func() { _, _ = d.Authenticate(t.Context(), "ibw_w") }()
		synctest.Wait() // the refresh has read the key
		store.set(func() { delete(store.keys, "ibw_w") })
		time.Sleep(time.Second + time.Millisecond)
		wantAnswer(t, d, "ibw_w", ErrUnauthorized)
	})
}

// slowDatabase answers nothing, late.
type slowDatabase struct{ Database }

func (slowDatabase) Select(context.Context, any, string, ...any) error {
	time.Sleep(time.Minute)
	return nil
}

func TestCopyIsAsOldAsItsQuestionNotAsItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := time.Now()
		snap, err := NewStore(slowDatabase{}).snapshot(t.Context())
		if err != nil || !snap.asOf.Equal(asked) {
			t.Errorf("as of %s (%v), want %s", snap.asOf, err, asked)
		}
	})
}

func TestUnknownKeyIsLookedForAgainButNotEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		wantAnswer(t, d, "ibw_new", ErrUnauthorized)
		store.set(func() { store.keys["ibw_new"] = Principal{} })
		wantAnswer(t, d, "ibw_new", ErrUnauthorized)
		time.Sleep(unknownKeyAge)
		wantAnswer(t, d, "ibw_new", nil)
		before := store.loads.Load()
		for range 1000 {
			wantAnswer(t, d, "ibw_guess", ErrUnauthorized)
			time.Sleep(time.Millisecond)
		}
		if n := store.loads.Load() - before; n > 10 {
			t.Errorf("%d loads for a second of guesses, want at most 10", n)
		}
	})
}

func TestLastCopyServesWhileTheStoreIsAwayUpToItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, reg := newFake()
		wantAnswer(t, d, "ibw_w", nil)
		store.set(func() { store.err = errors.New("connection refused") })
		time.Sleep(4 * time.Minute)
		wantAnswer(t, d, "ibw_w", nil)
		wantAnswer(t, d, "ibw_unknown", ErrUnavailable)
		if age := gauge(t, reg, "ibarura_access_snapshot_age_seconds"); age != 240 {
			t.Errorf("age is %v s, want 240", age)
		}
		time.Sleep(time.Minute + time.Second)
		wantAnswer(t, d, "ibw_w", ErrUnavailable)

		store.set(func() { store.err = nil })
		time.Sleep(time.Second)
		wantAnswer(t, d, "ibw_w", nil)
		if age := gauge(t, reg, "ibarura_access_snapshot_age_seconds"); age != 0 {
			t.Errorf("age is %v s after the store came back, want 0", age)
		}
	})
}

func TestStoreThatIsAwayIsAskedOnceARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		wantAnswer(t, d, "ibw_w", nil)
		store.set(func() { store.err = errors.New("connection refused") })
		for range 1000 {
			wantAnswer(t, d, "ibw_w", nil)
			time.Sleep(10 * time.Millisecond)
		}
		if n := store.loads.Load(); n > 12 {
			t.Errorf("%d loads in 10 s, want about one a second", n)
		}
	})
}

func TestHangingStoreHoldsARequestForTheTimeoutAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		wantAnswer(t, d, "ibw_w", nil)
		store.set(func() { store.delay = time.Hour })
		time.Sleep(2 * time.Second)
		start := time.Now()
		wantAnswer(t, d, "ibw_w", nil)
		wantAnswer(t, d, "ibw_w", nil)
		if took := time.Since(start); took != refreshTimeout {
			t.Errorf("two requests took %s, want one time-out of %s", took, refreshTimeout)
		}
	})
}

func TestClientThatGoesAwayDoesNotCancelTheRefreshOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, _ := newFake()
		store.delay = time.Second / 2
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := d.Authenticate(ctx, "ibw_w"); !errors.Is(err, context.Canceled) {
				t.Errorf("the client that left got %v", err)
			}
		}()
		synctest.Wait()
		cancel()
		wantAnswer(t, d, "ibw_w", nil)
		if n := store.loads.Load(); n != 1 {
			t.Errorf("%d loads, want 1", n)
		}
	})
}

func TestWithoutMaxStaleAnOldCopyIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &fakeStore{keys: goodKeys()}
		d := newDirectory(store.load, DirectoryOptions{}, prometheus.NewRegistry())
		wantAnswer(t, d, "ibw_w", nil)
		store.set(func() { store.err = errors.New("connection refused") })
		time.Sleep(999 * time.Millisecond)
		wantAnswer(t, d, "ibw_w", nil)
		time.Sleep(2 * time.Millisecond)
		wantAnswer(t, d, "ibw_w", ErrUnavailable)
	})
}

func TestKeyWithAnUnknownZoneIsCountedAndHurtsNobodyElse(t *testing.T) {
	snap := &snapshot{keys: map[keyHash]snapshotKey{}}
	zones := map[string]*time.Location{}
	for _, row := range []snapshotRow{
		{"a", "p", "write", strings.Repeat("a", 32), "UTC", nil},
		{"b", "q", "write", strings.Repeat("b", 32), "Mars/Olympus", nil},
		{"c", "r", "write", strings.Repeat("a", 32), "UTC", nil},
	} {
		snap.add(&row, zones)
	}
	if len(snap.keys) != 1 || snap.unusable != 1 {
		t.Fatalf("%d keys, %d unusable; want 1 and 1", len(snap.keys), snap.unusable)
	}
	hash := keyHash([]byte(strings.Repeat("a", 32)))
	if p, _ := snap.lookup(&hash); p.KeyID != "a" {
		t.Errorf("of two keys with one hash %q counts, want the older, a", p.KeyID)
	}
}

func TestRefusalsAreCountedByReason(t *testing.T) {
	_, d, reg := newFake()
	_, _ = d.Authorize(t.Context(), "ibw_w", Read)
	_, _ = d.Authorize(t.Context(), "nobody", Read)
	_, _ = d.Authorize(t.Context(), "", Read)
	_, _, _ = newLinks(d).Open(t.Context(), "nobody's")
	got := map[string]float64{}
	for _, series := range gather(t, reg, "ibarura_access_denied_total") {
		got[series.GetLabel()[0].GetValue()] = series.GetCounter().GetValue()
	}
	want := map[string]float64{"access_unavailable": 0, "forbidden": 1, "link_expired": 0, "link_invalid": 1, "link_revoked": 0, "unauthorized": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}

func TestAuthenticateDoesNotAllocate(t *testing.T) {
	_, d, _ := newFake()
	ctx := t.Context()
	wantAnswer(t, d, "ibw_w", nil)
	if n := testing.AllocsPerRun(100, func() { _, _ = d.Authenticate(ctx, "ibw_w") }); n != 0 {
		t.Errorf("%v allocations a request, want 0", n)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	store := &fakeStore{keys: map[string]Principal{}}
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = newKey(Write)
		store.keys[keys[i]] = Principal{Project: Project{Name: "p", Zone: time.UTC}, Scope: Write}
	}
	d := newDirectory(store.load, DirectoryOptions{Refresh: time.Hour}, prometheus.NewRegistry())
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := d.Authenticate(ctx, keys[i%len(keys)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// gauge returns the value of the only series of a metric.
func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	return gather(t, reg, name)[0].GetGauge().GetValue()
}

func gather(t *testing.T, reg *prometheus.Registry, name string) []*dto.Metric {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()
		}
	}
	t.Fatalf("no metric %s", name)
	return nil
}
