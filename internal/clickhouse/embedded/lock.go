package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockFolder takes the lock on the data folder and notes this process in it.
// The returned file is handed to the child: the lock belongs to the open file,
// so that it is free only when both have closed it.
//
// A lock whose owner is gone is still held by an engine that is shutting down;
// lockFolder waits for it until ctx ends.
func lockFolder(ctx context.Context, dir folder) (*os.File, error) {
	file, err := os.OpenFile(dir.join("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("engine: lock the data folder: %w", err)
	}
	if err := waitLock(ctx, dir, file); err != nil {
		_ = file.Close()
		return nil, err
	}
	if err := writePid(file); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("engine: lock the data folder: %w", err)
	}
	return file, nil
}

func waitLock(ctx context.Context, dir folder, file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("engine: lock the data folder: %w", err)
		}
		owner := readPid(file)
		if processAlive(owner) {
			return fmt.Errorf("%w: process %d has %s open; stop it, or use another folder with --data-dir",
				ErrFolderInUse, owner, string(dir))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: process %d has ended, but its engine still has %s open",
				ErrFolderInUse, owner, string(dir))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func writePid(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPid returns the pid in the lock file, 0 if there is none yet.
func readPid(file *os.File) int {
	text := make([]byte, 32)
	n, _ := file.ReadAt(text, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// processAlive reports whether a process exists, be it another user's.
func processAlive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}
