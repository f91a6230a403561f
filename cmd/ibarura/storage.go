package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/config"
)

// storage is the ClickHouse that a command works on: a server that the
// configuration names, an engine of our own, or the engine of a serve that is
// running on the same data folder.
type storage struct {
	target clickhouse.Target
	engine *embedded.Engine // nil unless it is our own
}

// openStorage starts the embedded engine if no server is configured. With
// share, a data folder that a running serve holds is not an error: its engine
// is used.
func openStorage(ctx context.Context, c *config.Config, share bool, log *zap.Logger, reg prometheus.Registerer) (*storage, error) {
	target, err := targetOf(c)
	if err != nil {
		return nil, err
	}
	if !c.ClickHouse.Embedded() {
		return &storage{target: target}, nil
	}
	engine, err := embedded.Start(ctx, engineOptions(c, log, reg))
	if err == nil {
		return &storage{target: withLogins(target, engine.Addr(), engine.Credentials()), engine: engine}, nil
	}
	if !share || !errors.Is(err, embedded.ErrFolderInUse) {
		return nil, err
	}
	addr, users, attachErr := embedded.Running(c.DataDir)
	if attachErr != nil {
		return nil, errors.Join(err, attachErr)
	}
	return &storage{target: withLogins(target, addr, users)}, nil
}

func engineOptions(c *config.Config, log *zap.Logger, reg prometheus.Registerer) embedded.Options {
	return embedded.Options{
		DataDir:     c.DataDir,
		Library:     c.Engine.Library,
		Binary:      c.Engine.Binary,
		CacheDir:    c.Engine.CacheDir,
		TCPPort:     c.Engine.TCPPort,
		HTTPPort:    c.Engine.HTTPPort,
		MemoryLimit: uint64(c.Engine.MemoryLimit),
		MinFreeDisk: uint64(c.Engine.MinFreeDisk),
		Sync:        c.Engine.Sync,
		Credentials: embedded.Credentials{
			Writer: embedded.Login{Password: c.ClickHouse.Password.Reveal()},
			Reader: embedded.Login{Password: c.ClickHouse.ReaderPassword.Reveal()},
		},
		Log:        log.Named("engine"),
		Registerer: reg,
	}
}

func targetOf(c *config.Config) (clickhouse.Target, error) {
	t := clickhouse.Target{
		Addr:           c.ClickHouse.Addr,
		Database:       c.ClickHouse.Database,
		BIDatabase:     c.ClickHouse.BIDatabase,
		User:           c.ClickHouse.User,
		Password:       c.ClickHouse.Password.Reveal(),
		ReaderUser:     c.ClickHouse.ReaderUser,
		ReaderPassword: c.ClickHouse.ReaderPassword.Reveal(),
		DialTimeout:    c.ClickHouse.DialTimeout,
	}
	var err error
	if c.ClickHouse.TLS {
		t.TLS, err = tlsConfig(&c.ClickHouse)
	}
	return t, err
}

func withLogins(t clickhouse.Target, addr string, users embedded.Credentials) clickhouse.Target {
	t.Addr = []string{addr}
	t.TLS = nil
	t.User, t.Password = users.Writer.User, users.Writer.Password
	t.ReaderUser, t.ReaderPassword = users.Reader.User, users.Reader.Password
	return t
}

func tlsConfig(c *config.ClickHouse) (*tls.Config, error) {
	conf := &tls.Config{ServerName: c.TLSServerName, MinVersion: tls.VersionTLS12}
	if c.TLSCAFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(c.TLSCAFile)
	if err != nil {
		return nil, fmt.Errorf("clickhouse.tls-ca-file: %w", err)
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("clickhouse.tls-ca-file: %s holds no PEM certificate", c.TLSCAFile)
	}
	return conf, nil
}

// close stops the engine if it is our own.
func (s *storage) close(ctx context.Context) error {
	if s.engine == nil {
		return nil
	}
	return s.engine.Stop(ctx)
}

// bootIDFile names the boot of this host, on Linux.
const bootIDFile = "/proc/sys/kernel/random/boot_id"

// boot names the boot of the host that ClickHouse runs on, or is empty if it
// cannot be told: a host that was booted anew may have lost what ClickHouse had
// not yet brought to its disk.
func (s *storage) boot(ctx context.Context, conn driver.Conn) (string, error) {
	if s.engine == nil {
		return clickhouse.Boot(ctx, conn)
	}
	id, err := os.ReadFile(bootIDFile)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(id)), err
}
