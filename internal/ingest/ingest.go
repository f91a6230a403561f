// Package ingest decides what becomes of an item: it checks it, recognizes a
// producer's retry by its id, stamps it with its person and local day, and
// hands it to the loader. On the way from POST to chart it stands between the
// protocols, which read bytes, and the loader, which writes tables; the answer
// to the producer is made here.
package ingest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
)

// Store takes rows that are to be counted. It copies what it keeps.
type Store interface {
	// AddEvent and AddPageView take one row each and never fail.
	AddEvent(r *event.Row)
	AddPageView(r *event.PageRow)
	// Room reports whether rows may be added; it is asked before.
	Room() bool
	// Flush returns when all rows added before can be queried.
	Flush(ctx context.Context) error
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

// Config bounds and shapes what is taken in.
type Config struct {
	Limits       event.Limits
	PassiveTypes []string      // event types that make nobody active
	Window       time.Duration // how long an id is remembered; 0: not at all
	MaxIDs       int           // how many ids are remembered at most
	WaitTimeout  time.Duration // how long wait=true may take, and a stream wait for room
	RoomWait     time.Duration // how long a request waits for room before it is turned away
	Visitors     Visitors      // names whom browsers send items of; nil: nobody does
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

// ErrNotQueryable means that rows were taken in but could not be queried
// within the time that wait=true may take. They will be: a retry with the same
// ids counts nothing twice.
var ErrNotQueryable = errors.New("the items were taken in but cannot be queried yet")

// Service takes items in. It is safe for concurrent use.
type Service struct {
	config  Config
	store   Store
	visitor Visitor
	passive map[string]bool
	seen    *Window
	metrics *metrics
	clock   func() time.Time
	listed  atomic.Int64 // rejections in the results of requests under way

	// adding is held for reading from the look at an id until its row is
	// stored: whoever has taken it for writing knows that every id known so far
	// has its row in the store.
	adding sync.RWMutex
}

// New returns a Service that stores into store.
func New(config Config, store Store, visitor Visitor, clock func() time.Time, reg prometheus.Registerer) *Service {
	s := &Service{
		config:  config,
		store:   store,
		visitor: visitor,
		passive: map[string]bool{},
		seen:    NewWindow(config.Window, config.MaxIDs),
		clock:   clock,
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
	sink := &eventSink{intake: s.begin(ctx, req, "event")}
	sink.row.Project = req.Project.Name
	return sink.run(func() error { return decode(sink) })
}

// PageViews is to page views what Events is to events.
func (s *Service) PageViews(ctx context.Context, req Request, decode func(protocol.PageViewSink) error) (Result, error) {
	sink := &pageSink{intake: s.begin(ctx, req, "page_view")}
	sink.row.Project = req.Project.Name
	return sink.run(func() error { return decode(sink) })
}

func (s *Service) begin(ctx context.Context, req Request, kind string) intake {
	return intake{service: s, ctx: ctx, req: req, kind: kind, ids: idSource(req), result: Result{Rejected: []Rejected{}}}
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

// intake is the work on one request.
type intake struct {
	service  *Service
	ctx      context.Context
	req      Request
	kind     string
	now      time.Time
	received event.Millis
	ids      string
	result   Result
	taken    int
	allowed  time.Time // when StillAllowed was last known to hold
	counted  counts    // of the result, in the metrics
	spent    int       // of taken, told to Spend
	visitor  string    // whom Visitors takes the sender for
	named    bool      // visitor has been asked for
}

// allowedFor is how long the word of StillAllowed is taken for granted.
const allowedFor = time.Second

// tick takes the time of an item's arrival. A stream may last for hours: time
// goes on in it, and its key may be revoked.
func (in *intake) tick() error {
	in.now = in.service.clock()
	in.received = event.MillisOf(in.now)
	if in.allowed.IsZero() {
		in.allowed = in.now
	}
	if in.req.StillAllowed == nil || in.now.Sub(in.allowed) < allowedFor {
		return nil
	}
	in.allowed = in.now
	return in.req.StillAllowed(in.ctx)
}

func (in *intake) run(decode func() error) (Result, error) {
	if err := in.service.AwaitRoom(in.ctx); err != nil {
		return in.result, err
	}
	defer in.finish()
	if err := decode(); err != nil {
		return in.result, err
	}
	if in.req.Wait {
		return in.result, in.wait()
	}
	return in.result, nil
}

// finish brings the metrics up to date, whatever became of the request.
func (in *intake) finish() {
	in.count()
	_ = in.spend() // too late to end the request; the next one pays
	in.service.unlist(len(in.result.Rejected))
	in.service.metrics.request.WithLabelValues(in.kind).Observe(float64(in.counted.received()))
}

func (in *intake) wait() error {
	// A duplicate's first copy may belong to another request that is just
	// storing it.
	in.service.adding.Lock()
	in.service.adding.Unlock() //nolint:staticcheck // SA2001: passing through is the point
	ctx, cancel := context.WithTimeout(in.ctx, in.service.config.WaitTimeout)
	defer cancel()
	if err := in.service.store.Flush(ctx); err != nil {
		return errors.Join(ErrNotQueryable, err)
	}
	return nil
}

// roomEvery is how many items of a stream pass between two looks at the room.
const roomEvery = 256

// admit gives a long stream its pace: it waits while the store has no room, so
// that the stream slows down instead of growing in memory.
func (in *intake) admit() error {
	in.taken++
	if in.taken%roomEvery != 0 {
		return nil
	}
	in.count()
	if err := in.spend(); err != nil {
		return err
	}
	return in.service.awaitRoom(in.ctx, in.service.config.WaitTimeout)
}

// spend tells of what was read since the last time.
func (in *intake) spend() error {
	items := in.taken - in.spent
	if in.req.Spend == nil || items == 0 {
		return nil
	}
	in.spent = in.taken
	return in.req.Spend(in.ctx, items)
}

// lookForRoom is the pause between two looks at a store without room.
const lookForRoom = 5 * time.Millisecond

// AwaitRoom returns when there is room for a request, or ErrOverloaded if there
// is none for a while: a moment's wait costs a producer less than being sent
// away and coming back.
func (s *Service) AwaitRoom(ctx context.Context) error {
	return s.awaitRoom(ctx, s.config.RoomWait)
}

func (s *Service) awaitRoom(ctx context.Context, patience time.Duration) error {
	if s.store.Room() {
		return nil
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(lookForRoom)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if s.store.Room() {
				return nil
			}
		case <-deadline.C:
			s.metrics.overloaded.Inc()
			return ErrOverloaded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// identify gives the item an id if it has none and reports whether it is new.
func (in *intake) identify(id string, index int) (string, bool) {
	if id == "" {
		id = in.ids + "-" + strconv.Itoa(index)
		if in.req.IdempotencyKey == "" {
			return id, true
		}
	}
	if in.service.config.Window == 0 {
		return id, true
	}
	if !in.service.seen.Add(KeyOf(in.req.Project.Name, in.kind, id), in.now) {
		in.result.Duplicates++
		return id, false
	}
	return id, true
}

// Reject notes an item that could not be read.
func (in *intake) Reject(index int, r *event.Rejection) error {
	in.result.reject(index, r, in.service.mayList(len(in.result.Rejected)))
	return in.admit()
}

// stamp fills in what every row gets.
func (in *intake) stamp(st *event.Stamp, at event.Millis, who event.Identity) {
	st.Day = event.DayOf(at, in.req.Project.Zone)
	st.Person = event.PersonOf(who)
	st.ReceivedAt = in.received
}
