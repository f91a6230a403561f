package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Engine is a running, supervised ClickHouse. All methods may be called from
// any goroutine, and after Stop.
type Engine struct {
	opts     Options
	location Location
	folder   folder
	lock     *os.File
	creds    Credentials
	ports    ports
	log      *engineLog
	launch   launch
	probe    *prober
	metrics  *metrics

	life context.Context // ends when Stop is called
	end  context.CancelFunc
	done chan struct{} // closed when everything has been let go

	up       atomic.Bool
	restarts atomic.Int64

	mu      sync.Mutex
	process *process // the present or the last child; nil before the first
	version string   // the engine's own, "26.7.2.1"
	err     error    // why it is down
	stopErr error    // read after done
}

// Start starts the engine and returns when it answers queries. ctx bounds the
// start only; Stop ends the engine.
//
// The order is below, and release undoes it backwards: the folder is locked
// before anything in it is looked at, and stays locked until the child is gone.
func Start(ctx context.Context, opts Options) (*Engine, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{opts: opts, done: make(chan struct{})}
	e.life, e.end = context.WithCancel(context.Background())
	for _, step := range []func(context.Context) error{
		e.locate,
		e.lockFolder,
		e.checkFolder,
		e.loadCredentials,
		e.registerMetrics,
		e.firstStart,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, e.release())
		}
	}
	go e.supervise()
	return e, nil
}

// release lets go of everything, in the reverse order of Start.
func (e *Engine) release() error {
	e.end()
	var err error
	if e.probe != nil {
		e.probe.close()
	}
	if p := e.child(); p != nil && !p.stop(e.opts.StopTimeout) {
		err = fmt.Errorf("engine: it did not stop within %s and was killed", e.opts.StopTimeout)
	}
	if e.metrics != nil {
		e.metrics.up.Set(0)
		e.metrics.unregister(e.opts.Registerer)
	}
	if e.lock != nil {
		err = errors.Join(err, e.lock.Close())
	}
	return err
}

func (e *Engine) locate(ctx context.Context) (err error) {
	e.location, err = Locate(ctx, LocateOptions{
		Binary:   e.opts.Binary,
		Library:  e.opts.Library,
		CacheDir: e.opts.CacheDir,
		Log:      e.opts.Log,
	})
	return err
}

func (e *Engine) lockFolder(ctx context.Context) (err error) {
	if e.folder, err = newFolder(e.opts.DataDir); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.opts.StopTimeout)
	defer cancel()
	e.lock, err = lockFolder(ctx, e.folder)
	return err
}

func (e *Engine) checkFolder(context.Context) error {
	if err := e.folder.checkVersion(e.location.release); err != nil {
		return err
	}
	return checkDisk(string(e.folder), e.opts.MinFreeDisk, "the engine")
}

func (e *Engine) loadCredentials(context.Context) (err error) {
	e.creds, err = loadCredentials(string(e.folder), e.opts.Credentials)
	return err
}

func (e *Engine) registerMetrics(context.Context) (err error) {
	e.metrics, err = newMetrics(e.opts.Registerer)
	return err
}

// firstStart starts the first child. A port that was picked may be taken by
// another process before the engine has it: then others are picked.
func (e *Engine) firstStart(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		if err := e.configure(); err != nil {
			return err
		}
		err := e.run(ctx)
		if err == nil || !e.ports.Picked || !errors.Is(err, ErrPortInUse) || attempt == 3 {
			return err
		}
	}
}

// configure chooses the ports and writes the configuration.
func (e *Engine) configure() (err error) {
	if e.ports, err = choosePorts(e.opts.ListenHost, e.opts.TCPPort, e.opts.HTTPPort); err != nil {
		return err
	}
	if err := newEngineConfig(e.opts, e.folder, e.ports, e.creds).write(e.folder.engine()); err != nil {
		return err
	}
	e.log = &engineLog{path: e.folder.file("engine.log")}
	e.launch = launch{
		argv: e.command(),
		env:  e.opts.Env,
		dir:  e.folder.data(),
		lock: e.lock,
		log:  e.log,
	}
	if e.probe != nil {
		e.probe.close()
	}
	e.probe = newProber(e.Addr(), e.creds.Writer, e.opts.ProbeTimeout)
	return nil
}

// command is the child's whole command line.
func (e *Engine) command() []string {
	argv := append([]string(nil), e.opts.Command...)
	config := "--config-file=" + e.folder.file("config.xml")
	if e.location.Binary {
		return append(argv, runBinaryMode, e.location.Path, config)
	}
	return append(argv, runLibraryMode, e.location.Path,
		config,
		"--log-level=warning",
		"--queries-file="+e.folder.file("start.sql"),
		"--queries-file=/dev/fd/"+strconv.Itoa(holdFD))
}

// run starts a child and returns when it answers, or with the reason why it
// does not; then it has ended.
func (e *Engine) run(ctx context.Context) error {
	began := time.Now()
	p, err := e.launch.start()
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.process = p
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, e.opts.StartTimeout)
	defer cancel()
	version, err := e.awaitAnswer(ctx, p)
	if err == nil {
		err = errors.Join(e.folder.writeVersion(version), e.folder.writeAddress(e.Addr()))
	}
	if err != nil {
		p.kill()
		return err
	}
	e.ready(version, time.Since(began))
	return nil
}

// awaitAnswer asks until the child answers, ends, or ctx does.
func (e *Engine) awaitAnswer(ctx context.Context, p *process) (string, error) {
	for {
		version, err := e.probe.version(ctx)
		if err == nil {
			return version, nil
		}
		select {
		case <-p.done:
			return "", e.deathError(p)
		case <-ctx.Done():
			return "", fmt.Errorf("engine: no answer on %s while starting: %w; its log says: %s",
				e.Addr(), context.Cause(ctx), e.log.quote())
		case <-time.After(20 * time.Millisecond):
		}
		if said := e.log.quote(); strings.Contains(said, failedStatement) {
			return "", e.saying("it does not listen", said)
		}
	}
}

// failedStatement stands in the log where one of start.sql failed, after which
// the library goes on.
const failedStatement = "Received exception"

// ready notes that the engine answers.
func (e *Engine) ready(version string, took time.Duration) {
	e.mu.Lock()
	e.version, e.err = version, nil
	e.mu.Unlock()
	e.setUp(true)
	e.metrics.starts.Observe(took.Seconds())
	e.opts.Log.Info("engine is ready",
		zap.String("version", version), zap.String("addr", e.Addr()),
		zap.Int("pid", e.Pid()), zap.Duration("took", took))
	if e.opts.OnReady != nil {
		e.opts.OnReady()
	}
}

func (e *Engine) setUp(up bool) {
	e.up.Store(up)
	if up {
		e.metrics.up.Set(1)
	} else {
		e.metrics.up.Set(0)
	}
}

func (e *Engine) child() *process {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.process
}

// Stop ends the engine cleanly and returns when it has gone; if ctx ends
// first, the engine is killed. It may be called more than once. The error is
// nil if the engine went by itself.
func (e *Engine) Stop(ctx context.Context) error {
	e.end()
	select {
	case <-e.done:
		return e.stopErr
	case <-ctx.Done():
		e.child().kill()
		<-e.done
		return errors.Join(fmt.Errorf("engine: killed while stopping: %w", context.Cause(ctx)), e.stopErr)
	}
}
