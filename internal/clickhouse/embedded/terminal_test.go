package embedded_test

import (
	"net"
	"testing"
	"time"

	"ibarura/internal/enginetest"
)

// A client that is killed, or that is none, resets its connection or sends what
// is no packet. Neither may cost the others their ClickHouse.
func TestNoClientEndsTheEngineByHowItEnds(t *testing.T) {
	engine := enginetest.StartOwn(t, nil)
	pid := engine.Pid()
	for range 20 {
		conn, err := net.DialTimeout("tcp", engine.Addr(), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("\x05garbage")); err != nil {
			t.Error(err)
		}
		time.Sleep(20 * time.Millisecond) // so that it is read
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	time.Sleep(time.Second) // in which one that ends would do so
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	if n := ask[uint8](t, conn, "SELECT 1"); n != 1 || engine.Pid() != pid {
		t.Errorf("it answers %d, as process %d, which was %d", n, engine.Pid(), pid)
	}
}
