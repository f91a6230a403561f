package producer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ibarura/internal/producer"
)

const twoAccepted = `{"accepted":2,"duplicates":0,"rejected":[]}`

var twoLines = []byte("{\"type\":\"a\"}\n{\"type\":\"b\"}\n")

// post sends twoLines to a handler.
func post(t *testing.T, change func(*producer.Options), handler http.HandlerFunc) (producer.Answer, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o := producer.Options{URL: server.URL + "/", Key: "ibw_secret"}
	if change != nil {
		change(&o)
	}
	client, err := producer.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client.Post(t.Context(), producer.Events, twoLines, false)
}

func diff(got, want producer.Answer) string {
	return cmp.Diff(want, got, cmpopts.IgnoreUnexported(producer.Answer{}), cmpopts.EquateEmpty())
}

func TestPostSendsLinesWithTheKey(t *testing.T) {
	answer, err := post(t, nil, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/events" || !bytes.Equal(body, twoLines) ||
			r.Header.Get("Authorization") != "Bearer ibw_secret" || r.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("got %s %s, %v, %q", r.Method, r.URL, r.Header, body)
		}
		_, _ = io.WriteString(w, `{"accepted":1,"duplicates":0,"rejected":[{"index":1,"code":"too_long","field":"type","message":"m"}]}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := producer.Answer{Accepted: 1, Rejected: []producer.Rejected{{Index: 1, Code: "too_long", Field: "type", Message: "m"}}}
	if d := diff(answer, want); d != "" {
		t.Error(d)
	}
}

func TestOverloadedServerIsAskedAgainWithTheSameBytes(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503} {
		var attempts atomic.Int32
		answer, err := post(t, nil, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if !bytes.Equal(body, twoLines) {
				t.Errorf("attempt with %q", body)
			}
			if attempts.Add(1) < 3 {
				w.WriteHeader(status)
				return
			}
			_, _ = io.WriteString(w, twoAccepted)
		})
		if err != nil || answer.Accepted != 2 || attempts.Load() != 3 {
			t.Errorf("%d: %+v, %v after %d attempts", status, answer, err, attempts.Load())
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var attempts atomic.Int32
	began := time.Now()
	_, err := post(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		if attempts.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, twoAccepted)
	})
	if took := time.Since(began); err != nil || took < time.Second {
		t.Errorf("%v after %s, want at least a second", err, took)
	}
}

// What an attempt took in before it failed is found again as a duplicate by the
// next one, but was accepted all the same.
func TestItemsOfAFailedAttemptCountAsAccepted(t *testing.T) {
	var attempts atomic.Int32
	answer, err := post(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		if attempts.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"code":"overloaded","detail":"later","result":{"accepted":1,"duplicates":0,"rejected":[]}}`)
			return
		}
		_, _ = io.WriteString(w, `{"accepted":1,"duplicates":1,"rejected":[]}`)
	})
	if d := diff(answer, producer.Answer{Accepted: 2}); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestFinalAnswersAreNotRepeated(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"unauthorized": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":"unauthorized","detail":"a valid API key is needed"}`)
		},
		"not found":       http.NotFound,
		"redirect":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"page of a proxy": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>welcome</html>") },
		"other JSON":      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) },
	} {
		t.Run(name, func(t *testing.T) {
			var attempts atomic.Int32
			_, err := post(t, nil, func(w http.ResponseWriter, r *http.Request) {
				attempts.Add(1)
				answer(w, r)
			})
			if err == nil || attempts.Load() != 1 {
				t.Errorf("%v after %d attempts, want an error after 1", err, attempts.Load())
			}
		})
	}
}

func TestErrorSaysWhatTheServerSaid(t *testing.T) {
	_, err := post(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code":"unauthorized","detail":"a valid API key is needed"}`)
	})
	want := "the server answered 401 Unauthorized (unauthorized): a valid API key is needed"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if strings.Contains(err.Error(), "ibw_secret") {
		t.Error("the key is in the error")
	}
}

func TestPostGivesUpAfterItsTime(t *testing.T) {
	_, err := post(t, func(o *producer.Options) { o.RetryFor = 300 * time.Millisecond }, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	var answer *producer.Error
	if !errors.As(err, &answer) || answer.Status != 503 || !strings.Contains(err.Error(), "gave up after") {
		t.Errorf("got %v", err)
	}
}

func TestAttemptUnderWayMayEndAfterAnInterrupt(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(w, twoAccepted)
	}))
	defer server.Close()
	client, err := producer.New(producer.Options{URL: server.URL, Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if answer, err := client.Post(ctx, producer.Events, twoLines, false); err != nil || answer.Accepted != 2 {
		t.Errorf("%+v, %v: what the server acknowledged is lost", answer, err)
	}
}

func TestInterruptEndsThePauseBetweenAttempts(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	client, err := producer.New(producer.Options{URL: server.URL, Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := client.Post(ctx, producer.Events, twoLines, false); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// A server may answer without having read the body; the caller's bytes must not
// be in use any more when Post returns, which the race detector watches.
func TestBytesAreFreeWhenPostReturns(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	client, err := producer.New(producer.Options{URL: server.URL, Key: "k", RetryFor: -1})
	if err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 8<<20)
	for range 5 {
		if _, err := client.Post(t.Context(), producer.Events, body, false); err == nil {
			t.Fatal("a refused request succeeded")
		}
		clear(body)
	}
}

func TestCompressedBodiesDecompressToTheLines(t *testing.T) {
	readers := map[producer.Compression]func(io.Reader) ([]byte, error){
		producer.CompressNone: io.ReadAll,
		producer.CompressGzip: func(r io.Reader) ([]byte, error) {
			z, err := gzip.NewReader(r)
			if err != nil {
				return nil, err
			}
			return io.ReadAll(z)
		},
		producer.CompressZstd: func(r io.Reader) ([]byte, error) {
			z, err := zstd.NewReader(r)
			if err != nil {
				return nil, err
			}
			defer z.Close()
			return io.ReadAll(z)
		},
	}
	for compression, read := range readers {
		_, err := post(t, func(o *producer.Options) { o.Compression = compression }, func(w http.ResponseWriter, r *http.Request) {
			got, err := read(r.Body)
			named := r.Header.Get("Content-Encoding")
			if err != nil || !bytes.Equal(got, twoLines) || (named != string(compression) && compression != producer.CompressNone) {
				t.Errorf("%s: %q as %q, %v", compression, got, named, err)
			}
			_, _ = io.WriteString(w, twoAccepted)
		})
		if err != nil {
			t.Error(compression, err)
		}
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	good := producer.Options{URL: "http://127.0.0.1:8080", Key: "k"}
	for name, change := range map[string]func(*producer.Options){
		"no scheme":           func(o *producer.Options) { o.URL = "127.0.0.1:8080" },
		"other scheme":        func(o *producer.Options) { o.URL = "ftp://host" },
		"query":               func(o *producer.Options) { o.URL = "http://host/?a=b" },
		"no key":              func(o *producer.Options) { o.Key = "" },
		"unknown compression": func(o *producer.Options) { o.Compression = "lzma" },
	} {
		o := good
		change(&o)
		if _, err := producer.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEveryAttemptIsObserved(t *testing.T) {
	var statuses []int
	var attempts atomic.Int32
	_, err := post(t, func(o *producer.Options) {
		o.Observe = func(a producer.Attempt) { statuses = append(statuses, a.Status) }
	}, func(w http.ResponseWriter, _ *http.Request) {
		if attempts.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, twoAccepted)
	})
	if want := []int{502, 200}; err != nil || !slices.Equal(statuses, want) {
		t.Errorf("observed %v, %v; want %v", statuses, err, want)
	}
}
