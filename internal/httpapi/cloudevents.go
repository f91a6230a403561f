package httpapi

import (
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/protocol/cloudevents"
)

// attributePrefix begins the headers that hold attributes of an event.
const attributePrefix = "Ce-"

// postCloudEvents takes in one event in either form, or a batch. The answer is
// the native one.
func (s *Server) postCloudEvents(c *gin.Context) (any, error) {
	result, err := s.takeFrom(c, keyParameter, func(body []byte) (clientBody, error) {
		return cloudevents.Open(body, c.GetHeader("Content-Type"), eventAttributes(c))
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// isCloudEvent reports whether headers say that the body is an event or has the
// data of one.
func isCloudEvent(c *gin.Context) bool {
	kind := mediaType(c)
	return kind == cloudevents.Structured || kind == cloudevents.Batch || c.GetHeader(attributePrefix+"Specversion") != ""
}

func eventAttributes(c *gin.Context) map[string]string {
	attributes := map[string]string{}
	for name, values := range c.Request.Header {
		if attribute, is := strings.CutPrefix(name, attributePrefix); is {
			attributes[strings.ToLower(attribute)] = values[0]
		}
	}
	return attributes
}
