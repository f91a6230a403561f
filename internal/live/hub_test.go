package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tables are a History that a test fills.
type tables struct {
	mu     sync.Mutex
	people map[uint64]time.Time
	counts map[time.Time]Counts
	err    error
}

func (h *tables) RecentPeople(_ context.Context, _ time.Time, _ []string, _ int, each func(string, uint64, time.Time)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for person, last := range h.people {
		each("p", person, last)
	}
	return h.err
}

func (h *tables) RecentCounts(_ context.Context, _ time.Time, _ []string, _ int, each func(string, time.Time, uint64, uint64)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for from, c := range h.counts {
		each("p", from, c.Events, c.PageViews)
	}
	return h.err
}

func defaults() Options {
	return Options{MaxReaders: 100, MaxPerKey: 100, MaxFilters: 10, MaxPersons: 1000, Heartbeat: time.Hour, RecheckAccess: 10 * time.Millisecond}
}

func newHub(t testing.TB, o Options, history History) *Hub {
	t.Helper()
	h := New(o, history, time.Now, zap.NewNop(), prometheus.NewRegistry())
	t.Cleanup(func() {
		if h.ctx.Err() == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := h.Close(ctx); err != nil {
				t.Error(err)
			}
		}
	})
	return h
}

func good(context.Context) error { return nil }

func ask(f Filter) Ask { return Ask{Project: "p", Filter: f, Key: "k", Credential: "k", Still: good} }

func watch(t *testing.T, h *Hub, a Ask) *Reader {
	t.Helper()
	r, err := h.Watch(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.hub != nil {
			leave(r)
		}
	})
	return r
}

// leave closes a reader before its test ends.
func leave(r *Reader) {
	r.Close()
	r.hub = nil
}

// got is a message as a client reads it.
type got struct {
	ID    string `json:"id"`
	Event string `json:"event"`
	Data  Update `json:"data"`
}

func next(t *testing.T, r *Reader) got {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := r.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, m)
}

func read(t *testing.T, m *Message) (g got) {
	t.Helper()
	if err := json.Unmarshal(m.socket, &g); err != nil {
		t.Fatalf("%v: %s", err, m.socket)
	}
	return g
}

// until returns the rows of the messages up to one that satisfies is.
func until(t *testing.T, r *Reader, is func(Update) bool) (last got, rows []Row) {
	t.Helper()
	for {
		last = next(t, r)
		rows = append(rows, last.Data.Latest...)
		if last.Event == updateEvent && is(last.Data) {
			return last, rows
		}
	}
}

// happen offers a block of events of these persons, and waits until the queue
// has room.
func happen(t testing.TB, h *Hub, rows ...event.Row) {
	t.Helper()
	b := rowblock.New(rowblock.Events)
	for i := range rows {
		r := &rows[i]
		if r.OccurredAt == 0 {
			r.OccurredAt = event.MillisOf(h.clock())
		}
		r.Person = event.PersonOf(r.Identity)
		b.AppendEvent(r)
	}
	released := make(chan struct{})
	if !h.Offer("p", b, func() { close(released) }) {
		t.Fatal("the offer was not taken")
	}
	<-released
}

func did(kind, user string) (r event.Row) {
	r.Type, r.UserID, r.Active = kind, user, true
	return r
}

func TestAReaderSeesWhatHappensAndWhoIsThere(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	if err := h.Refill(t.Context()); err != nil {
		t.Fatal(err)
	}
	happen(t, h, did("login", "a"))
	r := watch(t, h, ask(Filter{}))
	if first := next(t, r); first.Event != stateEvent || first.Data.Active != (Active{1, 1, true}) || first.Data.Received.Events != 1 {
		t.Fatalf("%+v", first)
	}
	passive := did("$set", "c")
	passive.Active = false
	late := did("login", "d")
	late.OccurredAt = event.MillisOf(h.clock().Add(-10 * time.Minute))
	old := did("login", "e")
	old.OccurredAt = event.MillisOf(h.clock().Add(-time.Hour))
	happen(t, h, did("login", "a"), did("post_created", "b"), passive, late, old)
	last, rows := until(t, r, func(u Update) bool { return u.Received.Events == 6 })
	if want := (Active{2, 3, true}); last.Data.Active != want || last.Data.Last30m.Events != 5 || last.Data.Matching.Received.Events != 5 {
		t.Errorf("%+v, want %+v active", last.Data, want)
	}
	if len(rows) != 5 || rows[0].Type != "login" || rows[3].Type != "post_created" || rows[3].UserID != "" {
		t.Errorf("latest: %+v", rows)
	}
}

func TestWhoActedIsShownToThoseWhoMayKnow(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	a := ask(Filter{})
	a.Persons = true
	knowing, other := watch(t, h, a), watch(t, h, ask(Filter{}))
	happen(t, h, did("login", "ada"))
	for r, want := range map[*Reader]string{knowing: "ada", other: ""} {
		if _, rows := until(t, r, func(u Update) bool { return u.Received.Events == 1 }); len(rows) != 1 || rows[0].UserID != want {
			t.Errorf("%+v, want user %q", rows, want)
		}
	}
}

func TestOfManyRowsTheNewestAreListedAndTheOthersCounted(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	r := watch(t, h, ask(Filter{Type: "login"}))
	var rows []event.Row
	for i := range 100 {
		row := did("login", "a")
		if row.Object.ID = fmt.Sprint(i); i%2 == 1 {
			row.Type = "other"
		}
		rows = append(rows, row)
	}
	happen(t, h, rows...)
	last, shown := until(t, r, func(u Update) bool { return u.Received.Events == 100 })
	if len(shown) != listed || shown[0].ObjectID != "98" || shown[listed-1].ObjectID != "60" || last.Data.Unlisted != 30 || last.Data.Matching.Received.Events != 50 {
		t.Errorf("%d rows from %+v, %d not listed", len(shown), shown[0], last.Data.Unlisted)
	}
}

func TestEachMessageIsWrittenOnceForItsFilter(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	a, b := watch(t, h, ask(Filter{})), watch(t, h, ask(Filter{}))
	next(t, a)
	next(t, b)
	happen(t, h, did("login", "a"))
	first, err := a.Next(t.Context())
	second, err2 := b.Next(t.Context())
	if errors.Join(err, err2) != nil || first != second {
		t.Errorf("two messages for one filter: %p %p (%v, %v)", first, second, err, err2)
	}
}

func TestAReaderThatComesBackMissesNothingAndHearsNothingTwice(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	r := watch(t, h, ask(Filter{}))
	happen(t, h, did("login", "1"))
	last, _ := until(t, r, func(u Update) bool { return u.Received.Events == 1 })
	leave(r)
	var want []string
	for i := range 5 {
		row := did("login", "u")
		row.Object.ID = fmt.Sprint(i)
		want = append(want, row.Object.ID)
		happen(t, h, row)
		h.tick()
	}
	a := ask(Filter{})
	a.LastID = last.ID
	_, rows := until(t, watch(t, h, a), func(u Update) bool { return u.Received.Events == 6 })
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ObjectID)
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("missed (-), too much (+): %s", diff)
	}
}

func TestAReaderThatWasAwayTooLongIsTold(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	r := watch(t, h, ask(Filter{}))
	first := next(t, r)
	go func() { // whoever stays keeps up
		for {
			if _, err := r.Next(t.Context()); err != nil {
				return
			}
		}
	}()
	for range keptMessages + 1 {
		happen(t, h, did("login", "1"))
		h.tick()
	}
	for _, id := range []string{first.ID, "nonsense", "-", "a-b", strings.Split(first.ID, "-")[0] + "-99999", "another-1"} {
		a := ask(Filter{})
		a.LastID = id
		r := watch(t, h, a)
		if m := next(t, r); m.Event != resetEvent {
			t.Errorf("after %q: %+v", id, m)
		}
		if m := next(t, r); m.Event != stateEvent || m.Data.Received.Events != keptMessages+1 || len(m.Data.Latest) != listed {
			t.Errorf("after the reset: %+v", m)
		}
	}
}

func TestASlowReaderIsDroppedWhileOthersGoOn(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	slow, quick := watch(t, h, ask(Filter{})), watch(t, h, ask(Filter{}))
	next(t, quick)
	for i := range queued + 2 {
		happen(t, h, did("login", "a"))
		h.tick()
		until(t, quick, func(u Update) bool { return u.Received.Events == uint64(i+1) })
	}
	select {
	case <-slow.ended:
	case <-time.After(time.Minute):
		t.Fatal("the slow reader is still there")
	}
	if _, err := slow.Next(t.Context()); !errors.Is(err, EndSlow) {
		t.Errorf("%v, want %v", err, EndSlow)
	}
	happen(t, h, did("login", "a"))
	until(t, quick, func(u Update) bool { return u.Received.Events == queued+3 })
	if n := testutil.ToFloat64(h.metrics.ended.WithLabelValues("too_slow")); n != 1 {
		t.Errorf("%v readers were too slow, want 1", n)
	}
}

func TestReadersAreBoundedInAllByKeyAndByFilter(t *testing.T) {
	o := defaults()
	o.MaxReaders, o.MaxPerKey, o.MaxFilters = 3, 2, 2
	h := newHub(t, o, &tables{})
	refused := func(a Ask, want error) {
		t.Helper()
		if _, err := h.Watch(a); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	first := watch(t, h, ask(Filter{}))
	watch(t, h, ask(Filter{Type: "a"}))
	refused(ask(Filter{}), ErrKeyFull)
	other := ask(Filter{Type: "b"})
	other.Credential = "a session"
	refused(other, ErrKeyFull)
	other.Key = "k2"
	refused(other, ErrFilters)
	other.Filter.Type = "a"
	watch(t, h, other)
	refused(other, ErrFull)
	leave(first)
	other.Filter.Type = "b" // takes the place of the filter that nobody watches any more
	watch(t, h, other)
	refused(ask(Filter{Type: "x", Path: "/"}), &FilterError{})
	if h.topics != 2 || h.readers != 3 {
		t.Errorf("%d filters, %d readers", h.topics, h.readers)
	}
}

// Is makes any two errors about filters the same to a test.
func (e *FilterError) Is(other error) bool {
	_, is := other.(*FilterError)
	return is
}

func TestARevokedKeyEndsItsReadersAlone(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	revoked := make(chan struct{})
	a := ask(Filter{})
	a.Credential = "revoked"
	a.Still = func(context.Context) error {
		select {
		case <-revoked:
			return errors.New("no more")
		default:
			return nil
		}
	}
	ended, stays := watch(t, h, a), watch(t, h, ask(Filter{}))
	close(revoked)
	<-ended.ended
	if _, err := ended.Next(t.Context()); !errors.Is(err, EndAccess) {
		t.Error(err)
	}
	happen(t, h, did("login", "a"))
	until(t, stays, func(u Update) bool { return u.Received.Events == 1 })
}

func TestCloseEndsReadersAndWaitsForThem(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	r, err := h.Watch(ask(Filter{}))
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- h.Close(t.Context()) }()
	<-r.ended
	if _, err := r.Next(t.Context()); !errors.Is(err, EndStopping) {
		t.Error(err)
	}
	if _, err := h.Watch(ask(Filter{})); !errors.Is(err, EndStopping) {
		t.Errorf("a new reader: %v", err)
	}
	select {
	case err := <-closed:
		t.Errorf("closed before its reader had gone: %v", err)
	default:
	}
	r.Close()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestAFullQueueIsCountedAndNeverWaitedFor(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	if err := h.Refill(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := rowblock.New(rowblock.Events)
	row := did("login", "a")
	b.AppendEvent(&row)
	h.mu.Lock() // the hub stands still
	taken, refused := 0, 0
	for range 2 * maxOffers {
		if h.Offer("p", b, func() {}) {
			taken++
		} else {
			refused++
		}
	}
	h.mu.Unlock()
	if taken < maxOffers || taken > maxOffers+1 || float64(refused) != testutil.ToFloat64(h.metrics.dropped) {
		t.Errorf("%d taken, %d refused", taken, refused)
	}
	if first := next(t, watch(t, h, ask(Filter{}))); first.Data.Active.Exact {
		t.Error("numbers are called exact although rows were dropped")
	}
}

func TestWhatTheTablesHaveIsTakenOverAndNotCountedTwice(t *testing.T) {
	at := time.Now().Add(-time.Minute).Truncate(slotSeconds * time.Second)
	known := event.PersonOf(event.Identity{UserID: "a"})
	history := &tables{people: map[uint64]time.Time{known: at, 77: at.Add(-10 * time.Minute)}, counts: map[time.Time]Counts{at: {5, 3}}}
	h := newHub(t, defaults(), history)
	row := did("login", "a")
	row.OccurredAt = event.MillisOf(at) // it is in the tables too
	happen(t, h, row)
	for range 2 {
		if err := h.Refill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := next(t, watch(t, h, ask(Filter{})))
	if first.Data.Active != (Active{1, 2, true}) || first.Data.Last30m != (Counts{5, 3}) || first.Data.Received.Events != 1 {
		t.Errorf("%+v", first.Data.State)
	}
}

func TestWithoutTheTablesNothingIsCalledExact(t *testing.T) {
	history := &tables{err: errors.New("down")}
	o := defaults()
	o.Refresh = 10 * time.Millisecond
	h := newHub(t, o, history)
	if h.Refill(t.Context()) == nil {
		t.Error("no error")
	}
	r := watch(t, h, ask(Filter{}))
	if first := next(t, r); first.Data.Active.Exact {
		t.Error("exact")
	}
	history.mu.Lock()
	history.err = nil
	history.mu.Unlock()
	until(t, r, func(u Update) bool { return u.Active.Exact }) // the next look finds them
}

func TestSilenceIsBrokenByABeat(t *testing.T) {
	o := defaults()
	o.Heartbeat = time.Millisecond
	h := newHub(t, o, &tables{})
	r := watch(t, h, ask(Filter{}))
	next(t, r)
	if m := next(t, r); m.Event == updateEvent { // that the tables are empty is news once
		m = next(t, r)
		if m.Event != "beat" {
			t.Errorf("%+v", m)
		}
	}
}

func TestAFilterThatNobodyWatchesIsGivenUp(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	leave(watch(t, h, ask(Filter{})))
	h.mu.Lock()
	for _, topic := range h.projects["p"].topics {
		topic.leftAt = topic.leftAt.Add(-2 * linger)
	}
	h.mu.Unlock()
	h.tick()
	h.tick()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics != 0 || h.projects["p"].window != nil {
		t.Errorf("%d filters, window %v", h.topics, h.projects["p"].window != nil)
	}
}

func TestWhatWasShownIsForgottenAfterAWhile(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	r := watch(t, h, ask(Filter{}))
	happen(t, h, did("login", "a"), did("login", "b"))
	until(t, r, func(u Update) bool { return u.Received.Events == 2 })
	h.mu.Lock()
	defer h.mu.Unlock()
	later := h.clock().Add(keptFor + time.Second)
	if r.topic.expire(later); len(r.topic.kept) > 0 || r.topic.keptBytes != 0 || len(r.topic.latest.before()) != 2 {
		t.Errorf("%d messages, %d bytes, %d rows after %v", len(r.topic.kept), r.topic.keptBytes, len(r.topic.latest.before()), keptFor)
	}
	if r.topic.expire(later.Add(time.Hour)); len(r.topic.latest.before()) != 0 || r.topic.latest.rows[0].user != nil {
		t.Errorf("%d rows after an hour", len(r.topic.latest.before()))
	}
}
