// Package httpapi is the front door: it authenticates, reads bodies and query
// strings, calls ingest or report, and writes the answer. Both ends of the way
// from POST to chart pass through it. Handlers return values and errors; one
// place responds.
package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/semaphore"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/export"
	"ibarura/internal/ingest"
	"ibarura/internal/live"
	"ibarura/internal/report"
)

// Config bounds what a stranger may send and how slowly.
type Config struct {
	MaxBodyBytes  int           // decompressed bytes of a body that is not a stream
	MaxBodyMemory int64         // bytes of all bodies under way, decompressors of streams apart
	MinBodyRate   int64         // bytes a second of a body that is not a stream; 0: any
	BodyTimeout   time.Duration // longest pause between two reads of a body
	WriteTimeout  time.Duration // longest time for sending an answer
	Rates         Rates         // of each key

	MaxLinkAge   time.Duration // of links to views, whole days
	EmbedOrigins []string      // besides this server's own, whose pages may frame views; as access.ParseOrigin has them

	// TrustedProxies are the addresses or networks whose X-Forwarded-For is
	// believed; empty: nobody's.
	TrustedProxies []string
}

// Keys tells who presents an API key, if the key may do what needs a scope;
// else access.ErrUnauthorized, ErrForbidden or ErrUnavailable.
type Keys interface {
	Authorize(ctx context.Context, presented string, needed access.Scope) (access.Principal, error)
	// AnyAllowsOrigin reports whether pages of this origin may use a key of
	// some project.
	AnyAllowsOrigin(ctx context.Context, origin string) (bool, error)
}

// Sessions tells a browser that has presented a key by a token: Issue makes one
// that is good until the moment returned, Authorize says whose it is and until
// when, else an error as Keys.Authorize has them.
type Sessions interface {
	Issue(who access.Principal) (token string, ends time.Time)
	Authorize(ctx context.Context, token string, needed access.Scope) (access.Principal, time.Time, error)
}

// Check is one thing that has to be well for the service to be ready; it
// returns the reason if it is not.
type Check struct {
	Name string
	Ask  func(ctx context.Context) error
}

// Deps is what the server works with.
type Deps struct {
	Keys     Keys
	Sessions Sessions
	Ingest   *ingest.Service
	Report   *report.Service
	Erasing  Erasing
	Keeping  KeyKeeping
	Links    Links
	Linking  LinkKeeping
	Kept     func(ctx context.Context) ([]clickhouse.Retention, error) // how long rows of each project are
	Desk     Desk
	Raw      *export.Raw // nil: raw rows are not exported
	Live     *live.Hub
	Ready    []Check
	Gatherer prometheus.Gatherer // shown at /metrics
	Log      *zap.Logger
	Registry prometheus.Registerer
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	config   Config
	keys     Keys
	sessions Sessions
	ingest   *ingest.Service
	report   *report.Service
	erasing  Erasing
	keeping  KeyKeeping
	links    Links
	linking  LinkKeeping
	kept     func(ctx context.Context) ([]clickhouse.Retention, error)
	desk     Desk
	raw      *export.Raw
	live     *live.Hub
	ready    readiness
	log      *zap.Logger
	metrics  *metrics
	engine   *gin.Engine

	bodies    *bodyMemory         // of bodies under way
	windows   *bodyMemory         // of the decompressors of streams
	unpacking *semaphore.Weighted // bodies that are decompressed at once
	rates     *rates
	writing   map[string]bool // routes that pages of other origins may use
}

// New returns the server with all its routes.
func New(config Config, deps Deps) (*Server, error) {
	gin.SetMode(gin.ReleaseMode)
	s := &Server{
		config: config, keys: deps.Keys, sessions: deps.Sessions, ingest: deps.Ingest, report: deps.Report, raw: deps.Raw, live: deps.Live,
		erasing: deps.Erasing, keeping: deps.Keeping, kept: deps.Kept, desk: deps.Desk, links: deps.Links, linking: deps.Linking,
		ready: readiness{checks: deps.Ready}, log: deps.Log, metrics: newMetrics(deps.Registry), engine: gin.New(),
	}
	s.engine.RedirectTrailingSlash = false
	s.engine.RedirectFixedPath = false
	s.engine.HandleMethodNotAllowed = true
	s.engine.ContextWithFallback = true
	if err := s.engine.SetTrustedProxies(config.TrustedProxies); err != nil {
		return nil, fmt.Errorf("http.trusted-proxies: %w", err)
	}
	s.bodies = newBodyMemory(config.MaxBodyMemory, s.metrics.bodiesRefused)
	s.windows = newBodyMemory(max(config.MaxBodyMemory/2, windows["br"]), s.metrics.bodiesRefused)
	s.unpacking = semaphore.NewWeighted(int64(max(2, runtime.GOMAXPROCS(0))))
	s.metrics.watch(deps.Registry, s.bodies, s.windows)
	s.rates = newRates(config.Rates, s.metrics.limited)
	s.routes(deps.Gatherer)
	s.allowPreflights()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }
