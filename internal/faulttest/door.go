package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Door takes batches in: the front door of a running serve, or the service of
// this process. It is safe for concurrent use.
type Door interface {
	// Send offers a batch once. Of its body only the first cut bytes are sent,
	// and then the connection breaks; len(b.Body) sends it whole. An error says
	// that no answer came, so that nobody knows what became of the batch.
	Send(ctx context.Context, b *Batch, cut int) (Answer, error)
}

// Answer is what the server said.
type Answer struct {
	Status     int
	Code       string // of a problem
	RetryAfter int    // seconds; 0: it does not say
	Accepted   int
	Duplicates int
	Rejected   int
}

// FrontDoor posts over HTTP to wherever serve listens at the moment.
type FrontDoor struct {
	// Address returns the present base URL, such as http://127.0.0.1:8080;
	// empty while there is none.
	Address func() string
	// Keys are the write keys by project.
	Keys map[string]string
	// Patience bounds one attempt.
	Patience time.Duration
}

var errClosed = errors.New("nobody listens at the moment")

// errBroken is what the reader of a body that breaks off returns.
var errBroken = errors.New("the producer died")

// Send posts the batch over a connection of a pool that all share.
func (d *FrontDoor) Send(ctx context.Context, b *Batch, cut int) (Answer, error) {
	base := d.Address()
	if base == "" {
		return Answer{}, errClosed
	}
	ctx, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/"+string(b.Kind), b.reader(cut))
	if err != nil {
		return Answer{}, err
	}
	req.ContentLength = int64(len(b.Body))
	d.describe(req, b)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return readAnswer(resp)
}

func (d *FrontDoor) describe(req *http.Request, b *Batch) {
	req.Header.Set("Authorization", "Bearer "+d.Keys[b.Project])
	req.Header.Set("Content-Type", b.contentType())
	if b.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if b.Wait {
		req.URL.RawQuery = "wait=true"
	}
}

func (b *Batch) contentType() string {
	if b.Lines {
		return "application/x-ndjson"
	}
	return "application/json"
}

// reader gives the first cut bytes of the body, and then breaks.
func (b *Batch) reader(cut int) io.Reader {
	if cut >= len(b.Body) {
		return bytes.NewReader(b.Body)
	}
	return io.MultiReader(bytes.NewReader(b.Body[:cut]), breaking{})
}

type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errBroken }

func readAnswer(resp *http.Response) (Answer, error) {
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, err
	}
	var said struct {
		Code       string
		Accepted   int
		Duplicates int
		Rejected   []json.RawMessage
		Unlisted   int `json:"rejected_unlisted"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return Answer{}, fmt.Errorf("an answer %d that is no JSON: %w", resp.StatusCode, err)
	}
	later, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 if it is absent
	return Answer{resp.StatusCode, said.Code, later, said.Accepted, said.Duplicates, len(said.Rejected) + said.Unlisted}, nil
}
