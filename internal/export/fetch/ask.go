package fetch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cenkalti/backoff/v5"
)

// maxProblem bounds what is read of an answer that is an error.
const maxProblem = 64 << 10

// ask sends the request for the next part. An error that will not pass is a
// backoff.PermanentError.
func (r *run) ask(ctx context.Context) (*http.Response, error) {
	address := r.address()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.options.Key)
	request.Header.Set("TE", "trailers")
	if !local(request.URL) {
		request.Header.Set("Accept-Encoding", "gzip")
	}
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }()
	return nil, refusal(answer)
}

// local reports whether an address is of this machine, where compression would
// cost more than it saves.
func local(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// refusal is what an answer other than 200 says.
func refusal(answer *http.Response) error {
	var said struct{ Code, Detail string }
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxProblem))
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	refused := fmt.Errorf("%s: %s: %s", answer.Status, said.Code, said.Detail)
	if err != nil {
		refused = fmt.Errorf("%s", answer.Status)
	}
	switch answer.StatusCode {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout:
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
			return fmt.Errorf("%w (%w)", refused, backoff.RetryAfter(seconds))
		}
		return refused
	}
	return backoff.Permanent(refused)
}
