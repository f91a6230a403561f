// Package ingest decides what becomes of an item: it checks it, stamps it with
// its person and local day, recognizes a producer's retry by its id, and
// appends its row to the spool. On the way from POST to chart it stands between
// the protocols, which read bytes, and the spool, which keeps them; the answer
// to the producer is made here, once the rows are on disk.
package ingest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// Log keeps rows over a crash.
type Log interface {
	// Append takes records as one unit and copies them. The ticket tells when
	// they are durable. spool.ErrFull: there is no room for the moment.
	Append(ctx context.Context, records []spool.Record) (*spool.Ticket, error)
	// Durable is the position up to which everything is durable.
	Durable() spool.LSN
	// Room reports whether Append has room; it is asked before work is done.
	Room() bool
}

// Loading brings what is in the log into the tables.
type Loading interface {
	// Await returns when every row before a position can be queried.
	Await(ctx context.Context, position spool.LSN) error
}

// Visitor tells what a page view's URL, referrer, user agent and address imply.
type Visitor interface {
	Visit(pv *event.PageView, out *event.Visit)
}

// Visitors tells people apart who do not say who they are. Any goroutine may
// call it.
type Visitors interface {
	// Visitor returns an anonymous id for whoever uses a browser at an address,
	// the same within a local day of zone; "" if it cannot be told.
	Visitor(ctx context.Context, project string, zone *time.Location, address, userAgent string, now time.Time) string
	// Session returns the session that who is in, whom Visitor gave the id
	// visitor; "" for none.
	Session(project string, who event.Identity, visitor string, now time.Time) string
}

// Watcher is shown the rows that are taken in. Any goroutine may call it.
type Watcher interface {
	// Offer shows a block of a project's rows that have just become durable. It
	// never waits. True: the watcher reads the block and calls release once when
	// it is done; false: it wants nothing of it.
	Offer(project string, block *rowblock.Block, release func()) bool
}

// Config bounds and shapes what is taken in.
type Config struct {
	Limits       event.Limits
	PassiveTypes []string      // event types that make nobody active
	Window       time.Duration // how long an id is remembered; 0: not at all
	MaxIDs       int           // how many ids are remembered at most
	WaitTimeout  time.Duration // how long wait=true may take, and a stream wait for room
	RoomWait     time.Duration // how long a request waits for room before it is turned away
	Visitors     Visitors      // names whom browsers send items of; nil: nobody does
	// Blocked reports whether rows of a person are refused; nil: nobody's are.
	Blocked func(project string, person uint64) bool
}

// Deps is what the service works with.
type Deps struct {
	Log     Log
	Loading Loading
	Visitor Visitor
	Clock   func() time.Time
	Watcher Watcher // nil: nobody watches
}

// Project is whose items they are and the zone that cuts its days.
type Project struct {
	Name string
	Zone *time.Location
}

// Request is one call of a producer.
type Request struct {
	Project        Project
	Wait           bool   // answer once the rows can be queried
	IdempotencyKey string // makes ids for items that have none; empty: each is new

	// StillAllowed is asked again during a request that lasts, at most once a
	// second; its error ends the request. Nil: nobody is asked.
	StillAllowed func(ctx context.Context) error

	// UserAgent and IP are the visitor's, for items that do not say: set them
	// if a browser sent the request, and not a producer's own client.
	UserAgent, IP string

	// Spend is told of the items that were read since the last time, good or
	// not, every 256 of them and at the end. It may wait, which gives a long
	// stream its pace; its error ends the request. Nil: nobody is told.
	Spend func(ctx context.Context, items int) error
}

// ErrOverloaded means that nothing more can be taken in for the moment.
var ErrOverloaded = errors.New("the server is behind and takes nothing more for the moment")

// ErrNotDurable means that rows could not be brought to the disk. They are not
// counted: a retry with the same ids is needed and counts once.
var ErrNotDurable = errors.New("the items could not be written to the disk")

// ErrNotQueryable means that rows were taken in but could not be queried
// within the time that wait=true may take. They will be: a retry with the same
// ids counts nothing twice.
var ErrNotQueryable = errors.New("the items were taken in but cannot be queried yet")

// Service takes items in. It is safe for concurrent use.
type Service struct {
	config  Config
	log     Log
	loading Loading
	visitor Visitor
	watcher Watcher
	passive map[string]bool
	seen    *Window
	metrics *metrics
	clock   func() time.Time
	listed  atomic.Int64 // rejections in the results of requests under way
}

// New returns a Service.
func New(config Config, deps Deps, reg prometheus.Registerer) *Service {
	s := &Service{
		config: config, log: deps.Log, loading: deps.Loading, visitor: deps.Visitor, watcher: deps.Watcher, clock: deps.Clock,
		passive: map[string]bool{},
		seen:    NewWindow(config.Window, config.MaxIDs),
	}
	for _, t := range config.PassiveTypes {
		s.passive[t] = true
	}
	s.metrics = newMetrics(reg, s.seen)
	return s
}

// Limits returns the limits that decoders apply.
func (s *Service) Limits() *event.Limits { return &s.config.Limits }

// Events takes in the events that decode hands to the sink. When decode fails
// in the middle of a stream, the result tells what was taken in before.
func (s *Service) Events(ctx context.Context, req Request, decode func(protocol.EventSink) error) (Result, error) {
	return s.Items(ctx, req, func(sink protocol.Sink) error { return decode(sink) })
}

// PageViews is to page views what Events is to events.
func (s *Service) PageViews(ctx context.Context, req Request, decode func(protocol.PageViewSink) error) (Result, error) {
	return s.Items(ctx, req, func(sink protocol.Sink) error { return decode(sink) })
}

// Items takes in what decode hands to the sink, events and page views mixed, as
// the client protocols send them. Indexes of both kinds count together.
func (s *Service) Items(ctx context.Context, req Request, decode func(protocol.Sink) error) (Result, error) {
	in := &intake{service: s, ctx: ctx, req: req, ids: idSource(req), result: Result{Rejected: []Rejected{}}}
	in.event.Project = req.Project.Name
	in.page.Project = req.Project.Name
	defer in.batch.release()
	return in.run(func() error { return decode(in) })
}

// idSource returns what the ids of items without one begin with: a hash of the
// idempotency key, so that a retry makes the same ids, or random bytes.
func idSource(req Request) string {
	if req.IdempotencyKey != "" {
		return fmt.Sprintf("k%016x%016x", xxhash.Sum64String("0"+req.IdempotencyKey), xxhash.Sum64String("1"+req.IdempotencyKey))
	}
	var room [12]byte
	_, _ = rand.Read(room[:]) // never fails, see crypto/rand
	return "r" + hex.EncodeToString(room[:])
}

// Now returns the time that items are received at.
func (s *Service) Now() time.Time { return s.clock() }
