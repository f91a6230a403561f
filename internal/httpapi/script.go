package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/tracker"
)

// scriptAge is how long browsers and caches use the tracker's script without
// asking: the time in which a new version reaches everybody.
const scriptAge = "public, max-age=3600, stale-while-revalidate=86400"

// getScript serves the tracker's script to pages of all origins, which carry it
// with their own rules for scripts.
func (s *Server) getScript(c *gin.Context) {
	script := tracker.For(c.GetHeader("Accept-Encoding"))
	h := c.Writer.Header()
	h.Set("Cache-Control", scriptAge)
	h.Set("ETag", script.ETag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if strings.Contains(c.GetHeader("If-None-Match"), script.ETag) {
		c.Status(http.StatusNotModified)
		return
	}
	if script.Encoding != "" {
		h.Set("Content-Encoding", script.Encoding)
	}
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", script.Body)
}
