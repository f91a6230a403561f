package embedded

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func newTestFolder(t *testing.T) folder {
	t.Helper()
	dir, err := newFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// deadPid is the pid of a process that has ended.
func deadPid(t *testing.T) int {
	t.Helper()
	command := exec.Command("/bin/sh", "-c", "exit 0")
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	return command.Process.Pid
}

func TestLockOfADeadOwnerIsWaitedFor(t *testing.T) {
	dir := newTestFolder(t)
	orphan, err := lockFolder(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := orphan.WriteAt([]byte(strconv.Itoa(deadPid(t))+"\n"), 0); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := lockFolder(ctx, dir); !errors.Is(err, ErrFolderInUse) || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("while the orphan holds on: %v, want %v by a process that has ended", err, ErrFolderInUse)
	}

	time.AfterFunc(20*time.Millisecond, func() { _ = orphan.Close() })
	lock, err := lockFolder(t.Context(), dir)
	if err != nil {
		t.Fatalf("after the orphan has gone: %v", err)
	}
	defer lock.Close()
	if got := readPid(lock); got != os.Getpid() {
		t.Errorf("the lock names process %d, want this one, %d", got, os.Getpid())
	}
}

func TestDamagedVersionIsNotTakenForAnOldOne(t *testing.T) {
	dir := newTestFolder(t)
	if err := os.WriteFile(dir.join("VERSION"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := dir.checkVersion(engineRelease); err == nil {
		t.Error("a damaged VERSION was accepted")
	}
}

func TestDamagedCredentialsAreNamed(t *testing.T) {
	dir := newTestFolder(t)
	if err := os.WriteFile(dir.join(credentialsFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := loadCredentials(string(dir), Credentials{})
	if err == nil || !strings.Contains(err.Error(), credentialsFile) {
		t.Errorf("err = %v, want it to name %s", err, credentialsFile)
	}
}

func TestLogIsTurnedOverAndTwoAreKept(t *testing.T) {
	log := &engineLog{path: filepath.Join(t.TempDir(), "engine.log")}
	for n := range 4 {
		file, err := log.open()
		if err != nil {
			t.Fatal(err)
		}
		line := []byte(strconv.Itoa(n) + "\n")
		_, err = file.Write(bytes.Repeat(line, maxLogSize/len(line)))
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"engine.log": "3", "engine.log.1": "2", "engine.log.2": "1"} {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(log.path), name))
		if err != nil {
			t.Fatal(err)
		}
		if string(text[:1]) != want {
			t.Errorf("%s holds the log of life %c, want %s", name, text[0], want)
		}
	}
	wantFiles(t, filepath.Dir(log.path), "engine.log", "engine.log.1", "engine.log.2")
}

func TestErrorsQuoteThePresentLifeOnly(t *testing.T) {
	log := &engineLog{path: filepath.Join(t.TempDir(), "engine.log")}
	for _, life := range []struct{ says, want string }{
		{"first\n", "first"},
		{"", "(its log is empty)"},
		{"Code: 47, Stack trace:\n\n0. ? @ 0x000000001c8fa4b3\n24. start_thread @ 0x00000000000891f5\n\n", "Code: 47, Stack trace:"},
		{strings.Repeat("x", 2*quotedLog) + " last words\n", strings.Repeat("x", quotedLog-12) + " last words"},
	} {
		file, err := log.open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteString(life.says)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if got := log.quote(); got != life.want {
			t.Errorf("quote = %.40q…, want %.40q…", got, life.want)
		}
	}
}

func TestContainerLimitBoundsTheMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.max")
	for text, want := range map[string]uint64{"max\n": 0, "536870912\n": 512 << 20} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := containerMemory(path); got != want {
			t.Errorf("limit %q = %d bytes, want %d", text, got, want)
		}
	}
	if got := containerMemory(path + ".absent"); got != 0 {
		t.Errorf("limit without a file = %d, want none", got)
	}
}

func TestPickedPortsDiffer(t *testing.T) {
	for range 20 {
		got, err := choosePorts("127.0.0.1", 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.TCP == got.HTTP || !got.Picked {
			t.Fatalf("ports = %+v, want two different ones that were picked", got)
		}
	}
}

func TestMainRefusesAStrayCall(t *testing.T) {
	for _, args := range [][]string{nil, {"library"}, {"nonsense", "path"}} {
		if code := Main(args); code == 0 {
			t.Errorf("Main(%q) = 0, want a failure", args)
		}
	}
}
