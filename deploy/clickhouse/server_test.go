// Package clickhouse_test starts the real engine with the files of this folder,
// as a ClickHouse server would read them, and checks that Ibarura can live with
// the users that they make, and that the users can do no more.
package clickhouse_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/clickhouse/embedded"
)

// childVariable, set to 1, makes the test binary the engine's process.
const childVariable = "IBARURA_DEPLOY_TEST_ENGINE"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "1" {
		os.Exit(embedded.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// The passwords of the users, as an operator would set them.
const (
	writerPassword = "writer's own"
	readerPassword = "reader's own"
	biPassword     = "analyst's own"
	adminPassword  = "administrator's own"
)

// serverConfig stands for the config.xml that a server brings along.
const serverConfig = `<clickhouse>
    <path>%[1]s/data/</path>
    <tmp_path>%[1]s/data/tmp/</tmp_path>
    <users_config>%[1]s/users.xml</users_config>
    <listen_host>127.0.0.1</listen_host>
    <tcp_port>%[2]d</tcp_port>
    <query_log>
        <database>system</database>
        <table>query_log</table>
        <partition_by>toYYYYMM(event_date)</partition_by>
        <flush_interval_milliseconds>7500</flush_interval_milliseconds>
    </query_log>
    <metric_log>
        <database>system</database>
        <table>metric_log</table>
        <flush_interval_milliseconds>7500</flush_interval_milliseconds>
    </metric_log>
</clickhouse>`

// serverUsers stands for the users.xml that a server brings along.
const serverUsers = `<clickhouse>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <users>
        <default>
            <password></password>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </default>
    </users>
</clickhouse>`

// engineUsers is merged last. The engine's own session, which opens the port,
// is a user that a server need not have.
const engineUsers = `<clickhouse><users>
    <default>
        <password></password>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile>
        <quota>default</quota>
        <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
    <admin>
        <password>` + adminPassword + `</password>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile>
        <quota>default</quota>
        <access_management>1</access_management>
    </admin>
</users></clickhouse>`

// startServer runs an engine with config.d and the named files of users.d, and
// returns its native address. It stops at the end of the test.
func startServer(t *testing.T, users ...string) string {
	t.Helper()
	dir := t.TempDir()
	addr, port := freeAddress(t)
	write(t, filepath.Join(dir, "config.xml"), fmt.Sprintf(serverConfig, dir, port))
	write(t, filepath.Join(dir, "users.xml"), serverUsers)
	write(t, filepath.Join(dir, "start.sql"), "SYSTEM START LISTEN TCP;")
	copyTo(t, filepath.Join(dir, "config.d"), "config.d/ibarura.xml")
	copyTo(t, filepath.Join(dir, "users.d"), users...)
	write(t, filepath.Join(dir, "users.d", "zz-engine.xml"), engineUsers)
	run(t, dir)
	waitFor(t, dir, addr)
	return addr
}

func run(t *testing.T, dir string) {
	t.Helper()
	engine, err := embedded.Locate(t.Context(), embedded.LocateOptions{})
	if err != nil {
		t.Fatalf("%v\nRun the tests with `make test`, which fetches it.", err)
	}
	if engine.Binary {
		t.Fatalf("%s: these tests need the engine library; take it off PATH", engine.Path)
	}
	hold, release, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "library", engine.Path, "--config-file="+filepath.Join(dir, "config.xml"),
		"--log-level=warning", "--queries-file="+filepath.Join(dir, "start.sql"), "--queries-file=/dev/fd/3")
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = dir, log, log, []*os.File{hold}
	cmd.Env = append(os.Environ(), childVariable+"=1", "GORACE=atexit_sleep_ms=0",
		"IBARURA_CLICKHOUSE_PASSWORD_SHA256="+hash(writerPassword),
		"IBARURA_CLICKHOUSE_READER_PASSWORD_SHA256="+hash(readerPassword),
		"IBARURA_CLICKHOUSE_BI_PASSWORD_SHA256="+hash(biPassword))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		_ = release.Close() // the end of the pipe is the order to stop
		_ = cmd.Wait()
		_ = log.Close()
	})
}

func waitFor(t *testing.T, dir, addr string) {
	t.Helper()
	conn := open(t, addr, "admin", adminPassword)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := conn.Ping(t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("the engine does not answer: %v\n%s", err, log)
		}
	}
}

func open(t *testing.T, addr, user, password string) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr}, Auth: clickhouse.Auth{Username: user, Password: password}, DialTimeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func freeAddress(t *testing.T) (string, int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String(), listener.Addr().(*net.TCPAddr).Port
}

func copyTo(t *testing.T, dir string, names ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(name)), string(text))
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func hash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
