package embedded

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// The descriptors that the parent hands to its child.
const (
	holdFD = 3 // read end of the pipe whose end of file is the order to stop
	lockFD = 4 // the data folder's lock
)

// The ways in which a child runs the engine: the first argument of Main.
const (
	runLibraryMode = "library"
	runBinaryMode  = "binary"
)

// Main is the body of `ibarura engine run`, the child process, and is started
// by Start only. args are "library" or "binary", its path, and the engine's
// own arguments. It returns the process's exit code when the parent has closed
// the pipe, or has died, or the engine has failed.
func Main(args []string) int {
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "engine run is started by `ibarura serve`, not by hand")
		return 2
	}
	catchSignals()
	mode, path, rest := args[0], args[1], args[2:]
	var err error
	switch mode {
	case runLibraryMode:
		err = runLibrary(path, rest)
	case runBinaryMode:
		err = runBinary(path, rest)
	default:
		err = fmt.Errorf("engine run: no such way to run the engine: %q", mode)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// catchSignals makes this process deaf to the polite signals. Service managers
// send them to a whole group of processes, and an engine that obeyed would be
// gone before its parent has flushed what it holds: the pipe alone is the order
// to stop. They are caught, not ignored, since a process started from here
// would inherit the latter.
func catchSignals() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
}
