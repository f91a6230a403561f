package faulttest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// Proxy stands between the loader and ClickHouse, passes bytes on, and breaks
// what it is told to break. Only connections of the loader are broken: they say
// who they are in their first packet.
type Proxy struct {
	backend  string
	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	links  map[*link]bool
	fault  Cut
	delay  time.Duration
	away   bool // everything is refused
	closed bool
}

// Cut says where connections of the loader break.
type Cut struct {
	// After is how many bytes are still passed on from the loader to ClickHouse.
	After int64
	// LoseAnswer passes everything on, but no answer back once so much was sent;
	// the connection breaks so long after the first lost byte. 0: it is the
	// loader's direction that breaks.
	LoseAnswer time.Duration
	// HalfClose ends the loader's direction first, and the other one once
	// ClickHouse has had its say.
	HalfClose bool
}

// loaderMark is in the first packet of a connection of the loader.
var loaderMark = []byte("ibarura-loader")

// NewProxy listens on a free port of this machine.
func NewProxy(backend string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{backend: backend, listener: listener, links: map[*link]bool{}}
	p.running.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close breaks everything and returns when nothing is passed on any more.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.CutNow()
	p.running.Wait()
}

// CutNow breaks all connections of the moment, in both directions.
func (p *Proxy) CutNow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close()
	}
}

// Refuse breaks all connections and takes no more, as a server does that is
// away, until Admit.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	p.away = true
	p.mu.Unlock()
	p.CutNow()
}

// Admit takes connections again.
func (p *Proxy) Admit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = false
}

// CutOnce breaks the next connection of the loader that sends so much. Each
// connection counts for itself, from now on.
func (p *Proxy) CutOnce(c Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.arm(c)
	}
	p.fault = c
}

// Delay makes every piece of data wait so long, in both directions.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Calm takes back what Delay and CutOnce have asked for.
func (p *Proxy) Calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.fault = 0, Cut{}
	for l := range p.links {
		l.arm(Cut{})
	}
}

func (p *Proxy) accept() {
	for {
		front, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.pass(front) })
	}
}

// pass carries one connection until either side ends it.
func (p *Proxy) pass(front net.Conn) {
	back, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", p.backend)
	if err != nil {
		_ = front.Close()
		return
	}
	l := &link{front: front, back: back}
	if !p.add(l) {
		l.close()
		return
	}
	defer p.remove(l)
	done := make(chan struct{})
	go func() {
		p.copy(l, l.up)
		close(done)
	}()
	p.copy(l, l.down)
	<-done
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.away {
		return false
	}
	l.arm(p.fault)
	p.links[l] = true
	return true
}

func (p *Proxy) remove(l *link) {
	l.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// copy moves pieces of data in one direction until one of them breaks.
func (p *Proxy) copy(l *link, move func(piece []byte) (broken bool, err error)) {
	piece := make([]byte, 16<<10)
	for {
		broken, err := move(piece)
		if broken {
			p.broke()
		}
		if err != nil {
			l.closeUnlessHalf(err)
			return
		}
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		time.Sleep(delay)
	}
}

// broke notes that the fault has happened: it is for one connection.
func (p *Proxy) broke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = Cut{}
	for l := range p.links {
		l.arm(Cut{})
	}
}

// Armed reports whether a fault still waits for its connection.
func (p *Proxy) Armed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault != Cut{}
}
