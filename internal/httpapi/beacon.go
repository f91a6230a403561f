package httpapi

import (
	"errors"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/beacon"
)

// postBeacon takes in events and page views of one page together. The answer is
// the native one, which a beacon's sender never sees.
func (s *Server) postBeacon(c *gin.Context) (any, error) {
	result, err := s.takeFrom(c, keyParameter, func(body []byte) (clientBody, error) { return beacon.Open(body) })
	if err != nil {
		return nil, err
	}
	return result, nil
}

// postKeyed takes in a beacon that was sent to a native route without a key
// beside it: unless the body is a beacon, there is no key.
func (s *Server) postKeyed(c *gin.Context) (any, error) {
	answer, err := s.postBeacon(c)
	var unread *protocol.BodyError
	if errors.As(err, &unread) {
		return nil, access.ErrUnauthorized
	}
	return answer, err
}
