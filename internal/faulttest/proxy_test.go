package faulttest_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"ibarura/internal/faulttest"
)

// echo answers with what it is sent; it returns its address.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// through opens a connection over a proxy that says hello first.
func through(t *testing.T, p *faulttest.Proxy, hello string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if got, err := say(conn, hello); err != nil || got != hello {
		t.Fatalf("hello came back as %q: %v", got, err)
	}
	return conn
}

// say writes a text and reads as much back, or what there is before the
// connection ends.
func say(conn net.Conn, text string) (string, error) {
	if _, err := conn.Write([]byte(text)); err != nil {
		return "", err
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	back := make([]byte, len(text))
	n, err := io.ReadFull(conn, back)
	return string(back[:n]), err
}

const loaderSaysHello = "hello from ibarura-loader"

func proxy(t *testing.T) *faulttest.Proxy {
	t.Helper()
	p, err := faulttest.NewProxy(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestAnInsertIsCutAfterSoManyBytesAndOnlyOnce(t *testing.T) {
	p := proxy(t)
	other := through(t, p, "hello from somebody else")
	first := through(t, p, loaderSaysHello)
	p.CutOnce(faulttest.Cut{After: 5})
	if back, err := say(other, "unharmed"); back != "unharmed" || err != nil {
		t.Errorf("a connection that is not the loader's: %q %v", back, err)
	}
	if back, err := say(first, "0123456789"); err == nil || len(back) > 5 {
		t.Errorf("the loader's connection is not cut: %q %v", back, err)
	}
	if p.Armed() {
		t.Error("the fault is still there after it has happened")
	}
	if back, err := say(through(t, p, loaderSaysHello), "0123456789"); back != "0123456789" || err != nil {
		t.Errorf("the next connection: %q %v", back, err)
	}
}

func TestAHalfCloseLetsTheAnswerThrough(t *testing.T) {
	p := proxy(t)
	conn := through(t, p, loaderSaysHello)
	p.CutOnce(faulttest.Cut{After: 5, HalfClose: true})
	if back, err := say(conn, "0123456789"); back != "01234" || err == nil {
		t.Errorf("%q %v", back, err)
	}
}

func TestAnAnswerIsLostAfterAllWasSent(t *testing.T) {
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = backend.Close() }()
	p, err := faulttest.NewProxy(backend.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	front, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = front.Close() }()
	server, err := backend.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()

	p.CutOnce(faulttest.Cut{After: 30, LoseAnswer: 50 * time.Millisecond})
	sent := loaderSaysHello + " and all of a block"
	if _, err := front.Write([]byte(sent)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(server, got); err != nil || !bytes.Equal(got, []byte(sent)) {
		t.Fatalf("the server was sent %q: %v", got, err)
	}
	if _, err := server.Write([]byte("done")); err != nil {
		t.Fatal(err)
	}
	_ = front.SetReadDeadline(time.Now().Add(10 * time.Second))
	if text, err := io.ReadAll(front); len(text) > 0 || err != nil {
		t.Errorf("the answer came: %q %v", text, err)
	}
}
