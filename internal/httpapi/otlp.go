package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"ibarura/internal/protocol/otlp"
)

// postLogs takes in the log records that are events. What is rejected is said in
// the answer, after which exporters do not send it again.
func (s *Server) postLogs(c *gin.Context) (any, error) {
	kind := mediaType(c)
	if kind != otlp.Protobuf && kind != otlp.JSON {
		p := problem(http.StatusUnsupportedMediaType, "unsupported_media_type", "Content-Type has to be %s or %s", otlp.Protobuf, otlp.JSON)
		p.Field = "Content-Type"
		return nil, p
	}
	result, err := s.takeFrom(c, keyParameter, func(body []byte) (clientBody, error) { return otlp.Open(body, kind) })
	if err != nil {
		return nil, err
	}
	why := ""
	if len(result.Rejected) > 0 {
		first := result.Rejected[0]
		why = first.Code + ": " + first.Message
	}
	answer, err := otlp.Response(kind, len(result.Rejected)+result.Unlisted, why)
	if err != nil {
		return nil, err
	}
	return plain{http.StatusOK, kind, answer}, nil
}
