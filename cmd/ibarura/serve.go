package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/config"
	"ibarura/internal/httpapi"
	"ibarura/internal/telemetry"
)

type serveCmd struct{ config.Config }

// Run checks the configuration and opens the log; then it serves until ctx ends.
func (s *serveCmd) Run(ctx context.Context) error {
	if err := s.Validate(); err != nil {
		return err
	}
	collectOften()
	reg := telemetry.NewRegistry()
	log, err := telemetry.NewLogger(os.Stderr, telemetry.LogOptions{Level: s.Log.Level, Format: s.Log.Format}, reg)
	if err != nil {
		return err
	}
	for _, name := range config.UnknownEnv(os.Environ()) {
		log.Warn("this variable is no option of ours; is it misspelt?", zap.String("variable", name))
	}
	profile, err := startProfile(s.Debug.CPUProfile)
	if err != nil {
		return err
	}
	return errors.Join(s.serve(ctx, log, reg), profile.stop())
}

// serve serves until ctx ends, then shuts down: it is the table of contents of
// the service. What is started last is stopped first.
func (s *serveCmd) serve(ctx context.Context, log *zap.Logger, reg *prometheus.Registry) error {
	service, err := start(ctx, &s.Config, log, reg)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.HTTP.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("http.listen: %w", err), service.stop())
	}
	listener = httpapi.BoundConnections(listener, httpapi.ConnectionLimits{Most: mostConnections(&s.Config, log), PerAddress: s.HTTP.MaxPerAddress}, reg)
	server := httpServer(&s.Config, service.handler, log)
	server.RegisterOnShutdown(service.live.EndReaders)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	service.greet(os.Stdout, listener.Addr())

	select {
	case <-ctx.Done():
		log.Info("shutting down")
	case err = <-failed:
		err = fmt.Errorf("http server: %w", err)
	}
	return errors.Join(err, shutdown(&s.Config, server), service.stop())
}

// collectOften trades a little time for memory: at full rate collecting costs
// 0.1 µs a row, and twice that still is little, while by Go's default the heap
// may double, not grow by a third. GOGC, if it is set, is the operator's word.
func collectOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(30)
	}
}

// spareFiles are the descriptors that are kept for everything but connections
// of clients.
const spareFiles = 200

// mostConnections is http.max-connections, or what the system's limit on open
// files allows: beyond that nobody could be told that there are too many.
func mostConnections(c *config.Config, log *zap.Logger) int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur >= uint64(c.HTTP.MaxConnections+spareFiles) {
		return c.HTTP.MaxConnections
	}
	most := max(1, int(files.Cur)-spareFiles)
	log.Warn("http.max-connections is more than the limit on open files allows", zap.Uint64("files", files.Cur), zap.Int("connections", most))
	return most
}

func httpServer(c *config.Config, handler http.Handler, log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: c.HTTP.ReadHeaderTimeout,
		WriteTimeout:      c.HTTP.WriteTimeout,
		IdleTimeout:       c.HTTP.IdleTimeout,
		MaxHeaderBytes:    int(c.HTTP.MaxHeaderBytes),
		ErrorLog:          zap.NewStdLog(log.Named("http")),
	}
}

// shutdown lets requests under way end; those that do not are cut off.
func shutdown(c *config.Config, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.HTTP.ShutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
	}
	return nil
}

// greet prints where everything is. Keys that were generated just now are
// shown this once.
func (s *service) greet(out *os.File, addr net.Addr) {
	base := "http://" + addr.String()
	fmt.Fprintf(out, "Ibarura %s is ready, %s after its start.\n", telemetry.ReadBuild().Version, time.Since(s.began).Round(10*time.Millisecond))
	fmt.Fprintf(out, "  Open     %s/  (the dashboard; sign in with a read or admin key)\n", base)
	fmt.Fprintf(out, "  API      %s/api/v1/\n", base)
	fmt.Fprintf(out, "  Metrics  %s/metrics\n", base)
	fmt.Fprintf(out, "  Project  %s, days in %s\n", s.first.Project.Name, s.first.Project.Zone)
	fmt.Fprintf(out, "  Keys     %s\n", keyFile(s.config))
	if s.storage.engine != nil {
		fmt.Fprintf(out, "  BI       ClickHouse on %s (native) and http://%s, database %s, user %s, password in %s\n",
			s.storage.engine.Addr(), s.storage.engine.HTTPAddr(), s.config.ClickHouse.BIDatabase,
			s.storage.engine.Credentials().BI.User, filepath.Join(s.config.DataDir, "engine-credentials.json"))
	}
	for _, key := range s.first.Keys {
		if !key.Given {
			fmt.Fprintf(out, "  %-8s %s  (new, shown this once)\n", key.Scope.String()+" key", key.Secret)
		}
	}
}
