package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"ibarura/internal/web"
)

// ownFiles lets a page load its own files and ask its own server, and nothing
// else; no script or style may stand in the page itself.
const ownFiles = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; "

// pagePolicy is the dashboard's, which may not stand in a frame.
const pagePolicy = ownFiles + "frame-ancestors 'none'"

// assetAge is for ever: an asset's name changes with its content.
const assetAge = "public, max-age=31536000, immutable"

// getPage serves the page of the dashboard, or one that says how it is built.
// What the page shows stands behind the # of its address, which browsers keep to
// themselves: no log sees whom somebody looks at.
func (s *Server) getPage(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	page, built := web.Page()
	if !built {
		c.Data(http.StatusServiceUnavailable, page.Type, []byte(web.NotBuilt))
		return
	}
	sendAsset(c, page.Type, page.Asset)
}

// getAsset serves a file of the dashboard.
func (s *Server) getAsset(c *gin.Context) {
	file, known := web.File(c.Param("name"))
	if !known {
		s.fail(c, problem(http.StatusNotFound, "not_found", "the dashboard has no such file: load its page again"))
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", assetAge)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	sendAsset(c, file.Type, file.Asset)
}
