package producer

import (
	"errors"
	"io"
	"net/url"
	"testing"
	"time"
)

func TestWorthRepeating(t *testing.T) {
	cases := []struct {
		err  error
		want bool
	}{
		{io.ErrUnexpectedEOF, true},
		{errors.New("connection refused"), true},
		{errNotOurs, false},
		{&Error{Status: 302}, false},
		{&Error{Status: 400}, false},
		{&Error{Status: 401}, false},
		{&Error{Status: 403}, false},
		{&Error{Status: 404}, false},
		{&Error{Status: 408}, true},
		{&Error{Status: 413}, false},
		{&Error{Status: 415}, false},
		{&Error{Status: 425}, true},
		{&Error{Status: 429}, true},
		{&Error{Status: 500}, true},
		{&Error{Status: 501}, false},
		{&Error{Status: 502}, true},
		{&Error{Status: 503}, true},
		{&Error{Status: 504}, true},
		{&Error{Status: 505}, false},
	}
	for _, c := range cases {
		if got := worthRepeating(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

func TestPauseGrowsAndIsSpread(t *testing.T) {
	cases := []struct {
		n           int
		asked       time.Duration
		random      float64
		want        time.Duration
		description string
	}{
		{1, 0, 0, 100 * time.Millisecond, "the first, at least"},
		{1, 0, 1, 200 * time.Millisecond, "the first, at most"},
		{2, 0, 1, 400 * time.Millisecond, "doubles"},
		{7, 0, 1, 12800 * time.Millisecond, "and again"},
		{8, 0, 1, longestPause, "up to a bound"},
		{5000, 0, 0, longestPause / 2, "for ever"},
		{1, 2 * time.Second, 0, 2 * time.Second, "never less than asked"},
		{1, 2 * time.Second, 1, 2500 * time.Millisecond, "but spread"},
		{1, time.Hour, 0, longestAsked, "a bound on what may be asked"},
	}
	for _, c := range cases {
		if got := pauseBefore(c.n, c.asked, c.random); got != c.want {
			t.Errorf("%s: %s, want %s", c.description, got, c.want)
		}
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-3":                            0,
		"soon":                          0,
		"Mon, 01 Jun 2026 12:00:30 GMT": 30 * time.Second,
		"Mon, 01 Jun 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestAutomaticCompressionIsForOtherMachines(t *testing.T) {
	for host, want := range map[string]Compression{
		"localhost": CompressNone, "127.0.0.1": CompressNone, "127.8.8.8": CompressNone, "[::1]": CompressNone,
		"analytics.example": CompressZstd, "10.0.0.7": CompressZstd,
	} {
		if got := CompressAuto.at(&url.URL{Host: host + ":8080"}); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}
