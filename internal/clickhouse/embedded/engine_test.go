package embedded_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
)

// exec runs a statement that must succeed.
func exec(t *testing.T, conn clickhouse.Conn, statement string, args ...any) {
	t.Helper()
	if err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ask returns the one value of a query that must succeed.
func ask[T any](t *testing.T, conn clickhouse.Conn, query string) T {
	t.Helper()
	var value T
	if err := conn.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive reports whether a process runs; one that is dead and not yet reaped
// does not.
func alive(pid int) bool {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(status), ") Z ")
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func TestEngineAnswersOnBothPorts(t *testing.T) {
	engine := enginetest.Start(t)
	writer := engine.Credentials().Writer
	conn := enginetest.Open(t, engine, writer)
	if got := ask[string](t, conn, "SELECT version()"); got != engine.Version() {
		t.Errorf("version over the native port = %q, the engine says %q", got, engine.Version())
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+engine.HTTPAddr(), strings.NewReader("SELECT version()"))
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true // an idle connection would hold up the engine's stop
	request.SetBasicAuth(writer.User, writer.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(body)); got != engine.Version() {
		t.Errorf("version over HTTP = %q, the engine says %q", got, engine.Version())
	}
	if !engine.Up() || engine.Err() != nil || engine.Restarts() != 0 {
		t.Errorf("up %v, err %v, restarts %d; want an engine without a past", engine.Up(), engine.Err(), engine.Restarts())
	}
}

func TestEngineIsOfThePinnedRelease(t *testing.T) {
	engine := enginetest.Start(t)
	location, err := embedded.Ensure(t.Context(), embedded.LocateOptions{}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(engine.Version(), location.Release()+".") {
		t.Errorf("version %s is not of release %s", engine.Version(), location.Release())
	}
}

func TestOnlyTheQueryLogIsKept(t *testing.T) {
	engine := enginetest.Start(t)
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	exec(t, conn, "SYSTEM FLUSH LOGS")
	tables := ask[[]string](t, conn, "SELECT groupArray(name) FROM system.tables WHERE database = 'system' AND engine LIKE '%MergeTree'")
	if diff := cmp.Diff([]string{"query_log"}, tables); diff != "" {
		t.Errorf("system logs (-want +got):\n%s", diff)
	}
	definition := ask[string](t, conn, "SELECT create_table_query FROM system.tables WHERE database = 'system' AND name = 'query_log'")
	if !strings.Contains(definition, "TTL event_date + toIntervalDay(7)") {
		t.Errorf("query_log is kept for ever: %s", definition)
	}
	probes := ask[uint64](t, conn, "SELECT count() FROM system.query_log WHERE query = 'SELECT 1'")
	if probes != 0 {
		t.Errorf("%d probes in the query log, want none", probes)
	}
}

func TestMutationsRunInTheSmallPool(t *testing.T) {
	engine := enginetest.Start(t)
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	exec(t, conn, "CREATE TABLE default.mutated (a UInt32) ENGINE = MergeTree ORDER BY a")
	exec(t, conn, "INSERT INTO default.mutated SELECT number FROM numbers(10)")
	exec(t, conn, "ALTER TABLE default.mutated DELETE WHERE a < 5 SETTINGS mutations_sync = 1")
	if got := ask[uint64](t, conn, "SELECT count() FROM default.mutated"); got != 5 {
		t.Errorf("%d rows after the mutation, want 5", got)
	}
}

func TestPartsAreSyncedWhereAskedTo(t *testing.T) {
	for _, sync := range []bool{false, true} {
		engine := enginetest.StartOwn(t, func(o *embedded.Options) { o.Sync = sync })
		conn := enginetest.Open(t, engine, engine.Credentials().Writer)
		var synced uint64
		if err := conn.QueryRow(t.Context(), `SELECT countIf(value = '1') FROM system.merge_tree_settings
			WHERE name IN ('fsync_after_insert', 'fsync_part_directory', 'min_rows_to_fsync_after_merge')`).Scan(&synced); err != nil {
			t.Fatal(err)
		}
		if (synced == 3) != sync {
			t.Errorf("sync=%v: %d of 3 settings are 1", sync, synced)
		}
	}
}

func TestDataFolderMayHaveAnyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a & b <c> "d" é`)
	engine := enginetest.StartOwn(t, func(o *embedded.Options) { o.DataDir = dir })
	conn := enginetest.Open(t, engine, engine.Credentials().Writer)
	exec(t, conn, "CREATE TABLE default.here (a UInt32) ENGINE = MergeTree ORDER BY a")
	if got := ask[[]string](t, conn, "SELECT data_paths FROM system.tables WHERE name = 'here'"); !strings.HasPrefix(got[0], dir+"/clickhouse/") {
		t.Errorf("the data is in %q, not in %q", got, dir)
	}
}

func TestStopMayBeCalledTwiceAndLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	engine, err := embedded.Start(t.Context(), enginetest.Options(dir))
	if err != nil {
		t.Fatal(err)
	}
	pid := engine.Pid()
	for range 2 {
		if err := engine.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	}
	select {
	case <-engine.Done():
	default:
		t.Error("Done is not closed after Stop")
	}
	if engine.Up() || engine.Pid() != 0 || engine.Err() != nil || alive(pid) {
		t.Errorf("up %v, pid %d, err %v, process alive %v; want nothing left", engine.Up(), engine.Pid(), engine.Err(), alive(pid))
	}
	if conn, err := net.Dial("tcp", engine.Addr()); err == nil {
		_ = conn.Close()
		t.Error("the port still listens")
	}
}

func TestImpatientStopKillsAHangingEngine(t *testing.T) {
	engine, err := embedded.Start(t.Context(), enginetest.Options(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	pid := engine.Pid()
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := engine.Stop(ctx); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Stop: %v, want it to say that the engine was killed", err)
	}
	if alive(pid) {
		t.Error("the engine is alive")
	}
}

func TestPasswordsSurviveARestartAndStayPrivate(t *testing.T) {
	dir := t.TempDir()
	given := embedded.Credentials{BI: embedded.Login{Password: "given & <kept>"}}
	var seen []embedded.Credentials
	for _, creds := range []embedded.Credentials{given, {}} {
		opts := enginetest.Options(dir)
		opts.Credentials = creds
		engine, err := embedded.Start(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		bi := enginetest.Open(t, engine, engine.Credentials().BI)
		if got := ask[string](t, bi, "SELECT currentUser()"); got != "bi" {
			t.Errorf("currentUser() = %q, want bi", got)
		}
		_ = bi.Close() // an open one would hold up the stop for a second
		seen = append(seen, engine.Credentials())
		if err := engine.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
		t.Errorf("credentials after a restart (-first +second):\n%s", diff)
	}
	if seen[0].BI.Password != given.BI.Password || len(seen[0].Writer.Password) < 32 {
		t.Error("want the given password, and long ones where none was given")
	}
	wantPrivate(t, dir, seen[0])
}

// wantPrivate checks the modes of the files, and that users.xml knows no password.
func wantPrivate(t *testing.T, dir string, creds embedded.Credentials) {
	t.Helper()
	for _, name := range []string{"engine-credentials.json", "engine/config.xml", "engine/users.xml", "engine/engine.log", "VERSION", "lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, info.Mode().Perm())
		}
	}
	users, err := os.ReadFile(filepath.Join(dir, "engine", "users.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []embedded.Login{creds.Writer, creds.Reader, creds.BI} {
		if strings.Contains(string(users), login.Password) {
			t.Errorf("users.xml shows the password of %s", login.User)
		}
	}
	var kept embedded.Credentials
	text, err := os.ReadFile(filepath.Join(dir, "engine-credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(creds, kept); diff != "" {
		t.Errorf("kept credentials (-want +got):\n%s", diff)
	}
}
