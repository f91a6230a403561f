package live

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// writeTimeout bounds the writing of one message: it takes at most twice as long.
const writeTimeout = 5 * time.Second

// deadline moves on a deadline for writes only when half of it has passed: with
// thousands of readers each move counts.
type deadline struct {
	set   func(time.Time) error
	renew time.Time
}

func (d *deadline) touch() {
	if now := time.Now(); now.After(d.renew) {
		_ = d.set(now.Add(2 * writeTimeout)) // fails only where writes fail too
		d.renew = now.Add(writeTimeout)
	}
}

// boundedWriter is a response whose connection, once it is taken over, has
// bounded writes.
type boundedWriter struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (w boundedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	bounded := &boundedConn{Conn: conn, deadline: deadline{set: conn.SetWriteDeadline}}
	both.Writer.Reset(bounded)
	return bounded, both, nil
}

// WriteHeaderNow is what gin's responses need before they are taken over.
func (w boundedWriter) WriteHeaderNow() {
	if now, has := w.ResponseWriter.(interface{ WriteHeaderNow() }); has {
		now.WriteHeaderNow()
	}
}

type boundedConn struct {
	net.Conn
	deadline deadline
}

func (c *boundedConn) Write(p []byte) (int, error) {
	c.deadline.touch()
	return c.Conn.Write(p)
}
