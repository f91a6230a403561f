package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// readyTimeout bounds all checks of one look.
const readyTimeout = 2 * time.Second

// getHealth says that the process lives and answers. It asks nobody else: an
// orchestrator restarts what fails here, and restarting this process does not
// mend a storage that is away.
func (s *Server) getHealth(*gin.Context) (any, error) {
	return gin.H{"status": "ok"}, nil
}

// getReady says whether requests sent here now can be served.
func (s *Server) getReady(c *gin.Context) (any, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
	defer cancel()
	for _, check := range s.ready {
		if err := check.Ask(ctx); err != nil {
			return nil, problem(http.StatusServiceUnavailable, "not_ready", "not ready: %s", check.Name).retryAfter(2).because(err)
		}
	}
	return gin.H{"status": "ready"}, nil
}
