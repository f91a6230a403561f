package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// liveMessage is what a client of the live view reads.
type liveMessage struct {
	ID    string
	Event string
	Data  struct {
		Reason string
		Active struct {
			Last5m  int `json:"last_5m"`
			Last30m int `json:"last_30m"`
			Exact   bool
		}
		Last30m  liveCounts `json:"last_30m"`
		Received liveCounts
		Matching struct{ Received liveCounts }
		Latest   []struct {
			Kind, Type, Path string
			UserID           string `json:"user_id"`
			ObjectID         string `json:"object_id"`
		}
	}
}

type liveCounts struct {
	Events    int
	PageViews int `json:"page_views"`
}

// listener reads the messages of one stream, whichever way they come.
type listener struct {
	t    *testing.T
	read func() (liveMessage, error)
	end  func()
}

// events opens a stream of server-sent events.
func (s *instance) events(key, query, lastID string) *listener {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/analytics/live/events?"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("%d %s", resp.StatusCode, text)
	}
	lines := bufio.NewReader(resp.Body)
	return &listener{s.t, func() (liveMessage, error) { return readSSE(lines) }, func() { cancel(); _ = resp.Body.Close() }}
}

func readSSE(lines *bufio.Reader) (m liveMessage, err error) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return m, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			m.ID = value
		case "event":
			m.Event = value
		case "data":
			if err := json.Unmarshal([]byte(value), &m.Data); err != nil {
				return m, err
			}
		case "":
			if m.Event != "" {
				return m, nil
			}
		}
	}
}

// socket opens a WebSocket.
func (s *instance) socket(key, query string) *listener {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	conn, _, err := websocket.Dial(ctx, s.base+"/api/v1/analytics/live?"+query, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + key}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return &listener{s.t, func() (m liveMessage, err error) {
		_, text, err := conn.Read(ctx)
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		return m, err
	}, func() { _ = conn.CloseNow(); cancel() }}
}

// until reads up to a message that satisfies is.
func (l *listener) until(is func(m *liveMessage) bool) liveMessage {
	l.t.Helper()
	for {
		m, err := l.read()
		if err != nil {
			l.t.Fatal(err)
		}
		if is(&m) {
			return m
		}
	}
}

// reason reads to the end of the stream and returns why it ended.
func (l *listener) reason() (reason string, err error) {
	for {
		m, err := l.read()
		if err != nil {
			return reason, err
		}
		if m.Event == "end" {
			reason = m.Data.Reason
		}
	}
}

func TestLiveReadersSeeWhatIsAcknowledged(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	admin := strings.TrimSpace(ibarura(t, "keys", "create", "--data-dir", s.dir, "--scope", "admin"))
	all, views, persons := s.events(s.keys["read"], "", ""), s.socket(s.keys["read"], "kind=page_view"), s.socket(admin, "detail=person&type=login")
	defer all.end()
	defer views.end()
	defer persons.end()
	s.mustPost("/api/v1/events", []byte(`[{"type":"login","user_id":"ada"},{"type":"post_created","user_id":"bob","object_type":"post","object_id":"7"},
		{"type":"login","user_id":"eve","occurred_at":"2020-01-01T00:00:00Z"}]`))
	s.mustPost("/api/v1/pageviews", []byte(`[{"url":"https://x.test/a","anonymous_id":"v"},{"url":"https://x.test/b","anonymous_id":"v","user_agent":"Googlebot/2.1 (+http://www.google.com/bot.html)"}]`))
	m := all.until(func(m *liveMessage) bool { return m.Data.Received == liveCounts{3, 1} })
	if m.Data.Active.Last5m != 3 || m.Data.Active.Last30m != 3 || !m.Data.Active.Exact || m.Data.Last30m != (liveCounts{2, 1}) {
		t.Errorf("%+v", m.Data)
	}
	m = views.until(func(m *liveMessage) bool { return len(m.Data.Latest) > 0 })
	if m.Data.Latest[0].Path != "/a" || m.Data.Matching.Received != (liveCounts{0, 1}) {
		t.Errorf("%+v", m.Data)
	}
	m = persons.until(func(m *liveMessage) bool { return len(m.Data.Latest) > 0 })
	if latest := m.Data.Latest; len(latest) != 2 || latest[0].UserID != "eve" || latest[1].UserID != "ada" {
		t.Errorf("%+v", latest)
	}
	for _, forbidden := range []string{"detail=person", "from=2020-01-01"} {
		if r := s.get("/api/v1/analytics/live/events", mustQuery(t, forbidden)); r.status < 400 {
			t.Errorf("%s: %d", forbidden, r.status)
		}
	}
}

func mustQuery(t *testing.T, text string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestALiveReaderResumesWhereItWas(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	first := s.events(s.keys["read"], "type=login", "")
	s.mustPost("/api/v1/events", []byte(`{"type":"login","object_id":"0"}`))
	last := first.until(func(m *liveMessage) bool { return m.Data.Matching.Received.Events == 1 })
	first.end()
	var want, got []string
	for i := 1; i <= 5; i++ {
		want = append(want, fmt.Sprint(i))
		s.mustPost("/api/v1/events", fmt.Appendf(nil, `{"type":"login","object_id":"%d"}`, i))
		time.Sleep(100 * time.Millisecond) // so that there are several messages
	}
	again := s.events(s.keys["read"], "type=login", last.ID)
	defer again.end()
	again.until(func(m *liveMessage) bool {
		for i := len(m.Data.Latest) - 1; i >= 0; i-- {
			got = append(got, m.Data.Latest[i].ObjectID)
		}
		return m.Data.Matching.Received.Events == 6
	})
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	strange := s.events(s.keys["read"], "type=login", "ffffffffffff-7")
	defer strange.end()
	if m, err := strange.read(); err != nil || m.Event != "reset" || m.Data.Reason != "gap" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestARevokedKeyEndsLiveReaders(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	key := strings.TrimSpace(ibarura(t, "keys", "create", "--data-dir", s.dir, "--scope", "read", "--label", "leaving"))
	events, socket, stays := s.events(key, "", ""), s.socket(key, ""), s.events(s.keys["read"], "", "")
	defer events.end()
	defer socket.end()
	defer stays.end()
	for line := range strings.Lines(ibarura(t, "keys", "list", "--data-dir", s.dir)) {
		if strings.Contains(line, "leaving") {
			ibarura(t, "keys", "revoke", strings.Fields(line)[0], "--data-dir", s.dir)
		}
	}
	if reason, err := events.reason(); reason != "access_ended" || !errors.Is(err, io.EOF) {
		t.Errorf("events: %q, %v", reason, err)
	}
	if reason, err := socket.reason(); reason != "access_ended" || websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("socket: %q, %v", reason, err)
	}
	s.mustPost("/api/v1/events", []byte(`{"type":"login"}`))
	stays.until(func(m *liveMessage) bool { return m.Data.Received.Events == 1 })
}

func TestAStopEndsLiveReadersAndARestartKnowsWhoWasThere(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	s.mustPost("/api/v1/events?wait=true", []byte(`[{"type":"login","user_id":"ada"},{"type":"login","user_id":"bob"},{"type":"login","user_id":"ada"}]`))
	events, socket := s.events(s.keys["read"], "", ""), s.socket(s.keys["read"], "")
	defer events.end()
	defer socket.end()
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	if reason, err := events.reason(); reason != "stopping" || !errors.Is(err, io.EOF) {
		t.Errorf("events: %q, %v", reason, err)
	}
	if reason, err := socket.reason(); reason != "stopping" || websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("socket: %q, %v", reason, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("%v\n%s", err, s.log)
	}
	again := serve(t, s.dir)
	reader := again.events(again.keys["read"], "", "")
	defer reader.end()
	m, err := reader.read()
	if err != nil || m.Event != "state" || m.Data.Active.Last30m != 2 || !m.Data.Active.Exact || m.Data.Last30m.Events != 3 || m.Data.Received.Events != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}
