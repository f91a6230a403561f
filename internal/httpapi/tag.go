package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/report"
)

// sendTagged sends an answer to a question, or 304 to a client that has it
// already. Nobody else may keep it, and a client has to ask whether it still
// holds: what is in it depends on the key, and on what lands.
func (s *Server) sendTagged(c *gin.Context, answer *report.Answer) {
	c.Header("Cache-Control", "private, no-cache")
	c.Writer.Header().Add("Vary", "Authorization, Cookie")
	if answer.ETag == "" {
		s.send(c, http.StatusOK, "application/json; charset=utf-8", answer)
		return
	}
	c.Header("ETag", answer.ETag)
	if hasTag(c.Request.Header.Values("If-None-Match"), answer.ETag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	s.send(c, http.StatusOK, "application/json; charset=utf-8", answer)
}

// hasTag reports whether If-None-Match names a tag, weakly compared as RFC 9110
// says. Our tags have no commas.
func hasTag(values []string, tag string) bool {
	for _, value := range values {
		for candidate := range strings.SplitSeq(value, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
				return true
			}
		}
	}
	return false
}
