package embedded

import (
	"net"
	"strconv"
)

// Addr is the native address, "host:port".
func (e *Engine) Addr() string { return e.address(e.ports.TCP) }

// HTTPAddr is the address of ClickHouse's HTTP interface, "host:port".
func (e *Engine) HTTPAddr() string { return e.address(e.ports.HTTP) }

func (e *Engine) address(port int) string {
	return net.JoinHostPort(e.opts.ListenHost, strconv.Itoa(port))
}

// Credentials are the users' names and passwords.
func (e *Engine) Credentials() Credentials { return e.creds }

// Version is the engine's full version, such as "26.7.2.1".
func (e *Engine) Version() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.version
}

// Up reports whether the engine answered the last probe.
func (e *Engine) Up() bool { return e.up.Load() }

// Restarts is the number of times that the engine was started again.
func (e *Engine) Restarts() int { return int(e.restarts.Load()) }

// Pid is the process id of the present child, 0 while there is none.
func (e *Engine) Pid() int {
	p := e.child()
	if p == nil {
		return 0
	}
	select {
	case <-p.done:
		return 0
	default:
		return p.pid()
	}
}

// Done is closed when Stop has ended the engine. Nothing else ends it: a
// supervisor that gave up would make an outage of a disk that is freed later.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err is why the engine is down; nil while it is up, and after Stop.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}
