// Package producer is the other side of the write API: a small client that
// posts batches of items and repeats what was not acknowledged. It stands at
// the very beginning of the way from POST to chart; `ibarura import` and
// `ibarura loadgen` send through it, by the front door like any producer.
//
// A repeated batch carries the same ids, so the server counts nothing twice.
package producer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Kind is what a batch holds, and with it the path that it is posted to.
type Kind string

// The kinds of items.
const (
	Events    Kind = "events"
	PageViews Kind = "pageviews"
)

// Options say where and how a Client posts. URL and Key are required.
type Options struct {
	// URL is the server's address, such as http://127.0.0.1:8080.
	URL string
	// Key is a write key.
	Key string
	// Connections is how many requests the caller will have under way at once;
	// so many connections are kept open. 0: 4.
	Connections int
	// Compression of the bodies. Empty: CompressAuto.
	Compression Compression
	// Timeout bounds one attempt, from the first byte sent to the last one
	// received. 0: 1 minute; it has to be longer than the server's time for
	// wait=true.
	Timeout time.Duration
	// RetryFor is how long one batch is repeated before Post gives up. 0: 5
	// minutes. Negative: the first failure is final.
	RetryFor time.Duration
	// Grace is how long an attempt under way may still take once the context
	// has ended, so that an interrupted producer learns what was acknowledged.
	// 0: 5 seconds.
	Grace time.Duration
	// Observe is called after each attempt, from the goroutine that posts. Nil:
	// nobody watches.
	Observe func(Attempt)
	// Transport carries the requests. Nil: one of the Client's own.
	Transport http.RoundTripper
}

// Attempt is one try to post a batch.
type Attempt struct {
	Status int           // of the answer; 0: none came
	Took   time.Duration // from the start of the attempt to the end of the answer
	Err    error         // why it was not acknowledged; nil if it was
	Pause  time.Duration // until the next try; 0: there will be none
}

// Client posts batches. It is safe for concurrent use.
type Client struct {
	options Options
	base    string
	http    *http.Client
	encode  encoder
}

// New returns a Client. Nothing is sent before the first Post.
func New(o Options) (*Client, error) {
	base, err := checkURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Key == "" {
		return nil, errors.New("a write key is needed")
	}
	o = o.withDefaults()
	encode, err := newEncoder(o.Compression.at(base), o.Connections)
	if err != nil {
		return nil, err
	}
	return &Client{
		options: o,
		base:    strings.TrimSuffix(base.String(), "/"),
		encode:  encode,
		http: &http.Client{
			Transport: o.Transport,
			// A redirect would turn the POST into a GET, or carry the key elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func checkURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("url %q is not an address such as http://127.0.0.1:8080", text)
	}
	return u, nil
}

func (o Options) withDefaults() Options {
	if o.Connections <= 0 {
		o.Connections = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.RetryFor == 0 {
		o.RetryFor = 5 * time.Minute
	}
	if o.Grace <= 0 {
		o.Grace = 5 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(Attempt) {}
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			MaxIdleConnsPerHost: o.Connections,
			IdleConnTimeout:     time.Minute,
			WriteBufferSize:     64 << 10,
		}
	}
	return o
}

// Close ends idle connections. Nothing may be under way.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Post sends the items in lines, one JSON object a line, until they are
// acknowledged. With wait the acknowledgement comes once they, and everything
// acknowledged before, can be queried; lines may then be empty.
//
// It gives up on an answer that a repetition would not change (an *Error),
// after RetryFor, or when ctx ends. One attempt is made in any case: who hands
// over batches in order, from several goroutines, knows that none was left out
// before one that was acknowledged. lines belongs to the caller again when Post
// returns.
func (c *Client) Post(ctx context.Context, kind Kind, lines []byte, wait bool) (Answer, error) {
	body, release := c.encode.encode(lines)
	defer release()
	target := c.base + "/api/v1/" + string(kind)
	if wait {
		target += "?wait=true"
	}
	retry := newRetry(c.options.RetryFor)
	var before taken
	for {
		began := time.Now()
		answer, err := c.attempt(ctx, target, body)
		attempt := Attempt{Status: answer.status, Took: time.Since(began), Err: err}
		if err == nil {
			c.options.Observe(attempt)
			return before.settle(answer), nil
		}
		before.add(answer)
		pause, again := retry.next(err)
		attempt.Pause = pause
		c.options.Observe(attempt)
		if !again {
			return Answer{}, retry.gaveUp(err)
		}
		if err := sleep(ctx, pause); err != nil {
			return Answer{}, err
		}
	}
}

// attempt sends the batch once. The answer holds what was taken in even when
// there is an error, as far as the server said so.
func (c *Client) attempt(ctx context.Context, target string, body []byte) (Answer, error) {
	ctx, cancel := c.attemptContext(ctx)
	defer cancel()
	sent := newTrackedBody(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, sent)
	if err != nil {
		return Answer{}, fmt.Errorf("make request: %w", err)
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Authorization", "Bearer "+c.options.Key)
	req.Header.Set("Content-Type", "application/x-ndjson")
	if c.encode.name != "" {
		req.Header.Set("Content-Encoding", c.encode.name)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		sent.wait()
		return Answer{}, fmt.Errorf("post: %w", withoutURL(err))
	}
	defer sent.wait() // after the answer is closed, which ends the sending
	defer func() { _ = resp.Body.Close() }()
	return readAnswer(resp)
}

// attemptContext outlives ctx by the grace period.
func (c *Client) attemptContext(ctx context.Context) (context.Context, context.CancelFunc) {
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.options.Timeout)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(c.options.Grace):
			cancel()
		case <-attempt.Done():
		}
	})
	return attempt, func() {
		stop()
		cancel()
	}
}

// withoutURL drops what url.Error adds: the caller knows the address.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// trackedBody tells when the transport is done with the bytes, which may be
// after the answer has come: only then may the caller overwrite them.
type trackedBody struct {
	bytes.Reader
	closed chan struct{}
}

func newTrackedBody(b []byte) *trackedBody {
	t := &trackedBody{closed: make(chan struct{}, 2)} // the transport may close twice
	t.Reset(b)
	return t
}

var _ io.ReadCloser = (*trackedBody)(nil)

// Close marks the end of the transport's use.
func (t *trackedBody) Close() error {
	select {
	case t.closed <- struct{}{}:
	default:
	}
	return nil
}

func (t *trackedBody) wait() { <-t.closed }
