package producer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 15 * time.Second
	// longestAsked bounds what a Retry-After may ask for.
	longestAsked = 2 * time.Minute
)

// worthRepeating is the one place that decides whether the same bytes may be
// taken in later: it is so when no answer came, and when the answer speaks of
// the server's state and not of the request.
func worthRepeating(err error) bool {
	if errors.Is(err, errNotOurs) {
		return false
	}
	var answer *Error
	if !errors.As(err, &answer) {
		return true // the network's fault, or a deadline
	}
	switch answer.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	default:
		return answer.Status >= http.StatusInternalServerError
	}
}

// pauseBefore returns how long to wait before the n-th repetition (from 1). A
// pause that the server asks for is kept and stretched by up to a quarter; else
// it doubles from firstPause, between half and all of it. random is in [0, 1):
// without it, producers that were turned away together would come back
// together.
func pauseBefore(n int, asked time.Duration, random float64) time.Duration {
	if asked > 0 {
		asked = min(asked, longestAsked)
		return asked + time.Duration(random*float64(asked)/4)
	}
	full := longestPause
	if doublings := n - 1; doublings < 10 {
		full = min(firstPause<<doublings, longestPause)
	}
	return full/2 + time.Duration(random*float64(full)/2)
}

// retry follows the attempts of one batch.
type retry struct {
	limit    time.Duration
	began    time.Time
	attempts int
}

func newRetry(limit time.Duration) *retry { return &retry{limit: limit, began: time.Now()} }

// next says whether, and after which pause, to try again after err.
func (r *retry) next(err error) (time.Duration, bool) {
	r.attempts++
	if !worthRepeating(err) {
		return 0, false
	}
	var asked time.Duration
	var answer *Error
	if errors.As(err, &answer) {
		asked = answer.retryAfter
	}
	pause := pauseBefore(r.attempts, asked, rand.Float64()) //nolint:gosec // spreads producers, guards nothing
	if time.Since(r.began)+pause > r.limit {
		return 0, false
	}
	return pause, true
}

// gaveUp words the last error.
func (r *retry) gaveUp(err error) error {
	if r.attempts == 1 || !worthRepeating(err) {
		return err
	}
	return fmt.Errorf("gave up after %d attempts in %s: %w", r.attempts, time.Since(r.began).Round(time.Second), err)
}

// sleep waits, or returns ctx's error if that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
