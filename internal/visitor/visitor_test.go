package visitor

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"ibarura/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a store in memory, which may be away.
type shelf struct {
	mu      sync.Mutex
	salts   map[string]Salt
	expires map[string]time.Time
	away    bool
	asked   int
	swept   chan struct{} // closed once the first sweep is over
	once    sync.Once
}

func newShelf() *shelf {
	return &shelf{salts: map[string]Salt{}, expires: map[string]time.Time{}, swept: make(chan struct{})}
}

func (s *shelf) SettleSalt(_ context.Context, zone string, day event.Day, expires time.Time, candidate Salt) (Salt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.away {
		return Salt{}, errors.New("away")
	}
	key := zone + " " + day.String()
	if _, there := s.salts[key]; !there {
		s.salts[key], s.expires[key] = candidate, expires
	}
	return s.salts[key], nil
}

func (s *shelf) ForgetSalts(_ context.Context, now time.Time) error {
	defer s.once.Do(func() { close(s.swept) })
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, expires := range s.expires {
		if !expires.After(now) {
			delete(s.salts, key)
			delete(s.expires, key)
		}
	}
	return nil
}

func (s *shelf) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *shelf) has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.salts[key]
	return there
}

func (s *shelf) goAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func open(t *testing.T, store Store, at time.Time) (*Visitors, *clock) {
	t.Helper()
	c := &clock{now: at}
	v := New(Options{SessionIdle: 30 * time.Minute, MaxSessions: 1000}, store, c.time, zap.NewNop(), prometheus.NewRegistry())
	t.Cleanup(func() { _ = v.Close() })
	if s, is := store.(*shelf); is {
		<-s.swept // what the test does is not to meet the sweep of the start
	}
	return v, c
}

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func kigali(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Africa/Kigali")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

func TestAVisitorIsOneForALocalDayAProjectAnAddressAndABrowser(t *testing.T) {
	v, _ := open(t, newShelf(), noon)
	ctx, zone := t.Context(), kigali(t)
	midnight := time.Date(2026, 3, 20, 22, 0, 0, 0, time.UTC) // in Kigali
	id := v.Visitor(ctx, "p", zone, "192.0.2.1", firefox, noon)
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("the id is %q", id)
	}
	for name, c := range map[string]struct {
		same bool
		id   string
	}{
		"the same again":                       {true, v.Visitor(ctx, "p", zone, "192.0.2.1", firefox, noon)},
		"the last moment of the day":           {true, v.Visitor(ctx, "p", zone, "192.0.2.1", firefox, midnight.Add(-1))},
		"the address in IPv6's notation":       {true, v.Visitor(ctx, "p", zone, "::ffff:192.0.2.1", firefox, noon)},
		"the first moment of the next day":     {false, v.Visitor(ctx, "p", zone, "192.0.2.1", firefox, midnight)},
		"another project":                      {false, v.Visitor(ctx, "q", zone, "192.0.2.1", firefox, noon)},
		"another address":                      {false, v.Visitor(ctx, "p", zone, "192.0.2.2", firefox, noon)},
		"another browser":                      {false, v.Visitor(ctx, "p", zone, "192.0.2.1", "Mozilla/5.0", noon)},
		"another zone, where the day is apart": {false, v.Visitor(ctx, "p", time.UTC, "192.0.2.1", firefox, noon)},
		"parts that run together otherwise":    {false, v.Visitor(ctx, "p192.0.2.", zone, "1.0.0.0", firefox, noon)},
	} {
		if (c.id == id) != c.same || c.id == "" {
			t.Errorf("%s: %s, the first was %s", name, c.id, id)
		}
	}
	if id := v.Visitor(ctx, "p", zone, "no address", firefox, noon); id != "" {
		t.Errorf("nobody's address: %s", id)
	}
}

func TestADeviceThatChangesItsIPv6AddressStaysOneVisitor(t *testing.T) {
	v, _ := open(t, newShelf(), noon)
	ids := map[string]bool{}
	for _, address := range []string{"2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::2", "2001:0db8:0001:0002::", "2001:db8:1:2:cccc::3%eth0"} {
		ids[v.Visitor(t.Context(), "p", time.UTC, address, firefox, noon)] = true
	}
	neighbour := v.Visitor(t.Context(), "p", time.UTC, "2001:db8:1:3::1", firefox, noon)
	if len(ids) != 1 || ids[neighbour] {
		t.Errorf("%d ids, the neighbour's among them: %t", len(ids), ids[neighbour])
	}
}

func TestAllProcessesAndARestartGiveAVisitorTheSameID(t *testing.T) {
	store := newShelf()
	ids := make([]string, 8)
	var processes sync.WaitGroup
	for i := range ids {
		v, _ := open(t, store, noon)
		processes.Go(func() { ids[i] = v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, noon) })
	}
	processes.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("processes disagree: %v", ids)
		}
	}
}

func TestASaltIsForgottenWhenItsDayIsOverAndNeverComesBack(t *testing.T) {
	store := newShelf()
	v, clock := open(t, store, noon)
	before := v.Visitor(t.Context(), "p", kigali(t), "192.0.2.1", firefox, noon)
	midnight := time.Date(2026, 3, 20, 22, 0, 0, 0, time.UTC)
	clock.set(midnight.Add(-time.Millisecond))
	v.salts.sweep(t.Context())
	if len(store.salts) != 2 {
		t.Errorf("the day's salt and the next one's were to be there: %v", store.expires)
	}
	clock.set(midnight)
	v.salts.sweep(t.Context())
	if _, there := store.salts["Africa/Kigali 2026-03-20"]; there || len(store.salts) != 1 || len(v.salts.known) != 1 {
		t.Errorf("after the day: %v, %d in memory", store.expires, len(v.salts.known))
	}
	if again := v.Visitor(t.Context(), "p", kigali(t), "192.0.2.1", firefox, noon); again == before {
		t.Error("the hash of a day that is over can be computed again")
	}
}

func TestTheNextDaysSaltIsSettledAheadForZonesInUse(t *testing.T) {
	store := newShelf()
	v, clock := open(t, store, noon)
	v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, noon)
	clock.set(time.Date(2026, 3, 20, 23, 0, 0, 0, time.UTC))
	v.salts.sweep(t.Context())
	store.goAway(true)
	asked := store.questions()
	v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, time.Date(2026, 3, 21, 0, 0, 0, 0, time.UTC))
	if store.questions() != asked || v.salts.unshared() != 0 {
		t.Error("a store that is away at midnight matters")
	}
	store.goAway(false)
	clock.set(time.Date(2026, 3, 21, 23, 0, 0, 0, time.UTC))
	v.salts.sweep(t.Context()) // prepares the 22nd
	clock.set(time.Date(2026, 3, 22, 23, 0, 0, 0, time.UTC))
	v.salts.sweep(t.Context())
	if store.has("UTC 2026-03-23") {
		t.Error("salts are made for a zone that nobody visits any more")
	}
}

func TestWhileTheStoreIsAwayVisitorsAreStillToldApart(t *testing.T) {
	store := newShelf()
	store.goAway(true)
	v, _ := open(t, store, noon)
	first := v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, noon)
	other := v.Visitor(t.Context(), "p", time.UTC, "192.0.2.2", firefox, noon)
	again := v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, noon)
	if first != again || first == other || store.questions() != 1 {
		t.Errorf("%s, %s, %s after %d questions", first, other, again, store.questions())
	}
	if v.salts.unshared() != 1 {
		t.Errorf("%d salts are this process's own", v.salts.unshared())
	}
	store.goAway(false)
	v.salts.sweep(t.Context())
	if after := v.Visitor(t.Context(), "p", time.UTC, "192.0.2.1", firefox, noon); after != first || v.salts.unshared() != 0 {
		t.Error("the first process to come back does not bring its salt")
	}
}

func TestADayEndsWhereTheNextOneBegins(t *testing.T) {
	for _, c := range []struct{ zone, day, end string }{
		{"UTC", "2026-03-20", "2026-03-21T00:00:00Z"},
		{"Africa/Kigali", "2026-03-20", "2026-03-20T22:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00Z"},
		{"Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z"},      // the clock goes from midnight to one
		{"America/Santiago", "2026-09-05", "2026-09-06T04:00:00Z"}, // likewise
		{"America/Havana", "2026-10-31", "2026-11-01T04:00:00Z"},   // one o'clock is midnight again
		{"Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z"},     // the 30th is left out
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := event.ParseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := endOf(day, zone).Format(time.RFC3339); got != c.end {
			t.Errorf("%s in %s ends at %s, want %s", c.day, c.zone, got, c.end)
		}
	}
}

func TestMetricsTellOfSaltsAndSessions(t *testing.T) {
	reg := prometheus.NewRegistry()
	v := New(Options{}, newShelf(), time.Now, zap.NewNop(), reg)
	defer func() { _ = v.Close() }()
	if n, err := testutil.GatherAndCount(reg, "ibarura_visitor_salts_unshared", "ibarura_visitor_sessions"); n != 2 || err != nil {
		t.Errorf("%d metrics, %v", n, err)
	}
}
