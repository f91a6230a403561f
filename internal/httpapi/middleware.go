package httpapi

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"ibarura/internal/access"
)

// Keys of what middleware leaves in the request's context.
const (
	keyRequestID   = "request_id"
	keyPrincipal   = "principal"
	keyPresented   = "presented" // the key itself
	keyToken       = "token"     // of the session, if it has no key
	keyCode        = "code"
	keyDropsOn429  = "drops_on_429"
	keyLasting     = "lasting" // the answer lasts as long as the client wants
	keySessionEnds = "session_ends"
)

// requestID takes over the caller's X-Request-ID if it is harmless, else makes
// one, and says it in the answer.
func requestID(c *gin.Context) {
	id := c.GetHeader("X-Request-ID")
	if !harmless(id) {
		var room [12]byte
		_, _ = rand.Read(room[:]) // never fails, see crypto/rand
		id = hex.EncodeToString(room[:])
	}
	c.Set(keyRequestID, id)
	c.Header("X-Request-ID", id)
	c.Next()
}

func harmless(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return true
}

// securityHeaders are right for an API that serves no pages: nothing may frame
// it, load anything from it, or guess another content type.
func securityHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	c.Next()
}

// observe counts and logs each request once, by its route and never by its
// path, query or address, which may name people.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "unmatched"
	}
	took := time.Since(start)
	s.metrics.requests.WithLabelValues(route, method(c), strconv.Itoa(c.Writer.Status())).Inc()
	if !c.GetBool(keyLasting) {
		s.metrics.seconds.WithLabelValues(route, method(c)).Observe(took.Seconds())
	}
	fields := []zap.Field{
		zap.String("request_id", c.GetString(keyRequestID)), zap.String("method", method(c)), zap.String("route", route),
		zap.Int("status", c.Writer.Status()), zap.Duration("took", took),
		zap.Int64("bytes_in", c.Request.ContentLength), zap.Int("bytes_out", c.Writer.Size()),
	}
	if code := c.GetString(keyCode); code != "" {
		fields = append(fields, zap.String("code", code))
	}
	if who, ok := c.Get(keyPrincipal); ok {
		p := who.(access.Principal)
		fields = append(fields, zap.String("project", p.Project.Name), zap.String("key", p.KeyID))
	}
	s.log.Info("request", fields...)
}

// method folds what strangers may invent into one value.
func method(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch:
		return m
	}
	return "other"
}

// recovered keeps one request's panic from ending the process.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		s.metrics.panics.Inc()
		s.log.Error("panic", zap.String("request_id", c.GetString(keyRequestID)), zap.String("route", c.FullPath()),
			zap.String("panic", fmt.Sprintf("%T", v)), zap.ByteString("stack", debug.Stack()))
		if !c.Writer.Written() {
			s.fail(c, fmt.Errorf("panic of type %T", v))
		}
		c.Abort()
	}()
	c.Next()
}

// need lets a request pass whose headers have a key with the scope, or whose
// cookie says that its browser is signed in with one.
func (s *Server) need(scope access.Scope) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := s.identify(c, scope); err != nil {
			s.fail(c, err)
		}
	}
}

func (s *Server) identify(c *gin.Context, scope access.Scope) error {
	presented := access.FromRequest(c.Request)
	if cookie, err := c.Request.Cookie(sessionCookie); err == nil && presented == "" {
		return s.admitSession(c, cookie.Value, scope)
	}
	return s.admit(c, presented, scope)
}

// admit lets a request pass if the key that it presents, wherever it had it,
// has the scope, may be used by the page that sent it, and is within its rates.
func (s *Server) admit(c *gin.Context, presented string, scope access.Scope) error {
	who, err := s.keys.Authorize(c.Request.Context(), presented, scope)
	if err != nil {
		return err
	}
	c.Set(keyPrincipal, who)
	c.Set(keyPresented, presented)
	if err := s.admitOrigin(c, &who.Project); err != nil || scope != access.Write {
		return err
	}
	return s.rates.admit(c, who.KeyID)
}

func principal(c *gin.Context) access.Principal { return c.MustGet(keyPrincipal).(access.Principal) }
