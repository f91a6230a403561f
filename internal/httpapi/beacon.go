package httpapi

import (
	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/beacon"
)

// needBeaconKey is need for pages in browsers, whose sendBeacon sets no
// headers: the key is in the query, or else where it always is.
func (s *Server) needBeaconKey(c *gin.Context) {
	presented := c.Query("key")
	if presented == "" {
		presented = access.FromRequest(c.Request)
	}
	if err := s.admit(c, presented, access.Write); err != nil {
		s.fail(c, err)
	}
}

// postBeacon takes in what the tracker's script sends.
func (s *Server) postBeacon(c *gin.Context) (any, error) {
	return s.takeIn(c, beaconIntake{})
}

type beaconIntake struct{}

func (beaconIntake) run(s *Server, c *gin.Context, req ingest.Request) (ingest.Result, error) {
	if err := s.ingest.AwaitRoom(c.Request.Context()); err != nil { // before the body takes memory
		return ingest.Result{}, err
	}
	body, done, err := s.readBody(c)
	if err != nil {
		return ingest.Result{}, err
	}
	defer done()
	return s.ingest.Items(c.Request.Context(), req, func(sink protocol.Sink) error {
		return beacon.Decode(body, s.ingest.Limits(), sink)
	})
}
