package faulttest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one life of `ibarura serve`.
type process struct {
	cmd   *exec.Cmd
	url   string
	ready chan string   // its base URL, once
	gone  chan struct{} // closed when it has ended, with err set
	err   error
}

const (
	readyWithin = 90 * time.Second
	goneWithin  = 90 * time.Second
)

// launch starts serve; it appends what serve logs to a file.
func launch(binary, logPath string, args []string) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own
	p := &process{cmd: exec.Command(binary, append([]string{"serve"}, args...)...), ready: make(chan string, 1), gone: make(chan struct{})}
	p.cmd.Env, p.cmd.Stderr = environment(), log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for us
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start serve: %w", err)
	}
	go p.follow(stdout)
	return p, nil
}

// follow reads what serve prints, until it ends.
func (p *process) follow(stdout io.Reader) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if _, address, found := strings.Cut(lines.Text(), "API      "); found {
			p.ready <- strings.TrimSuffix(address, "/api/v1/")
		}
	}
	p.err = p.cmd.Wait()
	close(p.gone)
}

var errNotReady = errors.New("serve is not ready")

// awaitReady returns when serve takes requests.
func (p *process) awaitReady() error {
	select {
	case p.url = <-p.ready:
		return nil
	case <-p.gone:
		return fmt.Errorf("%w: it ended: %w", errNotReady, p.err)
	case <-time.After(readyWithin):
		return fmt.Errorf("%w after %s", errNotReady, readyWithin)
	}
}

// kill ends serve the hard way.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // an error says that it has ended already
	<-p.gone
}

// stop ends serve politely and returns how it ended.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.gone:
		return p.err
	case <-time.After(goneWithin):
		p.kill()
		return fmt.Errorf("serve did not stop within %s", goneWithin)
	}
}

// enginePid returns serve's child, 0 if it has none at the moment.
func (p *process) enginePid() int { return childOf(p.cmd.Process.Pid) }

// childOf returns a child of a process, 0 if it has none: from Linux's /proc,
// where a child belongs to the thread that started it, or else from ps.
func childOf(parent int) int {
	if threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent)); len(threads) > 0 {
		for _, thread := range threads {
			text, _ := os.ReadFile(thread) // the thread may have ended
			if fields := strings.Fields(string(text)); len(fields) > 0 {
				pid, _ := strconv.Atoi(fields[0])
				return pid
			}
		}
		return 0
	}
	out, _ := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	found := regexp.MustCompile(fmt.Sprintf(`(?m)^\s*(\d+)\s+%d\s*$`, parent)).FindSubmatch(out)
	if found == nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(found[1]))
	return pid
}

// crashMarks are what the runtime writes about a data race or a panic.
var crashMarks = regexp.MustCompile(`WARNING: DATA RACE|fatal error: |goroutine \d+ \[running\]`)

// crash returns what a log tells of a data race or a panic: a process that is
// killed afterwards does not tell it by its exit status.
func crash(logPath string) string {
	text, err := os.ReadFile(logPath)
	if err != nil {
		return ""
	}
	at := crashMarks.FindIndex(text)
	if at == nil {
		return ""
	}
	return string(text[at[0]:min(at[0]+4000, len(text))])
}
