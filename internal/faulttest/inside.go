package faulttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enrich"
	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/loader"
	"ibarura/internal/protocol"
	"ibarura/internal/spool"
)

// Inside is the way from a batch to the tables within this process: ingest,
// spool and loader as serve joins them, on a file system of the caller's and a
// real ClickHouse. It is a Door; Start and the ways to end it are for one
// goroutine at a time.
type Inside struct {
	Target clickhouse.Target
	Dir    string
	FS     spool.FS
	Zones  map[string]*time.Location // of projects

	running atomic.Pointer[parts]
}

// parts is one life of the service.
type parts struct {
	log      *spool.Spool
	load     *loader.Loader
	service  *ingest.Service
	inserter *clickhouse.Inserter
	conn     driver.Conn
}

// InsideOptions are how the parts are started.
type InsideOptions struct {
	Setup
	Logger *zap.Logger // nil: none
}

var compressions = map[string]spool.Compression{"s2": spool.S2}

// Start brings the service up. On an error nothing is left running.
func (s *Inside) Start(ctx context.Context, o InsideOptions) error {
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	p := &parts{inserter: clickhouse.NewInserter(s.Target)}
	reg := prometheus.NewRegistry()
	for _, step := range []func(context.Context, InsideOptions, *prometheus.Registry, *parts) error{s.connect, s.openSpool, s.startLoader, s.openIngest} {
		if err := step(ctx, o, reg, p); err != nil {
			return errors.Join(err, p.end(ctx))
		}
	}
	s.running.Store(p)
	return nil
}

func (s *Inside) connect(_ context.Context, _ InsideOptions, _ *prometheus.Registry, p *parts) (err error) {
	p.conn, err = clickhouse.Open(s.Target)
	return err
}

func (s *Inside) openSpool(ctx context.Context, o InsideOptions, reg *prometheus.Registry, p *parts) (err error) {
	p.log, err = spool.Open(ctx, spool.Options{
		Dir: s.Dir, FS: s.FS, SegmentBytes: o.SegmentBytes, MaxBytes: o.MaxBytes, Compression: compressions[o.Compression],
		Grace: o.Grace, Log: o.Logger, Registerer: reg,
	})
	return err
}

func (s *Inside) startLoader(ctx context.Context, o InsideOptions, reg *prometheus.Registry, p *parts) (err error) {
	p.load, err = loader.Start(ctx, loader.Config{
		Journal: s.journal(), BatchRows: o.BatchRows, BatchBytes: 32 << 20, BatchAge: o.BatchAge,
		Inserters: o.Inserters, RetryMin: 20 * time.Millisecond, RetryMax: time.Second, Alone: true,
	}, loader.Deps{Log: p.log, Inserter: p.inserter, Tables: clickhouse.RawTables{Conn: p.conn},
		Landed: clickhouse.Landed{Inserter: p.inserter, Conn: p.conn}, Logger: o.Logger, Registry: reg})
	return err
}

func (s *Inside) openIngest(ctx context.Context, _ InsideOptions, reg *prometheus.Registry, p *parts) error {
	visitor, err := enrich.New(enrich.Options{})
	if err != nil {
		return err
	}
	p.service = ingest.New(ingest.Config{
		Limits: event.DefaultLimits(), PassiveTypes: []string{"notification_sent"}, Window: 24 * time.Hour, MaxIDs: 4_000_000,
		WaitTimeout: 5 * time.Second, RoomWait: 100 * time.Millisecond,
	}, ingest.Deps{Log: p.log, Loading: p.load, Visitor: visitor, Clock: time.Now}, reg)
	_, err = p.service.Refill(ctx, clickhouse.History{Conn: p.conn}, p.log, p.load.Loaded)
	return err
}

func (s *Inside) journal() string { return filepath.Join(s.Dir, "loader.journal") }

// Stop ends the service politely: it loads what is durable, unless ctx ends
// first.
func (s *Inside) Stop(ctx context.Context) error {
	p := s.running.Swap(nil)
	if p == nil {
		return nil
	}
	return p.end(ctx)
}

// Abandon ends the service as the end of its process would: nothing more is
// loaded. Its file system has to fail every call by then.
func (s *Inside) Abandon() {
	dead, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Stop(dead) // that it could not end well is the point
}

func (p *parts) end(ctx context.Context) error {
	var errs []error
	if p.load != nil {
		errs = append(errs, p.load.Stop(ctx))
	}
	errs = append(errs, p.inserter.Close())
	if p.log != nil {
		errs = append(errs, p.log.Close(context.WithoutCancel(ctx)))
	}
	if p.conn != nil {
		errs = append(errs, p.conn.Close())
	}
	return errors.Join(errs...)
}

// Send takes a batch in as the routes of the API do.
func (s *Inside) Send(ctx context.Context, b *Batch, cut int) (Answer, error) {
	p := s.running.Load()
	if p == nil {
		return Answer{}, errClosed
	}
	body, err := b.open(cut)
	if err != nil {
		return Answer{}, err
	}
	result, err := s.take(ctx, p.service, b, body)
	if err != nil {
		return Answer{}, err // whichever it is: the producer repeats
	}
	return Answer{Status: http.StatusOK, Accepted: result.Accepted, Duplicates: result.Duplicates, Rejected: len(result.Rejected) + result.Unlisted}, nil
}

func (s *Inside) take(ctx context.Context, service *ingest.Service, b *Batch, body io.Reader) (ingest.Result, error) {
	req := ingest.Request{Project: ingest.Project{Name: b.Project, Zone: s.Zones[b.Project]}, Wait: b.Wait}
	limits := service.Limits()
	if b.Lines {
		if b.Kind == Events {
			return service.Events(ctx, req, func(sink protocol.EventSink) error { return protocol.DecodeEventLines(body, limits, sink) })
		}
		return service.PageViews(ctx, req, func(sink protocol.PageViewSink) error { return protocol.DecodePageViewLines(body, limits, sink) })
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return ingest.Result{}, err
	}
	if b.Kind == Events {
		return service.Events(ctx, req, func(sink protocol.EventSink) error { return protocol.DecodeEvents(text, limits, sink) })
	}
	return service.PageViews(ctx, req, func(sink protocol.PageViewSink) error { return protocol.DecodePageViews(text, limits, sink) })
}

// open gives the objects of the body, up to where it breaks.
func (b *Batch) open(cut int) (io.Reader, error) {
	if !b.Gzip {
		return b.reader(cut), nil
	}
	r, err := gzip.NewReader(b.reader(cut))
	if err != nil {
		return nil, fmt.Errorf("a body of %d bytes, cut after %d: %w", len(b.Body), cut, err)
	}
	return r, nil
}

// journalLoss takes back what a loss of power could of the loader's journal:
// the lines after the last one that was synced, from some byte on.
func journalLoss(text []byte, luck func(n int) int) []byte {
	synced := 0
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			break
		}
		line := text[at : at+end+1]
		at += end + 1
		if !bytes.Contains(line, []byte(`"finish"`)) {
			synced = at
		}
	}
	return text[:synced+luck(len(text)-synced+1)]
}
