package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/config"
	"ibarura/internal/derived"
	"ibarura/internal/enrich"
	"ibarura/internal/erasure"
	"ibarura/internal/event"
	"ibarura/internal/fence"
	"ibarura/internal/httpapi"
	"ibarura/internal/ingest"
	"ibarura/internal/live"
	"ibarura/internal/loader"
	"ibarura/internal/report"
	"ibarura/internal/spool"
	"ibarura/internal/visitor"
	"ibarura/schema"
)

// service is everything behind the listener.
type service struct {
	config  *config.Config
	log     *zap.Logger
	began   time.Time
	handler http.Handler
	storage *storage
	live    *live.Hub
	first   access.Bootstrapped
	closers []func(context.Context) error // in the order of starting
}

// start brings everything up, each thing after what it needs, and takes down
// what it had brought up if something fails.
func start(ctx context.Context, c *config.Config, log *zap.Logger, reg *prometheus.Registry) (*service, error) {
	s := &service{config: c, log: log, began: time.Now()}
	if err := s.bringUp(ctx, reg); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *service) bringUp(ctx context.Context, reg *prometheus.Registry) error {
	if err := s.openStorage(ctx, reg); err != nil {
		return err
	}
	conn, err := s.prepareSchema(ctx)
	if err != nil {
		return err
	}
	store := access.NewStore(conn)
	if s.first, err = access.Bootstrap(ctx, store, s.bootstrapOptions()); err != nil {
		return err
	}
	log, err := s.openSpool(ctx, reg)
	if err != nil {
		return err
	}
	load, err := s.startLoader(ctx, log, conn, reg)
	if err != nil {
		return err
	}
	deriving := s.newDeriving(store, conn, reg)
	erasing, err := s.startErasing(ctx, log, load, refresher{deriving, store}, conn, reg)
	if err != nil {
		return err
	}
	s.startLive(ctx, conn, reg)
	in, err := s.openIngest(ctx, log, load, erasing, conn, reg)
	if err != nil {
		return err
	}
	reader, err := s.openReader(ctx, reg)
	if err != nil {
		return err
	}
	reports := s.newReport(reader, reg)
	raw, err := s.openExport(reports, reg)
	if err != nil {
		return err
	}
	s.startDeriving(deriving)
	keys := access.NewDirectory(store, access.DirectoryOptions{Refresh: s.config.Access.Refresh, MaxStale: s.config.Access.MaxStale}, reg)
	if err := keys.Refresh(ctx); err != nil {
		return err
	}
	if err := s.startJobs(store, conn, reports, reg); err != nil {
		return err
	}
	sessions, err := s.openSessions(keys)
	if err != nil {
		return err
	}
	noted := access.Noted{Store: store, Directory: keys}
	s.handler, err = httpapi.New(s.httpConfig(), httpapi.Deps{
		Keys: keys, Sessions: sessions, Ingest: in, Report: reports, Raw: raw, Live: s.live,
		Links: &access.Links{Directory: keys, Secret: sessions.Secret, Clock: time.Now}, Linking: noted,
		Keeping: noted, Kept: clickhouse.Retentions{Conn: conn}.List,
		Erasing: erasure.Desk{Orders: clickhouse.Erasures{Conn: conn}}, Desk: newDesk(s.config, conn), Ready: s.readyChecks(reader, log),
		Gatherer: reg, Registry: reg, Log: s.log.Named("http"),
	})
	return err
}

func (s *service) openStorage(ctx context.Context, reg prometheus.Registerer) error {
	var err error
	if s.storage, err = openStorage(ctx, s.config, false, s.log, reg); err != nil {
		return err
	}
	s.onStop(s.storage.close)
	return nil
}

// prepareSchema applies pending migrations and compares
// the live tables with this binary.
func (s *service) prepareSchema(ctx context.Context) (driver.Conn, error) {
	migrator, err := clickhouse.OpenMigrator(ctx, s.storage.target)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(s.storage.target)
	if err != nil {
		return nil, errors.Join(err, migrator.Close())
	}
	s.onStop(func(context.Context) error { return conn.Close() })
	applied, err := migrator.Up(ctx)
	if err := errors.Join(err, migrator.Close()); err != nil {
		return nil, err
	}
	s.log.Info("schema is in place", zap.String("clickhouse", migrator.ServerVersion()), zap.Strings("applied", applied))
	return conn, clickhouse.CheckTables(ctx, conn, loader.Columns(), schema.Names())
}

func (s *service) bootstrapOptions() access.BootstrapOptions {
	return access.BootstrapOptions{
		Project: s.config.Project.Name, Timezone: s.config.Project.Timezone,
		WriteKey: s.config.WriteKey.Reveal(), ReadKey: s.config.ReadKey.Reveal(), KeyFile: keyFile(s.config),
	}
}

// openSpool opens the durable log. It is closed after the loader has brought in
// what it can: what is left is loaded after the next start.
func (s *service) openSpool(ctx context.Context, reg prometheus.Registerer) (*spool.Spool, error) {
	log, err := spool.Open(ctx, spoolOptions(s.config, s.log, reg))
	if err != nil {
		return nil, err
	}
	s.onStop(log.Close)
	return log, nil
}

func spoolOptions(c *config.Config, log *zap.Logger, reg prometheus.Registerer) spool.Options {
	o := spool.Options{
		Dir: c.SpoolDir(), SegmentBytes: int64(c.Spool.SegmentBytes), MaxBytes: int64(c.Spool.MaxBytes), MinFree: int64(c.Spool.MinFree),
		SyncInterval: c.Spool.SyncInterval, Grace: c.Spool.Grace, Log: log.Named("spool"), Registerer: reg,
	}
	if c.Spool.Acknowledge == "write" {
		o.Policy = spool.AckWrite
	}
	if c.Spool.Compression == "s2" {
		o.Compression = spool.S2
	}
	return o
}

func (s *service) startLoader(ctx context.Context, log *spool.Spool, conn driver.Conn, reg prometheus.Registerer) (*loader.Loader, error) {
	c := &s.config.Ingest
	inserter := clickhouse.NewInserter(s.storage.target)
	s.onStop(func(context.Context) error { return inserter.Close() })
	gate, err := s.enterFence(ctx, log, conn, reg)
	if err != nil {
		return nil, err
	}
	l, err := loader.Start(ctx, loader.Config{
		Journal:   filepath.Join(s.config.SpoolDir(), "loader.journal"),
		BatchRows: c.BatchRows, BatchBytes: int(c.BatchBytes), BatchAge: c.BatchAge, Inserters: c.Inserters,
		RetryMin: 100 * time.Millisecond, RetryMax: 5 * time.Second, Alone: s.storage.engine != nil || c.Reconcile == "force", Unsure: gate.Forgotten(),
		Boot: func(ctx context.Context) (string, error) { return s.storage.boot(ctx, conn) },
	}, loader.Deps{
		Log: log, Inserter: inserter, Tables: clickhouse.RawTables{Conn: conn}, Logger: s.log.Named("loader"), Registry: reg,
		Landed: clickhouse.Landed{Inserter: inserter, Conn: conn},
	})
	if err != nil {
		return nil, err
	}
	s.onStop(l.Stop)
	gate.Guard(l)
	return l, nil
}

// enterFence waits while a repair wants everything to stand still. The gate is
// left after the loader has stopped.
func (s *service) enterFence(ctx context.Context, log *spool.Spool, conn driver.Conn, reg prometheus.Registerer) (*fence.Gate, error) {
	host, _ := os.Hostname() // only for people
	gate, err := fence.Enter(ctx, clickhouse.Fences{Conn: conn}, fenceTimes,
		fence.Who{ID: log.IDString(), Host: host}, s.log.Named("fence"), reg)
	if err != nil {
		return nil, err
	}
	s.onStop(func(ctx context.Context) error {
		gate.Leave(ctx)
		return nil
	})
	return gate, nil
}

func (s *service) openIngest(ctx context.Context, log *spool.Spool, load *loader.Loader, erasing *erasure.Agent, conn driver.Conn, reg prometheus.Registerer) (*ingest.Service, error) {
	c := &s.config.Ingest
	visitor, err := enrich.New(enrich.Options{CountryDB: c.CountryDB, OnReload: func(err error) {
		if err != nil {
			s.log.Error("the country file was replaced and cannot be read; the old one stays in use", zap.Error(err))
		}
	}})
	if err != nil {
		return nil, fmt.Errorf("ingest.country-db: %w", err)
	}
	s.onStop(func(context.Context) error { return visitor.Close() })
	limits := event.DefaultLimits()
	limits.MaxAhead = c.FutureTolerance
	visitors := s.openVisitors(conn, reg)
	in := ingest.New(ingest.Config{
		Limits: limits, PassiveTypes: c.PassiveTypes, Window: c.DedupWindow, MaxIDs: c.DedupMaxIDs, WaitTimeout: c.WaitTimeout, RoomWait: c.RoomWait,
		Visitors: visitors, Blocked: erasing.Blocked,
	}, ingest.Deps{Log: log, Loading: load, Visitor: visitor, Clock: time.Now, Watcher: s.live}, reg)
	known, err := in.Refill(ctx, clickhouse.History{Conn: conn}, log, load.Loaded)
	if err != nil {
		return nil, err
	}
	s.log.Info("ids of the window are known again", zap.Int("ids", known))
	return in, nil
}

// startLive starts the live view. Without what the tables had it begins empty,
// says that its numbers are not exact, and looks again once somebody watches.
func (s *service) startLive(ctx context.Context, conn driver.Conn, reg prometheus.Registerer) {
	c := &s.config.Live
	s.live = live.New(live.Options{
		MaxReaders: c.MaxReaders, MaxPerKey: c.MaxReadersPerKey, MaxFilters: c.MaxFilters, MaxPersons: c.MaxPersons,
		Heartbeat: c.Heartbeat, Refresh: c.Refresh,
	}, clickhouse.History{Conn: conn}, time.Now, s.log.Named("live"), reg)
	s.onStop(s.live.Close)
	if err := s.live.Refill(ctx); err != nil {
		s.log.Warn("the live view begins without the last half hour", zap.Error(err))
	}
}

// openVisitors returns nil where browsers' visitors are not told apart.
func (s *service) openVisitors(conn driver.Conn, reg prometheus.Registerer) ingest.Visitors {
	c := &s.config.Tracking
	if c.Visitors == "none" {
		return nil
	}
	visitors := visitor.New(visitor.Options{SessionIdle: c.SessionIdle, MaxSessions: c.MaxSessions},
		clickhouse.Salts{Conn: conn}, time.Now, s.log.Named("visitors"), reg)
	s.onStop(func(context.Context) error { return visitors.Close() })
	return visitors
}

func (s *service) openReader(ctx context.Context, reg prometheus.Registerer) (*clickhouse.Reader, error) {
	q := &s.config.Query
	reader, err := clickhouse.OpenReader(s.storage.target, clickhouse.ReadLimits{
		Timeout: q.Timeout, MaxMemory: uint64(q.MaxMemory), MaxResultRows: uint64(q.MaxResultRows), MaxScanRows: uint64(q.MaxScanRows), MaxConcurrent: q.MaxConcurrent,
	}, reg)
	if err != nil {
		return nil, err
	}
	s.onStop(func(context.Context) error { return reader.Close() })
	if seen := reader.SeesSecrets(ctx); len(seen) > 0 {
		s.log.Warn("clickhouse.reader-user may read what only the writer should: renew the users from deploy/clickhouse", zap.Strings("tables", seen))
	}
	return reader, nil
}

// derivedProjects lists the projects for the job that derives.
type derivedProjects struct{ store *access.Store }

// Projects implements derived.Projects.
func (p derivedProjects) Projects(ctx context.Context) ([]derived.Project, error) {
	known, err := p.store.Projects(ctx)
	list := make([]derived.Project, 0, len(known))
	for _, k := range known {
		list = append(list, derivedProject(k))
	}
	return list, err
}

// refresher makes derived tables anew after an erasure.
type refresher struct {
	job   *derived.Job
	store *access.Store
}

// Refresh implements erasure.Derived.
func (r refresher) Refresh(ctx context.Context, project string, _ []time.Time) error {
	p, err := r.store.Project(ctx, project)
	if err != nil {
		return err
	}
	return r.job.Refresh(ctx, derivedProject(p))
}

func derivedProject(p access.StoredProject) derived.Project {
	return derived.Project{Name: p.Name, Zone: access.ZoneName(p.Zone), ZoneOn: func(day event.Day) string { return access.ZoneNameOn(p.Zone, day.String()) }}
}

func (s *service) newDeriving(store *access.Store, conn driver.Conn, reg prometheus.Registerer) *derived.Job {
	c := &s.config.Derived
	keep := 2 * max(c.Timeout, s.config.Query.Timeout)
	return derived.New(derived.Options{Every: c.Every, Timeout: c.Timeout, Keep: keep},
		clickhouse.Deriver{Conn: conn, MaxMemory: uint64(c.MaxMemory)}, derivedProjects{store}, s.log.Named("derived"), reg)
}

func (s *service) startDeriving(job *derived.Job) {
	if s.config.Derived.Every == 0 {
		return
	}
	stop := job.Start()
	s.onStop(func(context.Context) error {
		stop()
		return nil
	})
}

// openSessions is what signs browsers in.
func (s *service) openSessions(keys *access.Directory) (*access.Sessions, error) {
	c := &s.config.Access
	secret, err := access.SessionSecret(filepath.Join(s.config.DataDir, "sessions.json"), c.SessionSecret.Reveal())
	return &access.Sessions{Directory: keys, Secret: secret, Age: c.SessionAge, Clock: time.Now}, err
}

func (s *service) newReport(reader *clickhouse.Reader, reg prometheus.Registerer) *report.Service {
	limits := report.DefaultLimits()
	limits.MaxPeriods = s.config.Query.MaxPeriods
	return report.NewKeeping(reader, time.Now, limits, int(s.config.Query.CacheBytes), reg)
}

func (s *service) httpConfig() httpapi.Config {
	return httpapi.Config{
		MaxBodyBytes:   int(s.config.HTTP.MaxBodyBytes),
		MaxBodyMemory:  int64(s.config.HTTP.MaxBodyMemory),
		MinBodyRate:    int64(s.config.HTTP.MinBodyRate),
		BodyTimeout:    s.config.HTTP.BodyTimeout,
		WriteTimeout:   s.config.HTTP.WriteTimeout,
		TrustedProxies: s.config.HTTP.TrustedProxies,
		MaxLinkAge:     s.config.Access.MaxLinkAge,
		EmbedOrigins:   embedOrigins(s.config.Access.EmbedOrigins),
		Rates: httpapi.Rates{
			RequestsPerSecond: s.config.Limits.RequestsPerSecond, ItemsPerSecond: s.config.Limits.ItemsPerSecond, Burst: s.config.Limits.Burst,
		},
	}
}

// embedOrigins are origins as browsers write them; they were checked with the
// rest of the configuration.
func embedOrigins(list []string) []string {
	origins := make([]string, 0, len(list))
	for _, text := range list {
		if origin, err := access.ParseOrigin(text); err == nil {
			origins = append(origins, origin)
		}
	}
	return origins
}

var errNoRoom = errors.New("the spool is full")

func (s *service) readyChecks(reader *clickhouse.Reader, log *spool.Spool) []httpapi.Check {
	return []httpapi.Check{
		{Name: "ClickHouse does not answer", Ask: reader.Ping},
		{Name: "too much waits to be loaded", Ask: func(context.Context) error {
			if !log.Room() {
				return errNoRoom
			}
			return nil
		}},
	}
}

func (s *service) onStop(end func(context.Context) error) { s.closers = append(s.closers, end) }

// stop ends everything in the reverse order of starting: the loader brings in
// what is in the spool before the engine under it goes. Each has the whole time
// for itself: a loader that used its own up must not cost the engine its clean end.
func (s *service) stop() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.end(s.closers[i]))
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *service) end(closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.HTTP.ShutdownTimeout)
	defer cancel()
	return closer(ctx)
}
