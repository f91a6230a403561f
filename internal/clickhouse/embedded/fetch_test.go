package embedded

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
)

func TestFetchAsksNPMOnceAndThenNobody(t *testing.T) {
	s, f := newPackageServer(t)
	for range 2 {
		if err := f.fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.wantLibrary(t, f)
	calls, _ := os.ReadFile(s.npmCalls)
	if got, want := string(calls), "view @engine/lib@1.2.3 dist.tarball\n"; got != want {
		t.Errorf("npm was asked %q, want %q", got, want)
	}
	if len(s.asked) != 1 {
		t.Errorf("%d downloads, want 1", len(s.asked))
	}
}

func TestInterruptedDownloadContinuesWhereItBrokeOff(t *testing.T) {
	s, f := newPackageServer(t)
	s.cuts = 2
	if err := f.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantLibrary(t, f)
	want := []string{"", "bytes=100000-", "bytes=200000-"}
	if diff := cmp.Diff(want, s.asked); diff != "" {
		t.Errorf("ranges asked for (-want +got):\n%s", diff)
	}
}

func TestLaterFetchContinuesAnEarlierOne(t *testing.T) {
	s, f := newPackageServer(t)
	s.cuts = 1
	ctx, cancel := context.WithCancel(t.Context())
	f.pause = &cancellingPause{cancel: cancel}
	if err := f.fetch(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted fetch: %v, want %v", err, context.Canceled)
	}
	if err := f.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantLibrary(t, f)
	if got := s.asked[len(s.asked)-1]; got != "bytes=100000-" {
		t.Errorf("the later fetch asked for %q, want the rest", got)
	}
}

// cancellingPause ends the fetch at its first pause.
type cancellingPause struct{ cancel func() }

func (p *cancellingPause) Reset() {}
func (p *cancellingPause) NextBackOff() time.Duration {
	p.cancel()
	return time.Hour
}

func TestServerWithoutRangesStartsOver(t *testing.T) {
	s, f := newPackageServer(t)
	s.ranges, s.cuts = false, 1
	if err := f.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantLibrary(t, f)
}

func TestCompletePartialFileIsNotLoadedAgain(t *testing.T) {
	s, f := newPackageServer(t)
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(filepath.Dir(f.path), "package.tgz.partial")
	if err := os.WriteFile(partial, s.tarball, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantLibrary(t, f)
}

func TestCorruptedPackageIsRefusedAndRemoved(t *testing.T) {
	s, f := newPackageServer(t)
	good := s.tarball
	s.tarball = bytes.Clone(good)
	s.tarball[len(good)/2] ^= 1
	err := f.fetch(t.Context())
	if !errors.Is(err, ErrChecksum) {
		t.Fatalf("err = %v, want %v", err, ErrChecksum)
	}
	wantFiles(t, filepath.Dir(f.path), ".lock")
	s.tarball = good
	if err := f.fetch(t.Context()); err != nil {
		t.Fatalf("the next fetch: %v", err)
	}
	s.wantLibrary(t, f)
}

func TestSeveralFetchersLoadOnce(t *testing.T) {
	s, f := newPackageServer(t)
	f.progress = &lockedWriter{}
	var group sync.WaitGroup
	for range 4 {
		fetcher := *f
		fetcher.pause = backoff.NewConstantBackOff(time.Millisecond)
		group.Go(func() {
			if err := fetcher.fetch(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s.wantLibrary(t, f)
	if len(s.asked) != 1 {
		t.Errorf("%d downloads, want 1", len(s.asked))
	}
}

type lockedWriter struct{ mu sync.Mutex }

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(p), nil
}

func TestSilentServerIsGivenUp(t *testing.T) {
	s, f := newPackageServer(t)
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-hang
	}))
	defer server.Close()
	defer close(hang)
	fakeNPM(t, "echo "+server.URL)
	f.stall = 10 * time.Millisecond
	err := f.fetch(t.Context())
	if err == nil || !strings.Contains(err.Error(), "nothing arrived for 10ms") {
		t.Errorf("err = %v, want it to say that nothing arrived", err)
	}
	if len(s.asked) != 0 {
		t.Error("the wrong server was asked")
	}
}

func TestFetchErrorsAreReadable(t *testing.T) {
	cases := map[string]struct {
		npm  string // script, "-" for no npm at all
		disk uint64
		want string
	}{
		"no npm":       {npm: "-", want: "npm is not installed"},
		"npm fails":    {npm: "echo E404 not there >&2; exit 1", want: "E404 not there"},
		"npm is mute":  {npm: "true", want: "npm view gave no address"},
		"no disk":      {npm: "true", disk: 1 << 60, want: "too little free disk"},
		"not found":    {npm: "echo $FAKE_SERVER/404", want: "the server answered 404"},
		"not a member": {npm: "echo $FAKE_SERVER/lib.tgz", want: "no package/other in the package"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, f := newPackageServer(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/404" {
					http.NotFound(w, r)
					return
				}
				s.ServeHTTP(w, r)
			}))
			defer server.Close()
			t.Setenv("FAKE_SERVER", server.URL)
			f.pin.Member, f.disk = "package/other", c.disk
			fakeNPM(t, c.npm)
			if c.npm == "-" {
				t.Setenv("PATH", t.TempDir())
			}
			err := f.fetch(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v\nwant it to contain %q", err, c.want)
			}
			if fetched(f.path) {
				t.Error("there is a library all the same")
			}
		})
	}
}

func TestUnsupportedPlatformNamesTheWaysOut(t *testing.T) {
	_, err := pinFor("plan9/mips")
	if !errors.Is(err, ErrUnsupportedPlatform) {
		t.Fatalf("err = %v, want %v", err, ErrUnsupportedPlatform)
	}
	for _, want := range []string{"plan9/mips", "clickhouse", "PATH", "--clickhouse.addr"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
}
