package live

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// Options bound the live view. All have to be positive but where it says
// otherwise.
type Options struct {
	MaxReaders    int // at the same time; 0: nobody may watch
	MaxPerKey     int // of them with the same key
	MaxFilters    int // distinct ones at the same time, over all projects
	MaxPersons    int // of a project that are known one by one
	Heartbeat     time.Duration
	Refresh       time.Duration // between two looks into the tables for a project that is watched; 0: none
	RecheckAccess time.Duration // between two looks at whether a key is still good; 0: half a second
}

// The queue of blocks that were taken in and are not counted yet.
const (
	maxOffers = 512
	maxHeld   = 16 << 20 // bytes, about
)

// Hub counts what is taken in and tells its readers. It is safe for concurrent
// use.
type Hub struct {
	options Options
	history History
	clock   func() time.Time
	log     *zap.Logger
	metrics *metrics

	offers  chan offer
	held    atomic.Int64  // bytes in offers
	dropped atomic.Uint32 // slot in which an offer was last dropped
	whole   atomic.Bool   // the tables have been read

	ctx     context.Context // of what the hub does by itself
	stop    context.CancelFunc
	wake    chan struct{} // something is watched that was not
	running sync.WaitGroup

	mu          sync.Mutex
	projects    map[string]*project
	credentials map[string]*holders
	keys        map[string]int // readers
	readers     int
	topics      int
	ending      bool
	gone        *sync.Cond // a reader has left
}

// offer is a block on its way to the hub.
type offer struct {
	project string
	block   *rowblock.Block
	bytes   int64
	release func()
}

// New returns a hub at work. Close ends it.
func New(o Options, history History, clock func() time.Time, log *zap.Logger, reg prometheus.Registerer) *Hub {
	if o.RecheckAccess == 0 {
		o.RecheckAccess = 500 * time.Millisecond
	}
	h := &Hub{
		options: o, history: history, clock: clock, log: log,
		offers: make(chan offer, maxOffers), wake: make(chan struct{}, 1),
		projects: map[string]*project{}, credentials: map[string]*holders{}, keys: map[string]int{},
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.gone = sync.NewCond(&h.mu)
	h.metrics = newMetrics(reg, h)
	h.running.Go(h.run)
	h.running.Go(h.recheck)
	h.running.Go(h.refresh)
	return h
}

// Offer implements ingest.Watcher: it never waits, and says no while the queue
// is full.
func (h *Hub) Offer(project string, b *rowblock.Block, release func()) bool {
	if h.options.MaxReaders == 0 {
		return false
	}
	bytes := int64(b.Size())
	if h.held.Add(bytes) <= maxHeld {
		select {
		case h.offers <- offer{project, b, bytes, release}:
			return true
		default:
		}
	}
	h.held.Add(-bytes)
	h.dropped.Store(uint32(h.slot(h.clock())))
	h.metrics.dropped.Add(float64(b.Rows()))
	return false
}

func (h *Hub) slot(now time.Time) slot { return slotOf(event.MillisOf(now)) }

func (h *Hub) run() {
	next := time.NewTimer(h.pace())
	defer next.Stop()
	for {
		select {
		case o := <-h.offers:
			h.fold(o)
		case <-next.C:
			h.tick()
			next.Reset(h.pace())
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *Hub) fold(o offer) {
	now := h.clock()
	rows := o.block.Rows()
	h.mu.Lock()
	h.at(o.project, now).fold(o.block, now)
	h.mu.Unlock()
	o.release()
	h.held.Add(-o.bytes)
	h.metrics.rows.Add(float64(rows))
}

// at returns a project with its window at a moment.
func (h *Hub) at(name string, now time.Time) *project {
	p := h.projects[name]
	if p == nil {
		p = &project{topics: map[string]*topic{}}
		h.projects[name] = p
	}
	if p.window == nil {
		p.window = newWindow(h.options.MaxPersons, h.slot(now), h.whole.Load())
	}
	p.window.advance(h.slot(now))
	return p
}

// Close ends every reader and the hub, and waits until ctx ends for both.
func (h *Hub) Close(ctx context.Context) error {
	h.EndReaders()
	stop := context.AfterFunc(ctx, h.gone.Broadcast)
	defer stop()
	h.mu.Lock()
	for h.readers > 0 && ctx.Err() == nil {
		h.gone.Wait()
	}
	h.mu.Unlock()
	h.stop()
	h.running.Wait()
	return ctx.Err()
}

// EndReaders ends every reader and takes no other: the server stops.
func (h *Hub) EndReaders() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ending = true
	for _, with := range h.credentials {
		for r := range with.readers {
			h.end(r, EndStopping)
		}
	}
}

// end tells a reader to go. Its room is free once it has gone.
func (h *Hub) end(r *Reader, why *End) {
	if r.end(why) {
		h.metrics.ended.WithLabelValues(why.Reason).Inc()
	}
	h.forget(r)
}
