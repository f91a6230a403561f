package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"ibarura/internal/asset"
	"ibarura/internal/tracker"
)

// scriptAge is how long browsers and caches use the tracker's script without
// asking: the time in which a new version reaches everybody.
const scriptAge = "public, max-age=3600, stale-while-revalidate=86400"

// getScript serves the tracker's script to pages of all origins, which carry it
// with their own rules for scripts.
func (s *Server) getScript(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", scriptAge)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	sendAsset(c, "text/javascript; charset=utf-8", tracker.Script())
}

// sendAsset sends a file in the form that the client takes best, or 304 to one
// that has it already.
func sendAsset(c *gin.Context, contentType string, a *asset.Asset) {
	packed := a.For(c.GetHeader("Accept-Encoding"))
	h := c.Writer.Header()
	h.Set("ETag", packed.ETag)
	h.Set("Vary", "Accept-Encoding")
	if hasTag(c.Request.Header.Values("If-None-Match"), packed.ETag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	if packed.Encoding != "" {
		h.Set("Content-Encoding", packed.Encoding)
	}
	c.Data(http.StatusOK, contentType, packed.Body)
}
