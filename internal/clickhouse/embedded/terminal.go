package embedded

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// interactive are the arguments with which clickhouse-local takes its standard
// input for a person's, once its query files have ended; it has to offer that
// person nothing.
var interactive = []string{"--interactive", "--disable_suggestion", "--history_file=/dev/null"}

// takeTerminal makes a terminal this process's standard input. Without one,
// clickhouse-local ends the whole process at any error of any client's
// connection, such as a reset or a packet that is none (ClickHouse issue 115666,
// mended in 115715, which no published library has yet). Nobody sits at it: a
// prompt, which comes where the query files have failed or ended, is left at
// once.
func takeTerminal() error {
	master, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("engine: a terminal for the library: %w", err)
	}
	defer slave.Close()
	if err := unix.Dup2(int(slave.Fd()), int(os.Stdin.Fd())); err != nil {
		return fmt.Errorf("engine: a terminal for the library: %w", err)
	}
	go leavePrompts(master)
	return nil
}

// leavePrompts says over and over that there is no more input, since what is
// typed before a prompt is there gets lost. What nobody reads fills the
// terminal's buffer, and the next word waits.
func leavePrompts(master io.Writer) {
	const endOfInput = "\x04"
	for {
		if _, err := io.WriteString(master, endOfInput); err != nil {
			return
		}
		time.Sleep(promptWait)
	}
}

// promptWait is how long a prompt may stand.
const promptWait = 100 * time.Millisecond
