package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What a stranger may do to the server before anybody has asked for a key.
func TestFrontDoorBoundsWhatAStrangerSends(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--http.read-header-timeout", "200ms", "--http.body-timeout", "300ms", "--http.max-body-bytes", "64KiB")
	t.Run("HeadersOver32KiBAreRefused", func(t *testing.T) {
		resp := s.converse(t, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Filler: "+strings.Repeat("x", 40<<10)+"\r\n\r\n")
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("40 KiB of headers: %s", resp.Status)
		}
	})
	t.Run("AHalfSentHeaderIsHungUpOn", func(t *testing.T) {
		began := time.Now()
		conn := s.say(t, "GET /healthz HTTP/1.1\r\nHost:")
		text, err := io.ReadAll(conn)
		if err != nil || strings.Contains(string(text), "200 OK") {
			t.Errorf("%q %v", text, err)
		}
		t.Logf("closed after %s", time.Since(began).Round(time.Millisecond))
	})
	t.Run("ABodyThatStandsStillIsGivenUp", func(t *testing.T) {
		resp := s.converse(t, s.postHead("application/json", 1000)+`[{"type":`)
		if resp.StatusCode != http.StatusRequestTimeout || codeOfResponse(t, resp) != "body_timeout" {
			t.Errorf("%s", resp.Status)
		}
	})
	t.Run("ABodyThatFlowsSlowlyIsReadToItsEnd", func(t *testing.T) { slowBody(t, s) })
	t.Run("ABodyOverItsLimitIsRefused", func(t *testing.T) {
		r := s.post("/api/v1/events", s.keys["write"], "application/json", []byte("["+strings.Repeat(" ", 64<<10)+"]"))
		if r.status != http.StatusRequestEntityTooLarge || codeOf(t, r) != "body_too_large" {
			t.Errorf("%d %s", r.status, r.body)
		}
	})
	if r := s.get("/readyz", nil); r.status != http.StatusOK {
		t.Errorf("after all that, /readyz says %d %s", r.status, r.body)
	}
}

// slowBody sends a stream over more time than the silence that is allowed.
func slowBody(t *testing.T, s *instance) {
	lines := strings.SplitAfter(strings.TrimSpace(string(ids(0, 6))), "\n")
	conn := s.say(t, s.postHead(ndjson, len(strings.Join(lines, ""))))
	for _, line := range lines {
		time.Sleep(100 * time.Millisecond)
		if _, err := io.WriteString(conn, line); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), `"accepted":6`) {
		t.Errorf("%s %s", resp.Status, body)
	}
}

// postHead is a request up to its body, which is so many bytes long.
func (s *instance) postHead(contentType string, length int) string {
	return fmt.Sprintf("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		s.keys["write"], contentType, length)
}

// say opens a connection and sends bytes as they are.
func (s *instance) say(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// converse is say, and then listens to the answer.
func (s *instance) converse(t *testing.T, text string) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(s.say(t, text)), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func codeOfResponse(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return codeOf(t, reply{resp.StatusCode, resp.Header, body})
}
