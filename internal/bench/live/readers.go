package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// filters are what the readers watch by, in turn.
var filters = []string{"", "type=login", "object_type=post", "role=member"}

// crowd is the readers of a round.
type crowd struct {
	conns   []net.Conn
	bytes   atomic.Int64
	lost    atomic.Int64 // ended by the server
	silent  atomic.Int64 // have got no update
	leaving atomic.Bool
	reading sync.WaitGroup
}

// gather opens the readers and returns when each has got its first message.
func (b *bench) gather(ctx context.Context, n int) (*crowd, error) {
	c := &crowd{conns: make([]net.Conn, n)}
	c.silent.Store(int64(n))
	var group errgroup.Group
	group.SetLimit(64)
	for i := range n {
		group.Go(func() error {
			conn, in, err := b.open(ctx, i%2 == 0, filters[i/2%len(filters)])
			if err != nil {
				return err
			}
			c.conns[i] = conn
			c.reading.Go(func() { c.read(in) })
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		c.leave()
		return nil, err
	}
	return c, nil
}

// open begins one stream as cheaply as it can be done.
func (b *bench) open(ctx context.Context, socket bool, filter string) (net.Conn, *bufio.Reader, error) {
	path, upgrade, want := "live/events", "", http.StatusOK
	if socket {
		path, want = "live", http.StatusSwitchingProtocols
		upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", b.server.Address)
	if err != nil {
		return nil, nil, err
	}
	_, err = fmt.Fprintf(conn, "GET /api/v1/analytics/%s?%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n",
		path, filter, b.server.Address, b.server.ReadKey, upgrade)
	in := bufio.NewReaderSize(conn, 1<<10)
	var resp *http.Response
	if err == nil {
		resp, err = http.ReadResponse(in, nil) //nolint:bodyclose // closing it would read the stream to its end; it ends with the connection
	}
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("a reader is answered %s", resp.Status)
	}
	if err == nil {
		_, err = in.ReadByte() // of the first message
	}
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, in, nil
}

// read throws everything away but the count of bytes, and whether there was an
// update.
func (c *crowd) read(in *bufio.Reader) {
	var room [2 << 10]byte
	heard := false
	for {
		n, err := in.Read(room[:])
		c.bytes.Add(int64(n))
		if !heard && bytes.Contains(room[:n], []byte("update")) {
			heard = true
			c.silent.Add(-1)
		}
		if err != nil {
			if !c.leaving.Load() {
				c.lost.Add(1)
			}
			return
		}
	}
}

// check wants everybody to be there still and to have heard something.
func (c *crowd) check() error {
	if lost, silent := c.lost.Load(), c.silent.Load(); lost > 0 || silent > 0 {
		return fmt.Errorf("of %d readers %d were ended and %d got nothing", len(c.conns), lost, silent)
	}
	return nil
}

func (c *crowd) leave() {
	c.leaving.Store(true)
	for _, conn := range c.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
	c.reading.Wait()
}
