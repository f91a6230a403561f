// Package server starts the real thing for a benchmark: `ibarura serve` with
// default options, data of its own and free ports, and gives access to the
// engine below it. It stands beside the way from POST to chart.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ibarura/internal/access"
	"ibarura/internal/bench/proc"
	"ibarura/internal/clickhouse/embedded"
)

// Server is a running `ibarura serve`.
type Server struct {
	Address string // host:port of the API
	Key     string // write key of the first project
	ReadKey string
	Engine  *Engine
	Dir     string // of its data and log

	cmd     *exec.Cmd
	gone    chan struct{} // closed when it has ended, with err set
	err     error
	logPath string
}

// Options say how it runs.
type Options struct {
	Binary string // from Build, or the user's
	Dir    string // is made; data and log go there
	// Profile is a file for a CPU profile, complete once the server has stopped.
	// Empty: none.
	Profile string
	// LogCosts has the engine note what each view and each merge costs, in
	// system.query_views_log and system.part_log.
	LogCosts bool
	// Args are options of serve beside those that a benchmark needs.
	Args []string
}

const startTimeout = 2 * time.Minute

// Build makes the program from the checkout that is the working directory.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "ibarura")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/ibarura")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	return binary, nil
}

// Start returns a server that is ready. Stop it.
func Start(ctx context.Context, o Options) (*Server, error) {
	ports, err := FreePorts(3)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "data")
	if err := prepare(data, o.LogCosts); err != nil {
		return nil, err
	}
	s := &Server{
		Address: fmt.Sprintf("127.0.0.1:%d", ports[0]),
		Dir:     o.Dir,
		logPath: filepath.Join(o.Dir, "serve.log"),
		gone:    make(chan struct{}),
	}
	s.cmd = exec.Command(o.Binary, "serve", "--data-dir", data, "--http.listen", s.Address,
		"--engine.http-port", fmt.Sprint(ports[1]), "--engine.tcp-port", fmt.Sprint(ports[2]))
	s.cmd.Args = append(s.cmd.Args, o.Args...)
	if o.Profile != "" {
		s.cmd.Args = append(s.cmd.Args, "--debug.cpu-profile", o.Profile)
	}
	if err := s.launch(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx, data, fmt.Sprintf("http://127.0.0.1:%d", ports[1])); err != nil {
		text, _ := os.ReadFile(s.logPath)
		return nil, errors.Join(fmt.Errorf("serve: %w\n%s", err, text), s.Stop())
	}
	return s, nil
}

// costLogs is merged into the engine's configuration.
const costLogs = `<clickhouse>
	<query_views_log><database>system</database><table>query_views_log</table></query_views_log>
	<part_log><database>system</database><table>part_log</table></part_log>
</clickhouse>`

// prepare makes the data folder. The engine reads config.d beside its file.
func prepare(data string, logCosts bool) error {
	if err := os.MkdirAll(data, 0o700); err != nil || !logCosts {
		return err
	}
	extra := filepath.Join(data, "engine", "config.d")
	if err := os.MkdirAll(extra, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(extra, "costs.xml"), []byte(costLogs), 0o600)
}

// launch starts the process, in a group of its own: Ctrl-C is for us, and we
// stop it.
func (s *Server) launch() error {
	log, err := os.Create(s.logPath)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own
	s.cmd.Env = environment()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.gone)
	}()
	return nil
}

// environment leaves out options of ours but for where the engine is found: the
// defaults are measured.
func environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		ours := strings.HasPrefix(entry, "IBARURA_")
		place := strings.HasPrefix(entry, "IBARURA_ENGINE_LIBRARY=") || strings.HasPrefix(entry, "IBARURA_ENGINE_BINARY=") ||
			strings.HasPrefix(entry, "IBARURA_ENGINE_CACHE_DIR=")
		if !ours || place {
			env = append(env, entry)
		}
	}
	return env
}

// FreePorts returns ports of 127.0.0.1 that were free a moment ago.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // all at the end, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// ready waits for the service and reads the secrets that it made.
func (s *Server) ready(ctx context.Context, data, engineURL string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !isReady(ctx, "http://"+s.Address+"/readyz") {
		select {
		case <-s.gone:
			return fmt.Errorf("ended: %w", s.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	addr, users, err := embedded.Running(data)
	if err != nil {
		return err
	}
	s.Engine = newEngine(engineURL, addr, users.Writer)
	keys := filepath.Join(data, "keys.json")
	if s.Key, err = access.KeptKey(keys, "default", access.Write); err != nil {
		return err
	}
	s.ReadKey, err = access.KeptKey(keys, "default", access.Read)
	return err
}

func isReady(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// PID is the process of serve.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// EnginePIDs are the processes below it.
func (s *Server) EnginePIDs() []int { return proc.Descendants(s.PID()) }

// Stop ends the service, gently first. It may be called again.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
	if s.err != nil {
		return fmt.Errorf("serve: %w", s.err)
	}
	return nil
}
