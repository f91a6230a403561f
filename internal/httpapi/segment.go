package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol/segment"
)

// segmentAnswer is what Segment's clients expect, with what became of the calls
// beside it.
type segmentAnswer struct {
	Success bool `json:"success"`
	ingest.Result
}

// postSegment takes in one call of a kind, or a batch. A call that is rejected
// is no reason for another status: some of the clients send anything that is
// not answered 200 again.
func (s *Server) postSegment(kind string) handler {
	return func(c *gin.Context) (any, error) {
		result, err := s.takeFrom(c, "writeKey", func(body []byte) (clientBody, error) { return segment.Open(body, kind) })
		if err != nil {
			return nil, err
		}
		return segmentAnswer{Success: true, Result: result}, nil
	}
}

// getSegmentSettings tells analytics.js, and Segment's mobile clients, where to
// send. Nothing but Segment's own destination, which is here, is switched on.
func (s *Server) getSegmentSettings(c *gin.Context) (any, error) {
	key := c.Param("key")
	if err := s.admit(c, key, access.Write); err != nil {
		return nil, err
	}
	return gin.H{
		"integrations": gin.H{"Segment.io": gin.H{
			"apiKey": key, "apiHost": c.Request.Host + "/v1", "protocol": schemeOf(c.Request),
			"unbundledIntegrations": []string{}, "addBundledMetadata": true, "maybeBundledConfigIds": gin.H{},
			"versionSettings": gin.H{"version": "4.4.7", "componentTypes": []string{"browser"}},
		}},
		"plan": gin.H{
			"track":    gin.H{"__default": gin.H{"enabled": true, "integrations": gin.H{}}},
			"identify": gin.H{"__default": gin.H{"enabled": true}},
			"group":    gin.H{"__default": gin.H{"enabled": true}},
		},
		"edgeFunction": gin.H{}, "middlewareSettings": gin.H{}, "enabledMiddleware": gin.H{}, "remotePlugins": []string{},
		"metrics":              gin.H{"sampleRate": 0}, // of the client's own metrics, which go to Segment
		"analyticsNextEnabled": true, "legacyVideoPluginsEnabled": false,
	}, nil
}

// schemeOf tells how the client reached us, a proxy that ends TLS included: a
// page that came over https may not send over http anyway. A wrong header
// misleads nobody but its sender.
func schemeOf(r *http.Request) string {
	page := r.Header.Get("Origin")
	if page == "" {
		page = r.Referer()
	}
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") || strings.HasPrefix(page, "https://") {
		return "https"
	}
	return "http"
}

// getSourceConfig tells RudderStack's browser client that its source is there
// and has no destinations: what it sends goes to its data plane alone.
func (s *Server) getSourceConfig(c *gin.Context) (any, error) {
	key := presentedBeside(c, "writeKey")
	if err := s.admit(c, key, access.Write); err != nil {
		return nil, err
	}
	project := principal(c).Project.Name
	off := gin.H{"enabled": false}
	return gin.H{
		"source": gin.H{
			"id": project, "name": project, "writeKey": key, "enabled": true, "workspaceId": "ibarura",
			"destinations": []string{}, "connections": []string{}, "dataplanes": gin.H{},
			"config": gin.H{"statsCollection": gin.H{"errors": off, "metrics": off}},
		},
		"consentManagementMetadata": gin.H{"providers": []string{}},
	}, nil
}
