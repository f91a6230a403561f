package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/foreign"
	"ibarura/internal/protocol/segment"
)

// segmentPaths are where Segment's and RudderStack's clients post, and the kind
// of call that they post there.
var segmentPaths = map[string]string{
	"/v1/batch": segment.Batch, "/v1/b": segment.Batch, "/v1/import": segment.Batch, "/beacon/v1/batch": segment.Batch,
	"/v1/track": segment.Track, "/v1/t": segment.Track,
	"/v1/page": segment.Page, "/v1/p": segment.Page,
	"/v1/screen": segment.Screen, "/v1/s": segment.Screen,
	"/v1/identify": segment.Identify, "/v1/i": segment.Identify,
	"/v1/group": segment.Group, "/v1/g": segment.Group,
	"/v1/alias": segment.Alias, "/v1/a": segment.Alias,
}

// postHogPaths are where PostHog's clients post.
var postHogPaths = []string{"/batch", "/capture", "/track", "/engage", "/e", "/i/v0/e"}

// clientRoutes are the routes of other products' clients: what they post, and
// what they ask for before they begin. docs/protocols.md names each.
func (s *Server) clientRoutes(both func(group *gin.RouterGroup, method, path string, h handler)) {
	open := &s.engine.RouterGroup

	for path, kind := range segmentPaths {
		both(open, http.MethodPost, path, s.postSegment(kind))
	}
	both(open, http.MethodGet, "/v1/projects/:key/settings", s.getSegmentSettings)
	both(open, http.MethodGet, "/sourceConfig", s.getSourceConfig)

	late := s.engine.Group("", dropsOn429)
	for _, path := range postHogPaths {
		both(late, http.MethodPost, path, s.postPostHog)
	}
	both(open, http.MethodPost, "/flags", s.postFlags)
	both(open, http.MethodPost, "/decide", s.postFlags)
	both(open, http.MethodGet, "/array/:key/config", s.getRemoteConfig)
	both(open, http.MethodGet, "/array/:key/config.js", s.getRemoteConfigScript)

	both(open, http.MethodPost, "/cloudevents", s.postCloudEvents)
	both(open, http.MethodPost, "/v1/logs", s.postLogs)
	both(open, http.MethodPost, "/api/event", s.postPlausible)
	both(open, http.MethodPost, "/api/v1/beacon", s.postBeacon)
}

// isAskedByPages reports whether a route is one that clients in pages ask before
// they post.
func isAskedByPages(path string) bool {
	return strings.HasPrefix(path, "/v1/projects/") || strings.HasPrefix(path, "/sourceConfig") || strings.HasPrefix(path, "/array/")
}

// clientBody is what the decoder of a client protocol makes of a body: it knows
// where the body has its key, and what it holds.
type clientBody interface {
	// WriteKey returns the key in the body, "" if there is none.
	WriteKey() string
	// Decode hands the items on.
	Decode(c foreign.Context, sink protocol.Sink) error
}

// takeFrom takes in what a client sends. Its key is in the headers, in a
// parameter of the address by the name that the client gives it, or in the body.
func (s *Server) takeFrom(c *gin.Context, parameter string, open func(body []byte) (clientBody, error)) (ingest.Result, error) {
	presented := presentedBeside(c, parameter)
	if presented != "" { // before the body takes time and memory
		if err := s.admit(c, presented, access.Write); err != nil {
			return ingest.Result{}, err
		}
	}
	if err := s.ingest.AwaitRoom(c.Request.Context()); err != nil {
		return ingest.Result{}, err
	}
	raw, done, err := s.readBody(c)
	if err != nil {
		return ingest.Result{}, err
	}
	defer done()
	body, err := open(raw)
	if err != nil {
		return ingest.Result{}, err
	}
	if presented == "" {
		if err := s.admit(c, body.WriteKey(), access.Write); err != nil {
			return ingest.Result{}, err
		}
	}
	return s.takeItems(c, body.Decode)
}

// takeItems brings in what decode reads.
func (s *Server) takeItems(c *gin.Context, decode func(foreign.Context, protocol.Sink) error) (ingest.Result, error) {
	req, err := s.writeRequest(c)
	if err != nil {
		return ingest.Result{}, err
	}
	about := foreign.Context{Limits: s.ingest.Limits(), Now: event.MillisOf(s.ingest.Now()), UserAgent: req.UserAgent}
	result, err := s.ingest.Items(c.Request.Context(), req, func(sink protocol.Sink) error { return decode(about, sink) })
	if err != nil {
		return result, withResult(err, &result)
	}
	return result, nil
}

// presentedBeside returns the key that a request has in its headers or, since a
// browser cannot set them for a beacon, in its address. Addresses are not logged
// here; proxies in front do log them, so that only write keys belong there.
func presentedBeside(c *gin.Context, parameter string) string {
	if key := access.FromRequest(c.Request); key != "" || parameter == "" {
		return key
	}
	return c.Query(parameter)
}
