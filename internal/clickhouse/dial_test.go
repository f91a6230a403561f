package clickhouse_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
)

// hangingUp passes connections on to a server, but for the first ones: those
// it resets once they have sent something. It returns where it listens.
func hangingUp(t *testing.T, server string, first int64) (addr string, seen *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	seen = &atomic.Int64{}
	go func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			if seen.Add(1) <= first {
				_, _ = front.Read(make([]byte, 1))
				_ = front.(*net.TCPConn).SetLinger(0)
				_ = front.Close()
				continue
			}
			go passOn(front, server)
		}
	}()
	return listener.Addr().String(), seen
}

func passOn(front net.Conn, server string) {
	back, err := net.Dial("tcp", server)
	if err != nil {
		_ = front.Close()
		return
	}
	go func() {
		_, _ = io.Copy(back, front)
		_ = back.Close()
	}()
	_, _ = io.Copy(front, back)
	_ = front.Close()
}

func TestAConnectionThatIsResetInTheGreetingIsMadeAgain(t *testing.T) {
	for resets, works := range map[int64]bool{2: true, 3: false} {
		target := enginetest.Migrated(t)
		addr, seen := hangingUp(t, target.Addr[0], resets)
		target.Addr = []string{addr}
		conn, err := clickhouse.Open(target)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Ping(t.Context()); (err == nil) != works || seen.Load() != 3 {
			t.Errorf("after %d resets, %d attempts: %v", resets, seen.Load(), err)
		}
		_ = conn.Close()
	}
}
