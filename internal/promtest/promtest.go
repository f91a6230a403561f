// Package promtest gives tests a real Prometheus and its promtool, so that the
// rules and boards that operators get are proved on what reads them. It stands
// beside the way from POST to chart: it watches it.
package promtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Tool returns the path of prometheus or promtool: on PATH, or where `make
// tools` has put it. The test fails if it is in neither place.
func Tool(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "ibarura", "tools", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is neither on PATH nor fetched: run `make tools`", name)
	}
	return path
}

// Server is a running Prometheus.
type Server struct {
	t    testing.TB
	base string
	log  bytes.Buffer // read once the process has ended
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
}

const (
	startTimeout = time.Minute
	stopTimeout  = 30 * time.Second
)

// Start runs Prometheus on a free port of this machine with the configuration
// in a folder, prometheus.yml, until the test ends, and returns once it answers.
func Start(t testing.TB, folder string) *Server {
	t.Helper()
	s := &Server{t: t, gone: make(chan struct{})}
	addr := freeAddress(t)
	s.base = "http://" + addr
	s.cmd = exec.Command(Tool(t, "prometheus"), "--config.file="+filepath.Join(folder, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(t.TempDir(), "tsdb"), "--web.listen-address="+addr)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	t.Cleanup(s.stop)
	s.awaitReady()
	return s
}

// freeAddress is one that nobody listens on. Prometheus does not tell which
// port it has taken, so it has to be given one.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func (s *Server) awaitReady() {
	s.t.Helper()
	for end := time.Now().Add(startTimeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-s.gone:
			s.t.Fatalf("prometheus ended:\n%s", s.log.String())
		default:
		}
		if resp, err := ask(s.t.Context(), s.base+"/-/ready"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	s.t.Fatalf("prometheus is not ready after %s", startTimeout)
}

func (s *Server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill()
		<-s.gone
		s.t.Errorf("prometheus did not stop within %s", stopTimeout)
	}
	if s.t.Failed() {
		s.t.Logf("prometheus:\n%s", s.log.String())
	}
}

// Get asks the API, for example for "rules", and reads the answer's data.
func (s *Server) Get(ctx context.Context, what string, query url.Values, data any) error {
	resp, err := ask(ctx, s.base+"/api/v1/"+what+"?"+query.Encode())
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if answer.Status != "success" {
		return errors.New(strings.TrimSpace(answer.Error))
	}
	return json.Unmarshal(answer.Data, data)
}

func ask(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
