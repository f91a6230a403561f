package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// launch is how a child is started. It stays the same for the engine's life.
type launch struct {
	argv []string
	env  []string // added to this process's own
	dir  string
	lock *os.File
	log  *engineLog
}

// process is one life of the child.
type process struct {
	cmd  *exec.Cmd
	hold *os.File // the end of the pipe that keeps the child running
	done chan struct{}
	err  error // why it ended; read after done is closed
}

// start runs a child with its descriptors, in a process group of its own: an
// interrupt typed at the terminal reaches the parent alone, which then stops
// the child in its own time.
func (l launch) start() (*process, error) {
	output, err := l.log.open()
	if err != nil {
		return nil, err
	}
	defer output.Close()
	wait, hold, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	defer wait.Close()
	cmd := exec.Command(l.argv[0], l.argv[1:]...)
	cmd.Env = append(os.Environ(), l.env...)
	cmd.Dir = l.dir
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{holdFD - 3: wait, lockFD - 3: l.lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = hold.Close()
		return nil, fmt.Errorf("engine: start %s: %w", l.argv[0], err)
	}
	p := &process{cmd: cmd, hold: hold, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

func (p *process) wait() {
	p.err = p.cmd.Wait()
	close(p.done)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop asks the child to end, kills it if it has not within grace, and returns
// when it has ended. It reports whether the end was the child's own.
func (p *process) stop(grace time.Duration) bool {
	_ = p.hold.Close()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		p.kill()
		return false
	}
}

// kill ends the child's process group at once and returns when the child has
// ended.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.done
	_ = p.hold.Close()
}
