package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// dieAtStep names the beginning of a repair's step, at whose end the program
// kills itself.
const dieAtStep = "IBARURA_TEST_DIE_AT"

// shortLease is how long who repairs may be silent, so that a test need not
// wait for as long as an operator.
const shortLease = "IBARURA_TEST_LEASE"

// shortPatience is after how long a report that is being sent is taken to be left
// behind.
const shortPatience = "IBARURA_TEST_PATIENCE"

func dieAt(step string) func(string) {
	return func(done string) {
		if step != "" && strings.HasPrefix(done, step) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(beMain) == "1" {
		onStep = dieAt(os.Getenv(dieAtStep))
		if lease, err := time.ParseDuration(os.Getenv(shortLease)); err == nil {
			fenceTimes.Lease = lease
		}
		if patience, err := time.ParseDuration(os.Getenv(shortPatience)); err == nil {
			mailPatience = patience
		}
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(runDocumented(m))
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
	// A binary built with -race sleeps a second before it exits.
	cmd.Env = append(cmd.Env, beMain+"=1", shortLease+"=6s", shortPatience+"=8s", "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
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
	noCrash(t, "ibarura "+args[0], stderr.String())
	return stdout.String(), stderr.String(), err
}

// crashMarks are what the runtime writes about a data race or a panic, in a
// program's own output or in the stack of a panic that was recovered and logged.
var crashMarks = regexp.MustCompile(`WARNING: DATA RACE|fatal error: |goroutine \d+ \[running\]`)

// noCrash fails the test if a child process told of a data race or a panic:
// its exit status alone would not, once it is killed.
func noCrash(t *testing.T, who, output string) {
	t.Helper()
	if at := crashMarks.FindStringIndex(output); at != nil {
		t.Errorf("%s crashed:\n%s", who, output[at[0]:min(at[0]+8000, len(output))])
	}
}

// instance is a running `ibarura serve`.
type instance struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	base string
	out  *lockedBuffer     // what it printed
	log  *lockedBuffer     // what it logged
	keys map[string]string // scope -> key of the default project
	gone chan error
}

// lockedBuffer collects output while the process still writes.
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
	s := &instance{t: t, cmd: cmd, dir: dir, out: &lockedBuffer{}, log: &lockedBuffer{}, gone: make(chan error, 1)}
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
		for lines := bufio.NewScanner(io.TeeReader(stdout, s.out)); lines.Scan(); {
			if _, address, found := strings.Cut(lines.Text(), "API      "); found {
				ready <- strings.TrimSuffix(address, "/api/v1/")
			}
		}
		s.gone <- cmd.Wait()
	}()
	t.Cleanup(s.end)
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

// end is the cleanup of every test: a process that is still there must stop
// politely and without an error, which it does faster than an engine notices
// that its parent was killed; and none may have crashed.
func (s *instance) end() {
	select {
	case err := <-s.gone:
		s.gone <- err
	default:
		if err := s.stop(); err != nil {
			s.t.Errorf("serve did not end well: %v", err)
			s.kill()
		}
	}
	engineLog, _ := os.ReadFile(filepath.Join(s.dir, "engine", "engine.log")) // absent with a server
	noCrash(s.t, "serve", s.log.String())
	noCrash(s.t, "the engine", string(engineLog))
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
