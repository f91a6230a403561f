package httpapi

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
)

// preflightAge is how long, in seconds, a browser may remember that a page may
// post: two hours is the longest that Chromium takes.
const preflightAge = "7200"

// exposed are the headers of an answer that a page's script may read.
const exposed = "Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"

// requestHeaders is what a browser asks for when it names the headers that it
// is going to send.
var requestHeaders = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}$")

// allowPreflights answers browsers that ask beforehand whether a page may post:
// on every route that is posted to, but for those that read or sign in, and on those that
// other products' clients ask before they post. It is called once all routes are
// there.
func (s *Server) allowPreflights() {
	s.writing = map[string]bool{}
	for _, route := range s.engine.Routes() {
		posted := route.Method == http.MethodPost && !strings.HasPrefix(route.Path, "/api/v1/analytics") && !strings.HasPrefix(route.Path, sessionPath)
		if (posted || isAskedByPages(route.Path)) && !s.writing[route.Path] {
			s.writing[route.Path] = true
			s.engine.OPTIONS(route.Path, s.preflight)
		}
	}
}

// foreignOrigin returns the origin of the page that sent the request, if it is
// not a page of this server; "" without one, as other programs send it. The
// host alone is compared: behind a proxy the scheme may be another one.
func foreignOrigin(r *http.Request) string {
	origin := r.Header.Get("Origin")
	if parsed, err := url.Parse(origin); err == nil && parsed.Host != "" && strings.EqualFold(parsed.Host, r.Host) {
		return ""
	}
	return origin
}

// crossOrigin lets pages read the answers to what they post, if some project
// allows their origin. Whether it is the right project is seen when the key is
// known. Reading is for pages of this server only.
func (s *Server) crossOrigin(c *gin.Context) {
	if !s.writing[c.FullPath()] {
		c.Next()
		return
	}
	c.Writer.Header().Add("Vary", "Origin")
	origin := foreignOrigin(c.Request)
	if origin != "" {
		if allowed, err := s.keys.AnyAllowsOrigin(c.Request.Context(), origin); err == nil && allowed {
			c.Header("Access-Control-Allow-Origin", origin)
			c.Header("Access-Control-Expose-Headers", exposed)
		}
	}
	c.Next()
}

// preflight answers before a page posts. The browser names the origin but
// sends no key, so that the origins of all projects together decide; any header
// may come, since credentials never do.
func (s *Server) preflight(c *gin.Context) {
	if foreignOrigin(c.Request) != "" && c.Writer.Header().Get("Access-Control-Allow-Origin") == "" {
		s.fail(c, s.originRefused())
		return
	}
	c.Writer.Header().Add("Vary", "Access-Control-Request-Headers")
	c.Header("Access-Control-Allow-Methods", "GET, POST")
	if asked := c.GetHeader("Access-Control-Request-Headers"); requestHeaders.MatchString(asked) {
		c.Header("Access-Control-Allow-Headers", asked)
	}
	c.Header("Access-Control-Max-Age", preflightAge)
	c.Status(http.StatusNoContent)
}

// admitOrigin refuses what a page of another origin posts with the key of a
// project that does not allow that origin. The browser would not show the page
// the answer, but it has sent the request all the same.
func (s *Server) admitOrigin(c *gin.Context, project *access.Project) error {
	origin := foreignOrigin(c.Request)
	if origin == "" || !s.writing[c.FullPath()] || project.AllowsOrigin(origin) {
		return nil
	}
	return s.originRefused()
}

func (s *Server) originRefused() error {
	s.metrics.origins.Inc()
	return problem(http.StatusForbidden, "origin_not_allowed",
		"pages of this origin may not post here: ibarura keys project origins allows them")
}
