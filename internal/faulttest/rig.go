package faulttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/clickhouse/embedded"
)

// Rig is a running service, as real processes: serve with its embedded engine,
// or serve before an engine of its own, with a proxy between the two.
// One goroutine at a time may call its methods, but for URL.
type Rig struct {
	binary string
	dir    string
	engine *embedded.Engine // apart from serve; nil: embedded
	proxy  *Proxy           // before engine; nil: embedded
	guest  bool             // engine and proxy are another rig's
	serve  *process         // the present or the last one; nil before the first
	url    atomic.Value     // string; empty while serve is down
}

// OpenRig makes a rig in an empty folder. Serve starts the service.
func OpenRig(ctx context.Context, binary, dir string, apart bool) (*Rig, error) {
	r := &Rig{binary: binary, dir: dir}
	r.url.Store("")
	if !apart {
		return r, nil
	}
	var err error
	r.engine, err = embedded.Start(ctx, embedded.Options{
		DataDir: filepath.Join(dir, "server"), Command: []string{binary, "engine", "run"}, Env: []string{"GORACE=atexit_sleep_ms=0"},
	})
	if err != nil {
		return nil, err
	}
	if r.proxy, err = NewProxy(r.engine.Addr()); err != nil {
		return nil, errors.Join(err, r.engine.Stop(ctx))
	}
	return r, nil
}

// Beside makes a rig in another empty folder whose serve shares this one's
// engine, which is apart. It is closed first.
func (r *Rig) Beside(dir string) *Rig {
	other := &Rig{binary: r.binary, dir: dir, engine: r.engine, proxy: r.proxy, guest: true}
	other.url.Store("")
	return other
}

// URL is where serve listens, empty while it does not.
func (r *Rig) URL() string { return r.url.Load().(string) }

// Launch starts serve and does not wait until it is ready.
func (r *Rig) Launch(s Setup) (err error) {
	args := append([]string{"--data-dir", r.data(), "--http.listen", "127.0.0.1:0"}, s.args()...)
	if r.engine == nil {
		args = append(args, "--engine.tcp-port=0", "--engine.http-port=0")
	} else {
		users := r.engine.Credentials()
		args = append(args, "--clickhouse.addr="+r.proxy.Addr(), // with "=": a generated password may begin with "-"
			"--clickhouse.password="+users.Writer.Password, "--clickhouse.reader-password="+users.Reader.Password)
	}
	r.serve, err = launch(r.binary, r.serveLog(), args)
	return err
}

// Serve starts serve and returns when it takes requests. Before a ClickHouse
// that is not there yet serve ends with an error; it is started again until it
// is there, as a service manager does.
func (r *Rig) Serve(s Setup) error {
	for end := time.Now().Add(readyWithin); ; time.Sleep(100 * time.Millisecond) {
		if err := r.Launch(s); err != nil {
			return err
		}
		err := r.serve.awaitReady()
		if err == nil {
			r.url.Store(r.serve.url)
			return nil
		}
		if r.engine == nil || time.Now().After(end) {
			return err
		}
	}
}

func (r *Rig) data() string     { return filepath.Join(r.dir, "data") }
func (r *Rig) serveLog() string { return filepath.Join(r.dir, "serve.log") }

// Kill ends serve by SIGKILL.
func (r *Rig) Kill() {
	r.url.Store("")
	r.serve.kill()
}

// KillBoth ends serve and the engine at the same moment, as a crash of the host would.
func (r *Rig) KillBoth() {
	pid := r.enginePid()
	r.url.Store("")
	_ = r.serve.cmd.Process.Kill()
	signal(pid, syscall.SIGKILL)
	r.serve.kill()
}

// KillEngine ends the engine by SIGKILL; its supervisor starts it again.
func (r *Rig) KillEngine() { signal(r.enginePid(), syscall.SIGKILL) }

// PauseEngine lets the engine stand still for a time.
func (r *Rig) PauseEngine(d time.Duration) {
	pid := r.enginePid()
	signal(pid, syscall.SIGSTOP)
	time.Sleep(d)
	signal(pid, syscall.SIGCONT)
}

// Stop ends serve politely. What was under way may be an error of its end, not
// that it does not end.
func (r *Rig) Stop() error {
	r.url.Store("")
	return r.serve.stop()
}

func (r *Rig) enginePid() int {
	if r.engine != nil {
		return r.engine.Pid()
	}
	return r.serve.enginePid()
}

func signal(pid int, s syscall.Signal) {
	if pid > 0 {
		_ = syscall.Kill(pid, s) // it may have ended by itself
	}
}

// target is how to reach the engine past the proxy, as the writer.
func (r *Rig) target() (clickhouse.Target, error) {
	t := clickhouse.Target{Database: "ibarura", BIDatabase: "bi"}
	users := embedded.Credentials{}
	addr := ""
	if r.engine != nil {
		addr, users = r.engine.Addr(), r.engine.Credentials()
	} else {
		var err error
		if addr, users, err = embedded.Running(r.data()); err != nil {
			return t, err
		}
	}
	t.Addr, t.User, t.Password = []string{addr}, users.Writer.User, users.Writer.Password
	return t, nil
}

// Open connects to the engine past the proxy. The connection is good until
// serve is started again.
func (r *Rig) Open() (driver.Conn, error) {
	t, err := r.target()
	if err != nil {
		return nil, err
	}
	return clickhouse.Open(t)
}

// Alter changes a table as soon as the engine is there: it may just have been
// killed.
func (r *Rig) Alter(ctx context.Context, table, how string) error {
	conn, err := r.Open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for end := time.Now().Add(readyWithin); ; wait(ctx, 50*time.Millisecond) {
		if err = conn.Exec(ctx, "ALTER TABLE "+table+" "+how); err == nil || time.Now().After(end) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
}

// Proxy stands between serve and an engine apart from it.
func (r *Rig) Proxy() *Proxy { return r.proxy }

// CreateProjects makes projects and returns a write key for each.
func (r *Rig) CreateProjects(ctx context.Context, projects []Project) (map[string]string, error) {
	conn, err := r.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	store := access.NewStore(conn)
	keys := map[string]string{}
	for _, p := range projects {
		if _, err := store.CreateProject(ctx, p.Name, p.Zone); err != nil {
			return nil, err
		}
		if _, keys[p.Name], err = store.CreateKey(ctx, p.Name, access.Write, "producers"); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Close ends everything. Its error tells what did not end well or has crashed
// before.
func (r *Rig) Close(ctx context.Context) error {
	var errs []error
	if r.serve != nil {
		errs = append(errs, r.Stop())
	}
	if r.engine != nil && !r.guest {
		r.proxy.Close()
		errs = append(errs, r.engine.Stop(ctx))
	}
	for _, log := range []string{r.serveLog(), filepath.Join(r.data(), "engine", "engine.log"), filepath.Join(r.dir, "server", "engine", "engine.log")} {
		if told := crash(log); told != "" {
			errs = append(errs, fmt.Errorf("%s tells of a crash:\n%s", log, told))
		}
	}
	return errors.Join(errs...)
}

// Remove removes the rig's folder.
func (r *Rig) Remove() error { return os.RemoveAll(r.dir) }
