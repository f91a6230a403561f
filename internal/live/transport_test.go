package live

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"ibarura/internal/event"
)

// front serves a hub: events at /events, a WebSocket elsewhere.
func front(t *testing.T, h *Hub) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := ask(Filter{Type: r.URL.Query().Get("type")})
		a.LastID = r.Header.Get("Last-Event-ID")
		reader, err := h.Watch(a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer reader.Close()
		if r.URL.Path == "/events" {
			ServeEvents(w, r, reader)
		} else if err := ServeSocket(w, r, reader); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// readEvent reads one server-sent event: its fields.
func readEvent(t *testing.T, lines *bufio.Reader) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %v", err, fields)
		}
		if line == "\n" {
			return fields
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		fields[name] = value
	}
}

func TestServerSentEventsAreWhatTheSpecificationSays(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	server := front(t, h)
	resp, err := http.Get(server.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || resp.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("%v", resp.Header)
	}
	lines := bufio.NewReader(resp.Body)
	if first := readEvent(t, lines); first["event"] != stateEvent || first["id"] == "" {
		t.Errorf("%v", first)
	}
	happen(t, h, did("login", "a"))
	for {
		if e := readEvent(t, lines); strings.Contains(e["data"], `"received":{"events":1,`) {
			break
		}
	}
	h.EndReaders()
	for {
		e := readEvent(t, lines)
		if e["event"] == endEvent {
			if e["data"] != `{"reason":"stopping"}` {
				t.Errorf("%v", e)
			}
			break
		}
	}
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("after the end: %q, %v", rest, err)
	}
}

func TestAWebSocketGetsTheSameMessagesAndACloseReason(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	conn, _, err := websocket.Dial(t.Context(), front(t, h).URL+"/?type=login", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	hear := func() (got, error) {
		_, text, err := conn.Read(t.Context())
		if err != nil {
			return got{}, err
		}
		return read(t, &Message{socket: text}), nil
	}
	if first, err := hear(); err != nil || first.Event != stateEvent || first.ID == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	happen(t, h, did("login", "a"), did("other", "b"))
	for {
		m, err := hear()
		if err != nil {
			t.Fatal(err)
		}
		if m.Data.Received.Events == 2 {
			if m.Data.Matching.Received.Events != 1 || len(m.Data.Latest) != 1 {
				t.Errorf("%+v", m.Data)
			}
			break
		}
	}
	h.EndReaders()
	for err == nil {
		_, err = hear()
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Error(err)
	}
}

func TestAClientThatGoesMakesRoom(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	server := front(t, h)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	talker, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = talker.CloseNow() }()
	cancel()
	_ = resp.Body.Close()
	_ = conn.CloseNow()
	if err := talker.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = talker.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("a client that talks: %v", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.readers > 0 {
		h.gone.Wait()
	}
}

// The buffers on both sides are small, so that few messages fill them.
func TestAConnectionThatStallsIsDroppedWhileOthersGoOn(t *testing.T) {
	h := newHub(t, defaults(), &tables{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reader, err := h.Watch(ask(Filter{}))
		if err != nil {
			t.Error(err)
			return
		}
		defer reader.Close()
		ServeEvents(w, r, reader)
	}))
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(4096)
		return ctx
	}
	server.Start()
	t.Cleanup(server.Close)
	stalled, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stalled.Close() }()
	_ = stalled.(*net.TCPConn).SetReadBuffer(4096)
	if _, err := io.WriteString(stalled, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := stalled.Read(make([]byte, 1)); err != nil { // it is a reader now, and reads no more
		t.Fatal(err)
	}
	quick := watch(t, h, ask(Filter{}))
	for n := uint64(1); testutil.ToFloat64(h.metrics.ended.WithLabelValues("too_slow")) == 0; n++ {
		row := did("login", "a")
		row.Object.ID = strings.Repeat("x", clipAt)
		happen(t, h, slices.Repeat([]event.Row{row}, listed)...)
		h.tick()
		until(t, quick, func(u Update) bool { return u.Received.Events == n*listed })
	}
	happen(t, h, did("last", "a"))
	until(t, quick, func(u Update) bool { return len(u.Latest) == 1 && u.Latest[0].Type == "last" })
}
