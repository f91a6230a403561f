package importer_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"ibarura/internal/event"
	"ibarura/internal/producer"
	"ibarura/internal/protocol"
)

// server speaks the contract of the write API: it decodes as the real one does,
// knows ids again, and answers for every line.
type server struct {
	*httptest.Server

	mu        sync.Mutex
	first     func(n int) int
	requests  int
	ids       map[string]bool
	events    []event.Event
	pageViews []event.PageView
	waits     []bool // of the requests taken in, in their order
	underWay  int
	overlap   bool // a request that waits came while another was under way
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{ids: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// before sets what is asked first, with the number of the request from 0; a
// status other than 0 is the answer. It may also take its time. Nil: nothing.
func (s *server) before(f func(n int) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = f
}

func (s *server) client(t *testing.T) *producer.Client {
	t.Helper()
	c, err := producer.New(producer.Options{URL: s.URL, Key: "ibw_test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wait := r.URL.Query().Get("wait") == "true"
	s.mu.Lock()
	n, first := s.requests, s.first
	s.requests++
	s.overlap = s.overlap || (wait && s.underWay > 0)
	s.underWay++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.underWay--
		s.mu.Unlock()
	}()
	if first != nil {
		if status := first(n); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sink := &sink{s: s, answer: answer{Rejected: []producer.Rejected{}}}
	limits := event.DefaultLimits()
	var err error
	if r.URL.Path == "/api/v1/events" {
		err = protocol.DecodeEventLines(r.Body, &limits, sink)
	} else {
		err = protocol.DecodePageViewLines(r.Body, &limits, sink)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.waits = append(s.waits, wait)
	_ = json.NewEncoder(w).Encode(sink.answer)
}

type answer struct {
	Accepted   int                 `json:"accepted"`
	Duplicates int                 `json:"duplicates"`
	Rejected   []producer.Rejected `json:"rejected"`
}

type sink struct {
	s      *server
	answer answer
}

func (k *sink) Reject(index int, r *event.Rejection) error {
	k.answer.Rejected = append(k.answer.Rejected, producer.Rejected{Index: index, Code: r.Code, Field: r.Field, Message: r.Message})
	return nil
}

// take reports whether an item counts.
func (k *sink) take(index int, id string, invalid *event.Rejection) bool {
	switch {
	case invalid != nil:
		_ = k.Reject(index, invalid)
	case k.s.ids[id]:
		k.answer.Duplicates++
	default:
		k.s.ids[id] = true
		k.answer.Accepted++
		return true
	}
	return false
}

const serverNow = event.Millis(1 << 41) // 2039: after all test data

func (k *sink) Event(index int, e *event.Event) error {
	limits := event.DefaultLimits()
	if k.take(index, clone(e.ID), e.Validate(&limits, serverNow)) {
		k.s.events = append(k.s.events, event.Event{ID: clone(e.ID), Type: clone(e.Type), OccurredAt: e.OccurredAt})
	}
	return nil
}

func (k *sink) PageView(index int, p *event.PageView) error {
	limits := event.DefaultLimits()
	if k.take(index, clone(p.ID), p.Validate(&limits, serverNow)) {
		k.s.pageViews = append(k.s.pageViews, event.PageView{
			ID: clone(p.ID), OccurredAt: p.OccurredAt, URL: clone(p.URL), UserAgent: clone(p.UserAgent), IP: clone(p.IP),
			Identity:   event.Identity{UserID: clone(p.UserID), AnonymousID: clone(p.AnonymousID)},
			Properties: append([]event.Property(nil), p.Properties...),
		})
	}
	return nil
}

// clone copies a view of the request's bytes.
func clone(s string) string { return string([]byte(s)) }
