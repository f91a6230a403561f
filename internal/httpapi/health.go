package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	readyTimeout = 2 * time.Second // of all checks together
	readyFor     = time.Second     // how long their result is told again
)

// readiness asks the checks at most once in readyFor, so that strangers who
// ask without a key cost the storage nothing. It is safe for concurrent use.
type readiness struct {
	checks []Check

	mu     sync.Mutex
	asked  time.Time
	reason *Problem // nil: ready
}

// look returns why the service is not ready, nil if it is.
func (r *readiness) look() *Problem {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) < readyFor {
		return r.reason
	}
	// Not the context of the request: the result is for all who ask.
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	r.reason = nil
	for _, check := range r.checks {
		if err := check.Ask(ctx); err != nil {
			r.reason = problem(http.StatusServiceUnavailable, "not_ready", "not ready: %s", check.Name).retryAfter(2).because(err)
			break
		}
	}
	r.asked = time.Now()
	return r.reason
}

// getHealth says that the process lives and answers. It asks nobody else: an
// orchestrator restarts what fails here, and restarting this process does not
// mend a storage that is away.
func (s *Server) getHealth(*gin.Context) (any, error) {
	return gin.H{"status": "ok"}, nil
}

// getReady says whether requests sent here now can be served.
func (s *Server) getReady(*gin.Context) (any, error) {
	if reason := s.ready.look(); reason != nil {
		return nil, reason
	}
	return gin.H{"status": "ready"}, nil
}
