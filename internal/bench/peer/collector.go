package peer

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"

	"ibarura/internal/bench/server"
)

//go:embed builder.yaml
var builderConfig []byte

//go:embed collector.yaml
var collectorConfig string

// Version is of the collector and all parts of it.
const Version = "0.161.0"

// builder puts a collector together from modules.
const builder = "go.opentelemetry.io/collector/cmd/builder@v" + Version

// Table is where the exporter writes; the database is made before.
const (
	Database = "otel"
	Table    = Database + ".otel_logs"
)

// Build makes the collector in a folder of the user's cache, unless it is
// there, and returns its path. It takes minutes, since it compiles some
// hundreds of packages, at a low priority.
func Build(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "ibarura-bench", "collector-"+Version)
	binary := filepath.Join(dir, "build", "otelcol-clickhouse")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "builder.yaml"), builderConfig, 0o600); err != nil {
		return "", err
	}
	fmt.Printf("building the OpenTelemetry collector in %s, once, with its own builder\n", dir)
	build := exec.CommandContext(ctx, "nice", "-n", "19", "go", "run", builder, "--config", "builder.yaml")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-p=1 -buildvcs=false")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the collector: %w\n%s", err, output)
	}
	return binary, nil
}

// Collector is a running collector.
type Collector struct {
	Address string // host:port of OTLP over HTTP

	cmd     *exec.Cmd
	gone    chan struct{} // closed when it has ended
	logPath string
}

// Start runs a collector that writes into the engine. Its files are in dir. Stop
// it.
func Start(ctx context.Context, binary, dir string, e *server.Engine) (*Collector, error) {
	if _, err := e.Query(ctx, "CREATE DATABASE IF NOT EXISTS "+Database); err != nil {
		return nil, err
	}
	ports, err := server.FreePorts(1)
	if err != nil {
		return nil, err
	}
	c := &Collector{
		Address: fmt.Sprintf("127.0.0.1:%d", ports[0]),
		gone:    make(chan struct{}),
		logPath: filepath.Join(dir, "collector.log"),
	}
	config := filepath.Join(dir, "collector.yaml")
	if err := c.writeConfig(config, e); err != nil {
		return nil, err
	}
	c.cmd = exec.Command(binary, "--config", config)
	if err := c.launch(); err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		text, _ := os.ReadFile(c.logPath)
		c.Stop()
		return nil, fmt.Errorf("collector: %w\n%s", err, text)
	}
	return c, nil
}

func (c *Collector) writeConfig(path string, e *server.Engine) error {
	var text strings.Builder
	err := template.Must(template.New("").Parse(collectorConfig)).Execute(&text, map[string]any{
		"Listen": c.Address, "ClickHouse": e.Native, "Database": Database, "User": e.Login.User, "Password": e.Login.Password,
	})
	return errors.Join(err, os.WriteFile(path, []byte(text.String()), 0o600))
}

func (c *Collector) launch() error {
	log, err := os.Create(c.logPath)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own
	c.cmd.Stdout, c.cmd.Stderr = log, log
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we stop it
	if err := c.cmd.Start(); err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	go func() {
		_ = c.cmd.Wait() // how it ended does not matter: its rows are counted
		close(c.gone)
	}()
	return nil
}

const startTimeout = time.Minute

// ready waits until the port is open.
func (c *Collector) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "tcp", c.Address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-c.gone:
			return errors.New("it has ended")
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// PID is its process.
func (c *Collector) PID() int { return c.cmd.Process.Pid }

// Stop ends it, gently first.
func (c *Collector) Stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.gone:
	case <-time.After(time.Minute):
		_ = c.cmd.Process.Kill()
		<-c.gone
	}
}
