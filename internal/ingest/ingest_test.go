package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// store is a real spool whose room can be taken away, and what else the service
// needs to know of rows that are loaded.
type store struct {
	*spool.Spool
	full  atomic.Bool
	flush error
	asked int
}

func (s *store) Room() bool { return !s.full.Load() && s.Spool.Room() }

func (s *store) Append(ctx context.Context, records []spool.Record) (*spool.Ticket, error) {
	if s.full.Load() {
		return nil, spool.ErrFull
	}
	return s.Spool.Append(ctx, records)
}

func (s *store) Await(context.Context, spool.LSN) error { s.asked++; return s.flush }

func open(t *testing.T) *store {
	t.Helper()
	log, err := spool.Open(t.Context(), spool.Options{Dir: t.TempDir(), SegmentBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	return &store{Spool: log}
}

// stored is a row as the spool holds it.
type stored struct {
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	UserID      string    `json:"user_id"`
	AnonymousID string    `json:"anonymous_id"`
	SessionID   string    `json:"session_id"`
	Role        string    `json:"role"`
	Project     string    `json:"project"`
	Day         string    `json:"day"`
	Person      string    `json:"person"`
	Active      uint8     `json:"active"`
	OccurredAt  time.Time `json:"occurred_at"`
	ReceivedAt  time.Time `json:"received_at"`
	Browser     string    `json:"browser"`
	Country     string    `json:"country"`
}

func (s stored) identity() event.Identity {
	return event.Identity{UserID: s.UserID, AnonymousID: s.AnonymousID, SessionID: s.SessionID, Role: s.Role}
}

// rows reads what the spool holds of a table.
func (s *store) rows(t *testing.T, table rowblock.Table) []stored {
	t.Helper()
	block := rowblock.New(table)
	if _, err := s.Read(0, func(e spool.Entry) bool {
		if e.Table == uint8(table) {
			if err := block.Merge(e.Data, e.Seq); err != nil {
				t.Error(err)
			}
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	rows := make([]stored, block.Rows())
	for i := range rows {
		if err := json.Unmarshal(block.JSON(i), &rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

// count is the number of rows that the spool holds.
func (s *store) count(t *testing.T) int {
	t.Helper()
	rows := 0
	if _, err := s.Read(0, func(e spool.Entry) bool { rows += int(e.Rows); return true }); err != nil {
		t.Fatal(err)
	}
	return rows
}

func (s *store) events(t *testing.T) []stored { return s.rows(t, rowblock.Events) }

// visitor passes on what it was shown, so that tests see it.
type visitor struct{}

func (visitor) Visit(pv *event.PageView, out *event.Visit) {
	out.Browser, out.Country = pv.UserAgent, pv.IP
}

var now = time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC)

func service(s *store, change func(*ingest.Config)) *ingest.Service {
	config := ingest.Config{
		Limits: event.DefaultLimits(), PassiveTypes: []string{"notification_sent"},
		Window: time.Hour, MaxIDs: 10_000, WaitTimeout: 50 * time.Millisecond,
	}
	if change != nil {
		change(&config)
	}
	return ingest.New(config, s.deps(func() time.Time { return now }), prometheus.NewRegistry())
}

func (s *store) deps(clock func() time.Time) ingest.Deps {
	return ingest.Deps{Log: s, Loading: s, Visitor: visitor{}, Clock: clock}
}

func kigali(t *testing.T) ingest.Request {
	t.Helper()
	zone, err := time.LoadLocation("Africa/Kigali")
	if err != nil {
		t.Fatal(err)
	}
	return ingest.Request{Project: ingest.Project{Name: "p", Zone: zone}}
}

func post(s *ingest.Service, req ingest.Request, body string) (ingest.Result, error) {
	return s.Events(context.Background(), req, func(sink protocol.EventSink) error {
		return protocol.DecodeEvents([]byte(body), s.Limits(), sink)
	})
}

func TestGoodItemsAreTakenInBesideBadOnes(t *testing.T) {
	st := open(t)
	result, err := post(service(st, nil), kigali(t), `[
		{"type":"login","user_id":"u1","id":"a"},
		{"user_id":"u1"},
		{"type":"login","user_id":"u1","id":"a"},
		{"type":"login","nonsense":1},
		{"type":"notification_sent","user_id":"u1","occurred_at":"2026-03-29T21:59:59Z"}]`)
	if err != nil {
		t.Fatal(err)
	}
	if result.Accepted != 2 || result.Duplicates != 1 || len(result.Rejected) != 2 {
		t.Fatalf("%+v", result)
	}
	if r := result.Rejected[0]; r.Index != 1 || r.Code != event.CodeMissingField || r.Field != "type" || r.Message == "" {
		t.Errorf("first rejection: %+v", r)
	}
	if r := result.Rejected[1]; r.Index != 3 || r.Code != event.CodeUnknownField {
		t.Errorf("second rejection: %+v", r)
	}
	if st.asked != 0 {
		t.Error("waited although nobody asked for it")
	}
}

func TestAnItemIsStampedWithItsLocalDayPersonAndActivity(t *testing.T) {
	st := open(t)
	if _, err := post(service(st, nil), kigali(t), `[
		{"type":"login","user_id":"u1"},
		{"type":"notification_sent","user_id":"u1","occurred_at":"2026-03-29T21:59:59Z"},
		{"type":"login"}]`); err != nil {
		t.Fatal(err)
	}
	// 22:30 UTC is half past midnight of the next day in Kigali (UTC+2), 21:59:59 is not.
	got := []string{}
	rows := st.events(t)
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.Project, " ", r.Day, " ", r.Person == fmt.Sprint(event.PersonOf(event.Identity{UserID: "u1"})), " ", r.Person == "0", " ", r.Active == 1, " ", r.ReceivedAt.Equal(now)))
	}
	want := []string{
		"p 2026-03-30 true false true true",
		"p 2026-03-29 true false false true",
		"p 2026-03-30 false true true true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !rows[0].OccurredAt.Equal(now) {
		t.Error("an item without a time did not get the time of arrival")
	}
	if rows[0].ID == "" || rows[0].ID == rows[2].ID {
		t.Errorf("items without an id got %q and %q", rows[0].ID, rows[2].ID)
	}
}

func TestWhatIsNobodysActMakesNobodyActiveWhateverIsConfigured(t *testing.T) {
	st := open(t)
	s := service(st, func(c *ingest.Config) { c.PassiveTypes = nil })
	if _, err := post(s, kigali(t), `[{"type":"identify","user_id":"u"},{"type":"alias","user_id":"u"},{"type":"group","user_id":"u"},
		{"type":"$pageleave","user_id":"u"},{"type":"engagement"},{"type":"notification_sent","user_id":"u"},{"type":"identified","user_id":"u"}]`); err != nil {
		t.Fatal(err)
	}
	var active []string
	for _, row := range st.events(t) {
		if row.Active == 1 {
			active = append(active, row.Type)
		}
	}
	if diff := cmp.Diff([]string{"notification_sent", "identified"}, active); diff != "" {
		t.Error(diff)
	}
}

func TestAnIdempotencyKeyMakesARetryWithoutIdsCountOnce(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	const body = `[{"type":"login"},{"type":"login"}]`
	req := kigali(t)
	for _, c := range []struct {
		key                  string
		accepted, duplicates int
	}{{"", 2, 0}, {"", 2, 0}, {"k1", 2, 0}, {"k1", 0, 2}, {"k2", 2, 0}} {
		req.IdempotencyKey = c.key
		result, err := post(s, req, body)
		if err != nil || result.Accepted != c.accepted || result.Duplicates != c.duplicates {
			t.Errorf("key %q: %+v, %v", c.key, result, err)
		}
	}
}

func TestAnIdIsSharedByNobodyElse(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	req := kigali(t)
	for _, project := range []string{"p", "q"} {
		req.Project.Name = project
		if result, err := post(s, req, `{"type":"login","id":"same"}`); err != nil || result.Accepted != 1 {
			t.Errorf("project %s: %+v, %v", project, result, err)
		}
	}
	result, err := s.PageViews(context.Background(), req, func(sink protocol.PageViewSink) error {
		return protocol.DecodePageViews([]byte(`{"url":"/a","id":"same"}`), s.Limits(), sink)
	})
	if err != nil || result.Accepted != 1 {
		t.Errorf("page view: %+v, %v", result, err)
	}
}

func TestWhoSendsTheSameIdAtOnceIsCountedOnce(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	req := kigali(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 200 {
				if _, err := post(s, req, fmt.Sprintf(`{"type":"login","id":"%d"}`, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(st.events(t)); n != 200 {
		t.Errorf("%d rows for 200 ids", n)
	}
}

func TestAFullStoreTurnsRequestsAwayAndStopsStreams(t *testing.T) {
	st := open(t)
	st.full.Store(true)
	s := service(st, nil)
	if _, err := post(s, kigali(t), `{"type":"login"}`); !errors.Is(err, ingest.ErrOverloaded) {
		t.Errorf("request while full: %v", err)
	}
	st.full.Store(false)
	line := `{"type":"login","session_id":"` + strings.Repeat("s", 200) + "\"}\n"
	fills := io.MultiReader(strings.NewReader(strings.Repeat(line, 20_000)), readerFunc(func([]byte) (int, error) {
		st.full.Store(true)
		return 0, io.EOF
	}), strings.NewReader(strings.Repeat(line, 20_000)))
	result, err := s.Events(context.Background(), kigali(t), func(sink protocol.EventSink) error {
		return protocol.DecodeEventLines(fills, s.Limits(), sink)
	})
	if !errors.Is(err, ingest.ErrOverloaded) || result.Accepted == 0 || result.Accepted > 21_000 {
		t.Errorf("stream while full: %d accepted, %v", result.Accepted, err)
	}
	if n := st.count(t); n != result.Accepted {
		t.Errorf("the answer says %d, the spool has %d", result.Accepted, n)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWhatCouldNotBeAppendedIsNoDuplicateWhenItComesAgain(t *testing.T) {
	st := open(t)
	s := service(st, func(c *ingest.Config) { c.RoomWait = 0 })
	const body = `{"type":"login","id":"a"}`
	_, err := s.Events(context.Background(), kigali(t), func(sink protocol.EventSink) error {
		st.full.Store(true)
		return protocol.DecodeEvents([]byte(body), s.Limits(), sink)
	})
	if !errors.Is(err, ingest.ErrOverloaded) {
		t.Fatalf("append to a full spool: %v", err)
	}
	st.full.Store(false)
	if result, err := post(s, kigali(t), body); err != nil || result.Accepted != 1 || result.Duplicates != 0 {
		t.Errorf("the retry: %+v, %v", result, err)
	}
}

func TestARestartKnowsTheIdsThatWaitInTheSpool(t *testing.T) {
	st := open(t)
	const body = `[{"type":"login","id":"a"},{"type":"login"}]`
	if _, err := post(service(st, nil), kigali(t), body); err != nil {
		t.Fatal(err)
	}
	again := service(st, nil)
	if n, err := again.Refill(context.Background(), history{}, st, nothingLoaded); n != 1 || err != nil {
		t.Fatalf("%d ids, %v: want the one that can come back", n, err)
	}
	if result, err := post(again, kigali(t), body); err != nil || result.Accepted != 1 || result.Duplicates != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestWaitAnswersOnlyOnceItIsQueryable(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	req := kigali(t)
	req.Wait = true
	if _, err := post(s, req, `{"type":"login"}`); err != nil || st.asked != 1 {
		t.Errorf("%d flushes, %v", st.asked, err)
	}
	st.flush = errors.New("the engine is away")
	result, err := post(s, req, `{"type":"login","id":"x"}`)
	if !errors.Is(err, ingest.ErrNotQueryable) || result.Accepted != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestAStreamOfRejectionsHasAnAnswerOfBoundedLength(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	result, err := s.Events(context.Background(), kigali(t), func(sink protocol.EventSink) error {
		return protocol.DecodeEventLines(strings.NewReader(strings.Repeat("{}\n", ingest.MaxListed+500)), s.Limits(), sink)
	})
	if err != nil || len(result.Rejected) != ingest.MaxListed || result.Unlisted != 500 {
		t.Errorf("%d listed, %d not, %v", len(result.Rejected), result.Unlisted, err)
	}
}

func TestABrowsersRequestDescribesTheVisitorUnlessTheItemDoes(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	req := kigali(t)
	req.UserAgent, req.IP = "Mozilla/5.0", "192.0.2.1"
	if _, err := s.PageViews(context.Background(), req, func(sink protocol.PageViewSink) error {
		return protocol.DecodePageViews([]byte(`[{"url":"/a"},{"url":"/b","user_agent":"other"}]`), s.Limits(), sink)
	}); err != nil {
		t.Fatal(err)
	}
	views := st.rows(t, rowblock.PageViews)
	if v := views[0]; v.Browser != "Mozilla/5.0" || v.Country != "192.0.2.1" {
		t.Errorf("item that says nothing: %+v", v)
	}
	if v := views[1]; v.Browser != "other" || v.Country != "" {
		t.Errorf("item that says something: %+v", v)
	}
}

func nothingLoaded() spool.LSN { return 0 }

// history plays the tables.
type history []string

func (h history) RecentIDs(_ context.Context, since time.Time, _ int, _ string, each func(project, kind, id string, received time.Time)) error {
	for _, id := range h {
		each("p", "event", id, since.Add(time.Minute))
	}
	return nil
}

func TestARestartKnowsTheIdsThatWereStored(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	if n, err := s.Refill(context.Background(), history{"a", "b"}, st, nothingLoaded); n != 2 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	result, err := post(s, kigali(t), `[{"type":"login","id":"a"},{"type":"login","id":"c"}]`)
	if err != nil || result.Duplicates != 1 || result.Accepted != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestTimeGoesOnInAStreamAndItsKeyMayBeRevoked(t *testing.T) {
	st := open(t)
	at := now
	s := ingest.New(ingest.Config{Limits: event.DefaultLimits(), Window: time.Hour, MaxIDs: 1000}, st.deps(
		func() time.Time { at = at.Add(400 * time.Millisecond); return at }), prometheus.NewRegistry())
	req := kigali(t)
	revoked := errors.New("revoked")
	asked := 0
	req.StillAllowed = func(context.Context) error {
		if asked++; asked == 3 {
			return revoked
		}
		return nil
	}
	result, err := s.Events(context.Background(), req, func(sink protocol.EventSink) error {
		return protocol.DecodeEventLines(strings.NewReader(strings.Repeat("{\"type\":\"login\"}\n", 100)), s.Limits(), sink)
	})
	rows := st.events(t)
	// An item each 0.4 s: the key is asked for after three items, and again after each further three.
	if !errors.Is(err, revoked) || result.Accepted != 9 || len(rows) != 9 {
		t.Errorf("%d accepted, asked %d times, %v", result.Accepted, asked, err)
	}
	if first, last := rows[0], rows[8]; last.ReceivedAt.Sub(first.ReceivedAt) != 8*400*time.Millisecond || !last.OccurredAt.Equal(last.ReceivedAt) {
		t.Errorf("received %v to %v, occurred at %v", first.ReceivedAt, last.ReceivedAt, last.OccurredAt)
	}
}
