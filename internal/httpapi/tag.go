package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/report"
)

// sendTagged sends an answer to a question, or 304 to a client that has it
// already.
func (s *Server) sendTagged(c *gin.Context, answer *report.Answer) {
	if s.tagged(c, answer.ETag) {
		return
	}
	s.send(c, http.StatusOK, "application/json; charset=utf-8", answer)
}

// tagged writes the headers of an answer's tag, and answers 304 if the client
// has it already. Nobody else may keep it, and a client has to ask whether it
// still holds: what is in it depends on the key, and on what lands.
func (s *Server) tagged(c *gin.Context, tag string) bool {
	c.Header("Cache-Control", "private, no-cache")
	c.Writer.Header().Add("Vary", "Authorization, Cookie, Accept, "+linkHeader)
	if tag == "" {
		return false
	}
	c.Header("ETag", tag)
	if !hasTag(c.Request.Header.Values("If-None-Match"), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
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
