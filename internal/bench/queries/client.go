package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"ibarura/internal/bench/server"
	"ibarura/internal/report"
)

// client asks over HTTP, on connections that are kept alive.
type client struct {
	base, key string
	http      *http.Client
}

func newClient(s *server.Server, connections int) *client {
	return &client{
		base: "http://" + s.Address, key: s.ReadKey,
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}},
	}
}

// ask returns the body of an answer and how long it took until its last byte.
func (c *client) ask(ctx context.Context, target string) ([]byte, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+target, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	took := time.Since(began)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d: %.300s", target, resp.StatusCode, body)
	}
	return body, took, err
}

// statements asks what would be run for a question.
func (c *client) statements(ctx context.Context, q *question) ([]report.Explained, error) {
	body, _, err := c.ask(ctx, q.target(true))
	if err != nil {
		return nil, err
	}
	var answer struct{ Explain []report.Explained }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if len(answer.Explain) == 0 {
		return nil, fmt.Errorf("%s: no statements", q.target(true))
	}
	return answer.Explain, nil
}
