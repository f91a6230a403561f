package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"ibarura/internal/protocol/plausible"
)

// postPlausible takes in what Plausible's script sends, which has its key in the
// address. The script looks at nothing but the status, and sends nothing again.
func (s *Server) postPlausible(c *gin.Context) (any, error) {
	result, err := s.takeFrom(c, keyParameter, func(body []byte) (clientBody, error) { return plausible.Open(body) })
	if err != nil {
		return nil, err
	}
	if len(result.Rejected) > 0 {
		why := result.Rejected[0]
		p := problem(http.StatusBadRequest, why.Code, "%s", why.Message)
		p.Field = why.Field
		return nil, p
	}
	return plain{http.StatusAccepted, "text/plain; charset=utf-8", []byte("ok")}, nil
}
