package httpapi

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ConnectionLimits bound the connections that are open at the same time.
type ConnectionLimits struct {
	Most       int // all together
	PerAddress int // from one IP address; 0: no limit
}

// refusal answers a connection that is one too many. It is written as it is:
// reading the request first would be waiting for a stranger.
var refusal = func() []byte {
	const body = `{"type":"` + problemPage + `overloaded","title":"Service Unavailable","status":503,"code":"overloaded","detail":"too many connections are open; try again"}` + "\n"
	return fmt.Appendf(nil, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json; charset=utf-8\r\n"+
		"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}()

// BoundConnections returns a listener on which no more connections are open
// than the limits say. One too many is answered 503 and closed, so that it
// neither waits in the dark nor costs more than a moment.
func BoundConnections(l net.Listener, limits ConnectionLimits, reg prometheus.Registerer) net.Listener {
	b := &boundListener{Listener: l, limits: limits, byAddress: map[netip.Addr]int{}}
	b.refused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ibarura_http_connections_refused_total",
		Help: "Connections turned away because too many were open, by limit (all, address).",
	}, []string{"limit"})
	reg.MustRegister(b.refused, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ibarura_http_connections",
		Help: "Connections that are open.",
	}, func() float64 {
		b.mu.Lock()
		defer b.mu.Unlock()
		return float64(b.open)
	}))
	return b
}

type boundListener struct {
	net.Listener
	limits  ConnectionLimits
	refused *prometheus.CounterVec

	mu        sync.Mutex
	open      int
	byAddress map[netip.Addr]int // only if there is a limit on it
}

// Accept returns the next connection that is within the limits.
func (l *boundListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := addressOf(conn)
		if reason := l.enter(address); reason != "" {
			l.refused.WithLabelValues(reason).Inc()
			turnAway(conn)
			continue
		}
		return &boundConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(address) })}, nil
	}
}

// enter counts a connection, or returns the limit that it would exceed.
func (l *boundListener) enter(address netip.Addr) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open >= l.limits.Most:
		return "all"
	case l.limits.PerAddress > 0 && l.byAddress[address] >= l.limits.PerAddress:
		return "address"
	}
	l.open++
	if l.limits.PerAddress > 0 {
		l.byAddress[address]++
	}
	return ""
}

func (l *boundListener) leave(address netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.limits.PerAddress == 0 {
		return
	}
	if l.byAddress[address]--; l.byAddress[address] == 0 {
		delete(l.byAddress, address)
	}
}

func addressOf(conn net.Conn) netip.Addr {
	if tcp, is := conn.RemoteAddr().(*net.TCPAddr); is {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// turnAway never waits: the answer fits into the buffer of a new connection.
func turnAway(conn net.Conn) {
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = conn.Write(refusal)
	_ = conn.Close()
}

// boundConn makes room when it is closed.
type boundConn struct {
	net.Conn
	leave func()
}

// Close closes the connection, which may be done more than once.
func (c *boundConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// CloseWrite lets the server end its answer before it hangs up on a client that
// is still sending.
func (c *boundConn) CloseWrite() error {
	if half, can := c.Conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return nil
}
