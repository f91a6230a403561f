package embedded

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// runBinary runs a `clickhouse` binary as a child of this child: a server
// knows nothing of the pipe, so this process waits for its end in the server's
// place and then asks the server to stop.
func runBinary(path string, args []string) error {
	// The kernel's word for a dead parent is bound to the starting thread.
	runtime.LockOSThread()
	server := exec.Command(path, append([]string{"server"}, args...)...)
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	server.SysProcAttr = dieWithParent()
	if err := server.Start(); err != nil {
		return fmt.Errorf("engine: start %s: %w", path, err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(holdFD, "hold"))
		_ = server.Process.Signal(syscall.SIGTERM)
	}()
	if err := server.Wait(); err != nil {
		return fmt.Errorf("engine: %s: %w", path, err)
	}
	return nil
}
