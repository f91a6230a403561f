package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// beMain makes the test binary be the program: the tests start the same binary
// that they are, and it starts itself again as the engine's child.
const beMain = "IBARURA_TEST_BE_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(beMain) == "1" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// command is the program with arguments, in an environment without options.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "IBARURA_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, beMain+"=1")
	return cmd
}

// ibarura runs a command to its end and returns what it printed on stdout.
func ibarura(t *testing.T, args ...string) string {
	t.Helper()
	out, errOut, err := tryIbarura(t, args...)
	if err != nil {
		t.Fatalf("ibarura %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
	}
	return out
}

func tryIbarura(t *testing.T, args ...string) (out, errOut string, err error) {
	t.Helper()
	cmd := command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// instance is a running `ibarura serve`.
type instance struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	base string
	log  *lockedBuffer
	keys map[string]string // scope -> key of the default project
	gone chan error
}

// lockedBuffer collects the log while the process still writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts the service on free ports and returns when it is ready.
func serve(t *testing.T, dir string, args ...string) *instance {
	t.Helper()
	cmd := command(t, append([]string{"serve", "--data-dir", dir, "--http.listen", "127.0.0.1:0",
		"--engine.tcp-port", "0", "--engine.http-port", "0"}, args...)...)
	s := &instance{t: t, cmd: cmd, dir: dir, log: &lockedBuffer{}, gone: make(chan error, 1)}
	cmd.Stderr = s.log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if _, address, found := strings.Cut(lines.Text(), "API      "); found {
				ready <- strings.TrimSuffix(address, "/api/v1/")
			}
		}
		s.gone <- cmd.Wait()
	}()
	t.Cleanup(s.kill)
	select {
	case s.base = <-ready:
	case err := <-s.gone:
		s.gone <- err
		t.Fatalf("serve ended: %v\n%s", err, s.log)
	case <-time.After(90 * time.Second):
		t.Fatalf("serve is not ready after 90 s\n%s", s.log)
	}
	s.readKeys()
	return s
}

func (s *instance) readKeys() {
	text, err := os.ReadFile(filepath.Join(s.dir, "keys.json"))
	if os.IsNotExist(err) {
		return
	}
	var all map[string]map[string]string
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.keys = all["default"]
}

// kill ends the process the hard way and returns when its engine, which then
// ends by itself, has let go of the folder.
func (s *instance) kill() {
	engine := childOf(s.cmd.Process.Pid)
	_ = s.cmd.Process.Kill()
	err := <-s.gone
	s.gone <- err
	waitFor(s.t, "the engine of a killed serve is gone", func() bool { return engine == 0 || syscall.Kill(engine, 0) != nil })
}

// childOf returns a child of a process, 0 if it has none. A child belongs to
// the thread that started it.
func childOf(parent int) int {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		if fields := strings.Fields(string(text)); len(fields) > 0 {
			pid, _ := strconv.Atoi(fields[0])
			return pid
		}
	}
	return 0
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within 60 s: %s", what)
}

// stop ends the process politely and returns its error.
func (s *instance) stop() error {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-s.gone:
		s.gone <- err
		return err
	case <-time.After(60 * time.Second):
		return fmt.Errorf("serve did not stop within 60 s\n%s", s.log)
	}
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body with a key and returns the answer; a connection that fails
// is status 0.
func (s *instance) post(path, key, contentType string, body []byte) reply {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	req.Header.Set("Content-Type", contentType)
	return send(req, key)
}

// get asks with the read key.
func (s *instance) get(path string, query url.Values) reply {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.base+path+"?"+query.Encode(), nil)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	return send(req, s.keys["read"])
}

func send(req *http.Request, key string) reply {
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body}
}

// data decodes the data of an envelope into v and fails the test on a problem.
func (s *instance) data(path string, query url.Values, v any) {
	s.t.Helper()
	r := s.get(path, query)
	if r.status != http.StatusOK {
		s.t.Fatalf("GET %s?%s: %d %s", path, query.Encode(), r.status, r.body)
	}
	envelope := struct{ Data any }{v}
	if err := json.Unmarshal(r.body, &envelope); err != nil {
		s.t.Fatalf("GET %s: %v in %s", path, err, r.body)
	}
}

// typeCounts asks how many events of each type there are.
func (s *instance) typeCounts(from, to string) map[string]int {
	s.t.Helper()
	var types []struct {
		Type   string
		Events int
	}
	s.data("/api/v1/analytics/events/types", url.Values{"from": {from}, "to": {to}}, &types)
	counts := map[string]int{}
	for _, t := range types {
		counts[t.Type] = t.Events
	}
	return counts
}
