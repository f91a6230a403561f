package embedded

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
)

// packageServer serves a tarball and cuts the first answers short.
type packageServer struct {
	tarball []byte
	library []byte
	cuts    int  // answers to break off in the middle
	ranges  bool // whether ranges are honoured

	mu       sync.Mutex
	asked    []string // Range headers
	npmCalls string   // path of the file that fake npm appends to
}

// newPackageServer starts a server and puts a fake npm on PATH that names it.
func newPackageServer(t *testing.T) (*packageServer, *fetcher) {
	t.Helper()
	s := &packageServer{ranges: true, library: make([]byte, 300_000)}
	for i := range s.library {
		s.library[i] = byte(rand.Uint32())
	}
	s.tarball = pack(t, "package/"+libraryFile, s.library)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.npmCalls = filepath.Join(t.TempDir(), "npm-calls")
	fakeNPM(t, fmt.Sprintf("echo \"$@\" >> %s\necho %s/lib.tgz", s.npmCalls, server.URL))
	sum := sha512.Sum512(s.tarball)
	return s, &fetcher{
		pin: pin{
			Package: "@engine/lib",
			Version: "1.2.3",
			SHA512:  base64.StdEncoding.EncodeToString(sum[:]),
			Member:  "package/" + libraryFile,
		},
		path:     filepath.Join(t.TempDir(), "engine", "1.2.3", libraryFile),
		progress: &bytes.Buffer{},
		client:   newDownloadClient(),
		stall:    10 * time.Second,
		pause:    backoff.NewConstantBackOff(time.Millisecond),
	}
}

func (s *packageServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Range"))
	cut := s.cuts > 0
	s.cuts--
	s.mu.Unlock()
	if !s.ranges {
		r.Header.Del("Range")
	}
	if cut {
		w = &cutWriter{ResponseWriter: w, left: 100_000}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.tarball))
}

// cutWriter drops the connection after so many bytes.
type cutWriter struct {
	http.ResponseWriter
	left int
}

func (c *cutWriter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

// fakeNPM makes a script the only npm on PATH.
func fakeNPM(t *testing.T, body string) {
	t.Helper()
	dir := t.TempDir()
	writeScript(t, filepath.Join(dir, "npm"), body)
	t.Setenv("PATH", dir)
}

func writeScript(t *testing.T, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// pack makes a tarball of one file.
func pack(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	files := tar.NewWriter(packed)
	header := &tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}
	err := files.WriteHeader(header)
	_, writeErr := files.Write(content)
	if err := errors.Join(err, writeErr, files.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (s *packageServer) wantLibrary(t *testing.T, f *fetcher) {
	t.Helper()
	got, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, s.library) {
		t.Error("the library is not the one in the package")
	}
	wantFiles(t, filepath.Dir(f.path), ".lock", libraryFile)
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in %s (-want +got):\n%s", dir, diff)
	}
}
