package ingest_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/rowblock"
)

// hotel names its visitors after where they come from.
type hotel struct{ asked int }

func (h *hotel) Visitor(_ context.Context, project string, zone *time.Location, address, userAgent string, _ time.Time) string {
	h.asked++
	return strings.Join([]string{project, zone.String(), address, userAgent}, "|")
}

func (*hotel) Session(_ string, who event.Identity, visitor string, _ time.Time) string {
	return "session of " + who.UserID + who.AnonymousID + " at " + strconv.Itoa(len(visitor))
}

func browser(t *testing.T) ingest.Request {
	req := kigali(t)
	req.UserAgent, req.IP = "Mozilla/5.0", "192.0.2.1"
	return req
}

func postMixed(s *ingest.Service, req ingest.Request, events, views string) (ingest.Result, error) {
	return s.Items(context.Background(), req, func(sink protocol.Sink) error {
		return errors.Join(protocol.DecodeEvents([]byte(events), s.Limits(), sink), protocol.DecodePageViews([]byte(views), s.Limits(), sink))
	})
}

func TestWhatABrowserSendsOfNobodyIsItsVisitors(t *testing.T) {
	st := open(t)
	var h hotel
	s := service(st, func(c *ingest.Config) { c.Visitors = &h })
	result, err := postMixed(s, browser(t),
		`[{"type":"a"},{"type":"b","user_id":"ada"},{"type":"c","anonymous_id":"own"},{"type":"d","session_id":"own"}]`,
		`[{"url":"/a"},{"url":"/b","user_agent":"curl","ip":"192.0.2.9"}]`)
	if err != nil || result.Accepted != 6 {
		t.Fatalf("%+v, %v", result, err)
	}
	const visitor = "p|Africa/Kigali|192.0.2.1|Mozilla/5.0"
	events, views := st.events(t), st.rows(t, rowblock.PageViews)
	for i, want := range []event.Identity{
		{AnonymousID: visitor, SessionID: "session of " + visitor + " at 37"},
		{UserID: "ada", SessionID: "session of ada at 37"},
		{AnonymousID: "own", SessionID: "session of own at 37"},
		{AnonymousID: visitor, SessionID: "own"},
	} {
		if got := events[i]; got.identity() != want || got.Person != strconv.FormatUint(event.PersonOf(want), 10) {
			t.Errorf("event %s: %+v, want %+v", got.Type, got.identity(), want)
		}
	}
	if got := views[0]; got.AnonymousID != visitor || got.Person != events[0].Person || got.SessionID == "" {
		t.Errorf("page view: %+v", got)
	}
	if got := views[1]; got.identity() != (event.Identity{}) || got.Person != "0" {
		t.Errorf("a page view of another visitor, as a producer tells it: %+v", got)
	}
	if h.asked != 1 {
		t.Errorf("the visitor was asked for %d times in one request", h.asked)
	}
}

func TestAProducersOwnClientHasNoVisitor(t *testing.T) {
	st := open(t)
	var h hotel
	s := service(st, func(c *ingest.Config) { c.Visitors = &h })
	if _, err := postMixed(s, kigali(t), `[{"type":"a"}]`, `[{"url":"/a"}]`); err != nil {
		t.Fatal(err)
	}
	events, views := st.events(t), st.rows(t, rowblock.PageViews)
	if events[0].Person != "0" || views[0].Person != "0" || events[0].SessionID != "" || h.asked != 0 {
		t.Errorf("%+v %+v", events[0], views[0])
	}
}

func TestEveryItemIsPaidForWhateverBecomesOfIt(t *testing.T) {
	st := open(t)
	s := service(st, nil)
	req := kigali(t)
	var paid []int
	req.Spend = func(_ context.Context, items int) error {
		paid = append(paid, items)
		return nil
	}
	items := `[{"id":"x","type":"a"},{"id":"x","type":"a"},{"nonsense":1}` + strings.Repeat(`,{"type":"a"}`, 297) + `]`
	if _, err := post(s, req, items); err != nil {
		t.Fatal(err)
	}
	if len(paid) != 2 || paid[0] != 256 || paid[1] != 44 {
		t.Errorf("paid %v for 300 items", paid)
	}
	broke := errors.New("no more")
	req.Spend = func(context.Context, int) error { return broke }
	if result, err := post(s, req, items); !errors.Is(err, broke) || result.Accepted > 256 {
		t.Errorf("%d accepted, %v", result.Accepted, err)
	}
}

// Many slow streams of bad lines at once must not fill the memory with what
// their answers are going to say.
func TestTheRejectionsOfAllRequestsUnderWayAreBounded(t *testing.T) {
	s := service(open(t), nil)
	const requests = 110
	bad := "[" + strings.TrimSuffix(strings.Repeat(`{"nonsense":1},`, 1000), ",") + "]"
	listed, unlisted := 0, 0
	var nested func(depth int) // each request is under way while the next one is
	nested = func(depth int) {
		if depth == 0 {
			return
		}
		result, err := s.Events(context.Background(), kigali(t), func(sink protocol.EventSink) error {
			defer nested(depth - 1)
			return protocol.DecodeEvents([]byte(bad), s.Limits(), sink)
		})
		if err != nil || len(result.Rejected)+result.Unlisted != 1000 {
			t.Errorf("%d listed, %d not, %v", len(result.Rejected), result.Unlisted, err)
		}
		listed += len(result.Rejected)
		unlisted += result.Unlisted
	}
	nested(requests)
	if listed != 100_000 || unlisted != 10_000 {
		t.Errorf("%d listed and %d not of %d requests", listed, unlisted, requests)
	}
	if result, err := post(s, kigali(t), bad); err != nil || len(result.Rejected) != 1000 {
		t.Errorf("afterwards: %d listed, %v", len(result.Rejected), err)
	}
}
