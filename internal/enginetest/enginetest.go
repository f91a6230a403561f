// Package enginetest gives tests the real engine: the same library, child
// process and configuration that `ibarura serve` runs. It stands beside the
// way from POST to chart, so that every package on it can be tested on a true
// ClickHouse, never on a mock.
//
// A package that uses it needs a TestMain, because the engine's child process
// is the test binary itself:
//
//	func TestMain(m *testing.M) { enginetest.Main(m) }
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse/embedded"
)

// childVariable, set to 1, makes the test binary the engine's child process.
const childVariable = "IBARURA_ENGINE_CHILD"

// startTimeout bounds a start on a busy machine.
const startTimeout = time.Minute

// shared is the engine that Start gives to all tests of this process.
var shared struct {
	once   sync.Once
	engine *embedded.Engine
	dir    string
	err    error
}

// Main is what TestMain calls. It runs the tests, or the engine if this is the
// child process; then it exits.
func Main(m *testing.M) {
	os.Exit(Run(m))
}

// Run is Main for a TestMain that has more to do afterwards: it returns the
// exit code once the shared engine is gone.
func Run(m *testing.M) int {
	if os.Getenv(childVariable) == "1" {
		os.Exit(embedded.Main(os.Args[1:]))
	}
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// Start returns the engine that all tests of this process share, which is
// started by the first call and stopped by Main. Tests that change what others
// see take databases of their own, or StartOwn.
func Start(tb testing.TB) *embedded.Engine {
	tb.Helper()
	shared.once.Do(startShared)
	if shared.err != nil {
		tb.Fatal(explain(shared.err))
	}
	return shared.engine
}

func startShared() {
	if shared.dir, shared.err = os.MkdirTemp("", "ibarura-engine-"); shared.err != nil {
		return
	}
	shared.engine, shared.err = start(Options(shared.dir))
}

func stopShared() error {
	if shared.dir == "" {
		return nil
	}
	var err error
	if shared.engine != nil {
		err = stop(shared.engine)
	}
	return errors.Join(err, os.RemoveAll(shared.dir))
}

// StartOwn returns an engine for this test alone, stopped at its end. change
// may alter its options; nil leaves them.
func StartOwn(tb testing.TB, change func(*embedded.Options)) *embedded.Engine {
	tb.Helper()
	opts := Options(tb.TempDir())
	if change != nil {
		change(&opts)
	}
	engine, err := start(opts)
	if err != nil {
		tb.Fatal(explain(err))
	}
	tb.Cleanup(func() {
		if err := stop(engine); err != nil {
			tb.Error(err)
		}
	})
	return engine
}

// Options are the options of a test's engine with its data in dir: the defaults,
// with the test binary as the child.
func Options(dir string) embedded.Options {
	self, err := os.Executable()
	if err != nil {
		panic(err) // the test binary is running, so it has a path
	}
	return embedded.Options{
		DataDir: dir,
		Command: []string{self},
		Env: []string{
			childVariable + "=1",
			// A binary built with -race sleeps a second before it exits; the
			// child has next to no Go code to be checked.
			"GORACE=atexit_sleep_ms=0",
		},
	}
}

// Open returns a connection to the engine as one of its users, closed at the
// end of the test.
func Open(tb testing.TB, engine *embedded.Engine, login embedded.Login) clickhouse.Conn {
	tb.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{engine.Addr()},
		Auth: clickhouse.Auth{Username: login.User, Password: login.Password},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

func start(opts embedded.Options) (*embedded.Engine, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return embedded.Start(ctx, opts)
}

func stop(engine *embedded.Engine) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return engine.Stop(ctx)
}

// explain adds what to do about an engine that is not there: tests never skip.
func explain(err error) error {
	if errors.Is(err, embedded.ErrNotFetched) {
		return fmt.Errorf("%w\nrun: make engine", err)
	}
	return err
}
