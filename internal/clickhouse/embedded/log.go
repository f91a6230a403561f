package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
)

const (
	// maxLogSize is the size in bytes at which the engine's log is turned over.
	maxLogSize = 10 << 20
	// keptLogs is the number of turned-over logs that are kept.
	keptLogs = 2
	// searchedLog is how much of the log's end is read for an error, in bytes.
	searchedLog = 16 << 10
	// quotedLog bounds what the error quotes of that, in bytes.
	quotedLog = 2 << 10
)

// stackFrame matches a line such as "12. ? @ 0x000000001384042e", of which the
// engine writes dozens for one error, and the blank lines around them.
var stackFrame = regexp.MustCompile(`(?m)^(\d+\. .* @ 0x[0-9a-f]+)?\n`)

// engineLog is the file that the child writes to by itself, so that its last
// words are kept even when the parent is dead. It is turned over by copying and
// truncating; a line written between the two is lost.
type engineLog struct {
	path string

	mu    sync.Mutex
	start int64 // where the present child's output begins
}

// open turns the log over if it is due and returns it for a new child to
// append to.
func (l *engineLog) open() (*os.File, error) {
	if err := l.rotate(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("engine: open its log: %w", err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("engine: open its log: %w", err)
	}
	l.mu.Lock()
	l.start = size
	l.mu.Unlock()
	return file, nil
}

// rotate turns the log over if it has reached its size: log to log.1, log.1 to
// log.2.
func (l *engineLog) rotate() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < maxLogSize {
		return nil
	}
	if err == nil {
		err = l.turnOver()
	}
	if err != nil {
		return fmt.Errorf("engine: turn its log over: %w", err)
	}
	l.start = 0
	return nil
}

func (l *engineLog) turnOver() error {
	for n := keptLogs; n > 1; n-- {
		err := os.Rename(l.kept(n-1), l.kept(n))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := copyFile(l.path, l.kept(1)); err != nil {
		return err
	}
	return os.Truncate(l.path, 0)
}

func (l *engineLog) kept(n int) string { return fmt.Sprintf("%s.%d", l.path, n) }

// quote returns the last lines that the present child has written, without
// stack traces, or says that there are none.
func (l *engineLog) quote() string {
	l.mu.Lock()
	start := l.start
	l.mu.Unlock()
	file, err := os.Open(l.path)
	if err != nil {
		return "(no log)"
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil {
		start = max(start, info.Size()-searchedLog)
	}
	text, _ := io.ReadAll(io.NewSectionReader(file, start, searchedLog))
	quoted := stackFrame.ReplaceAllString(string(text), "")
	quoted = strings.TrimSpace(quoted[max(0, len(quoted)-quotedLog):])
	return orDefault(quoted, "(its log is empty)")
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}
