package main

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
	"ibarura/internal/clickhouse/embedded"
)

// server is a running `ibarura serve` with data of its own and default options.
type server struct {
	cmd     *exec.Cmd
	gone    chan struct{} // closed when it has ended, with err set
	err     error
	url     string
	httpURL string // of its engine
	writer  embedded.Login
	key     string
	logPath string
}

const startTimeout = 2 * time.Minute

func startServer(ctx context.Context, binary, dir string) (*server, error) {
	if binary == "" {
		binary = filepath.Join(dir, "ibarura")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/ibarura")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build: %w", err)
		}
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	s := &server{
		url:     fmt.Sprintf("http://127.0.0.1:%d", ports[0]),
		httpURL: fmt.Sprintf("http://127.0.0.1:%d", ports[1]),
		logPath: filepath.Join(dir, "serve.log"),
		gone:    make(chan struct{}),
	}
	log, err := os.Create(s.logPath)
	if err != nil {
		return nil, err
	}
	s.cmd = exec.Command(binary, "serve", "--data-dir", data,
		"--http.listen", strings.TrimPrefix(s.url, "http://"),
		"--engine.http-port", fmt.Sprint(ports[1]), "--engine.tcp-port", fmt.Sprint(ports[2]))
	s.cmd.Env = environment()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we stop it
	err = s.cmd.Start()
	_ = log.Close() // the child has its own
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.gone)
	}()
	if err := s.ready(ctx, data); err != nil {
		s.stop()
		text, _ := os.ReadFile(s.logPath)
		return nil, fmt.Errorf("serve: %w\n%s", err, text)
	}
	return s, nil
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

// freePorts returns ports that were free a moment ago.
func freePorts(n int) ([]int, error) {
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
func (s *server) ready(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !isReady(ctx, s.url+"/readyz") {
		select {
		case <-s.gone:
			return fmt.Errorf("ended: %w", s.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	_, users, err := embedded.Running(data)
	if err != nil {
		return err
	}
	s.writer = users.Writer
	s.key, err = access.KeptKey(filepath.Join(data, "keys.json"), "default", access.Write)
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

// stop ends the service, gently first.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

// memoryWatch notes the largest resident size of a process.
type memoryWatch struct {
	done chan struct{}
	most chan int64
}

func (s *server) watchMemory() *memoryWatch {
	w := &memoryWatch{done: make(chan struct{}), most: make(chan int64, 1)}
	go func() {
		most := int64(0)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			now, err := resident(s.cmd.Process.Pid)
			if err == nil {
				most = max(most, now)
			}
			select {
			case <-tick.C:
			case <-w.done:
				w.most <- most
				return
			}
		}
	}()
	return w
}

// stop returns the largest size seen, in bytes; 0 where it cannot be read.
func (w *memoryWatch) stop() int64 {
	close(w.done)
	return <-w.most
}

var errNoSize = errors.New("no resident size")

// resident reads the resident size of a process, in bytes. Linux only.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0, errors.Join(errNoSize, err)
	}
	return pages * int64(os.Getpagesize()), nil
}
