package openapitest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// Handler passes requests on and tells of every answer that is not as the
// document says.
func (v *Validator) Handler(next http.Handler, tell func(error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		if seen.status == 0 || seen.taken {
			return
		}
		if err := v.Answer(r, seen.status, w.Header(), seen.body.Bytes()); err != nil {
			tell(err)
		}
	})
}

// recorder keeps a copy of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	taken  bool // the connection is somebody else's
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is underneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush is for those who ask for it by a type assertion.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Hijack is for those who ask for it by a type assertion.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.taken = true
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Transport sends requests and remembers what is wrong with the answers of the
// server: those with an X-Request-ID.
type Transport struct {
	Validator *Validator
	Next      http.RoundTripper

	mu    sync.Mutex
	wrong []error
}

// Wrong returns what was wrong so far.
func (t *Transport) Wrong() []error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrong
}

// RoundTrip sends a request. What is wrong with its answer is known once its
// body has been read to the end.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Next.RoundTrip(req)
	if err != nil || resp.Header.Get("X-Request-Id") == "" || resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, err
	}
	resp.Body = &watched{ReadCloser: resp.Body, end: func(body []byte) {
		if err := t.Validator.Answer(req, resp.StatusCode, resp.Header, body); err != nil {
			t.mu.Lock()
			t.wrong = append(t.wrong, err)
			t.mu.Unlock()
		}
	}}
	return resp, nil
}

// watched is a body that tells once what it was.
type watched struct {
	io.ReadCloser
	seen bytes.Buffer
	end  func(body []byte)
	told sync.Once
}

// maxWatched is from where on a body is not kept: streams may be of any length.
const maxWatched = 16 << 20

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.seen.Len() <= maxWatched {
		w.seen.Write(p[:n])
	}
	if errors.Is(err, io.EOF) && w.seen.Len() <= maxWatched {
		w.told.Do(func() { w.end(w.seen.Bytes()) })
	}
	return n, err
}
