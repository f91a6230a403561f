package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is one kept-alive connection of HTTP/1.1, for one goroutine.
type conn struct {
	net.Conn
	in   *bufio.Reader
	body bytes.Buffer // of the last answer
}

func dial(ctx context.Context, address string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return newConn(c), nil
}

func newConn(c net.Conn) *conn { return &conn{Conn: c, in: bufio.NewReaderSize(c, 4<<10)} }

// Answer is what a server said.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0: the server did not say
	Exception  bool          // ClickHouse failed after it had begun to answer
	Body       []byte        // valid until the connection's next request

	last bool // the server closes the connection
}

// do sends a request and reads its answer. A server may answer before it has
// read the whole request, and close: so the answer counts even when the writing
// failed.
func (c *conn) do(r *Request) (Answer, error) {
	pieces := net.Buffers{r.head, r.body}
	_, wrong := pieces.WriteTo(c.Conn)
	answer, err := c.read()
	if err != nil {
		return answer, errors.Join(wrong, err)
	}
	answer.last = answer.last || wrong != nil
	return answer, nil
}

var errAnswer = errors.New("this is no answer of HTTP/1.1")

func (c *conn) read() (Answer, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	var a Answer
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return a, errAnswer
	}
	if a.Status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, errAnswer
	}
	length, err := c.header(&a)
	if err != nil {
		return a, err
	}
	c.body.Reset()
	if length == chunked {
		err = c.readChunks()
	} else {
		_, err = io.CopyN(&c.body, c.in, length)
	}
	a.Body = c.body.Bytes()
	return a, err
}

// chunked stands for a length that is not told beforehand.
const chunked = -1

// header reads to the empty line and returns the length of the body.
func (c *conn) header(a *Answer) (int64, error) {
	length := int64(0)
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, fmt.Errorf("read the header: %w", err)
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case is(name, "Content-Length"):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, errAnswer
			}
		case is(name, "Transfer-Encoding"):
			length = chunked
		case is(name, "Connection"):
			a.last = is(value, "close")
		case is(name, "Retry-After"):
			seconds, _ := strconv.Atoi(string(value)) // a date is as good as nothing
			a.RetryAfter = time.Duration(seconds) * time.Second
		case is(name, "X-ClickHouse-Exception-Code"):
			a.Exception = true
		}
	}
}

func is(text []byte, name string) bool { return bytes.EqualFold(text, []byte(name)) }

// readChunks reads a body of chunks, up to the empty one and its empty line.
func (c *conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return errAnswer
		}
		if _, err := io.CopyN(&c.body, c.in, size); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}
