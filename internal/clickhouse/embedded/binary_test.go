package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

// serverScript behaves as a `clickhouse` binary does: it prints a version, and
// `server` serves until SIGTERM. What serves is the engine library, with a
// named pipe for the descriptor that a server does not know.
const serverScript = `#!/bin/sh
if [ "$1" = --version ]; then echo "ClickHouse server version 26.7.2.1 (official build)."; exit; fi
[ "$1" = server ] || exit 9
config=$2
folder=$(dirname "${config#--config-file=}")
rm -f "$folder/hold" && mkfifo "$folder/hold"
"$TEST_SELF" library "$TEST_LIBRARY" "$config" --log-level=warning \
	--queries-file="$folder/start.sql" --queries-file="$folder/hold" &
exec 5>"$folder/hold"
echo $$ >"$folder/server.pid"
trap 'exec 5>&-; wait; echo >"$folder/stopped"; exit 0' TERM
wait
`

// binaryEngine starts an engine from the script above.
func binaryEngine(t *testing.T) (engine *embedded.Engine, folder string) {
	t.Helper()
	library, err := embedded.Locate(t.Context(), embedded.LocateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "clickhouse")
	if err := os.WriteFile(binary, []byte(serverScript), 0o700); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	engine = enginetest.StartOwn(t, func(o *embedded.Options) {
		o.DataDir, o.Binary = dir, binary
		o.Env = append(o.Env, "TEST_SELF="+o.Command[0], "TEST_LIBRARY="+library.Path)
	})
	return engine, filepath.Join(dir, "engine")
}

func TestBinaryIsStoppedPolitely(t *testing.T) {
	engine, folder := binaryEngine(t)
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	ask[uint8](t, conn, "SELECT 1")
	if err := engine.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "stopped")); err != nil {
		t.Errorf("the server has not ended in its own time: %v", err)
	}
}

func TestBinaryDiesWithItsWatcherAndComesBack(t *testing.T) {
	engine, folder := binaryEngine(t)
	first := serverPid(t, folder)
	if err := unix.Kill(engine.Pid(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another server is up", func() bool { return engine.Restarts() >= 1 && engine.Up() })
	eventually(t, "the first server has gone", func() bool { return !alive(first) })
	if second := serverPid(t, folder); second == first {
		t.Error("there is no other server")
	}
}

func serverPid(t *testing.T, folder string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "server.pid"))
	if err != nil {
		t.Fatal(err)
	}
	return atoi(t, strings.TrimSpace(string(text)))
}
