package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"ibarura/internal/ingest"
	"ibarura/internal/protocol/posthog"
)

// posthogAnswer is what PostHog's clients expect, with what became of the
// events beside it.
type posthogAnswer struct {
	Status int `json:"status"`
	ingest.Result
}

// postPostHog takes in one event, several, or a batch.
func (s *Server) postPostHog(c *gin.Context) (any, error) {
	unwrapped := unwrapping{server: s, context: c}
	defer unwrapped.release()
	result, err := s.takeFrom(c, "", unwrapped.open)
	if err != nil {
		return nil, err
	}
	return posthogAnswer{Status: 1, Result: result}, nil
}

// unwrapping undoes what the clients do to a body without a header that says so:
// gzip, or base64 in a form, or both.
type unwrapping struct {
	server  *Server
	context *gin.Context
	held    []*grown
}

func (u *unwrapping) open(body []byte) (clientBody, error) {
	body, err := u.unzip(body)
	if err != nil {
		return nil, err
	}
	if body, err = posthog.Unwrap(body); err != nil {
		return nil, err
	}
	if body, err = u.unzip(body); err != nil {
		return nil, err
	}
	return posthog.Open(body)
}

// unzip decompresses what is gzip, within the bounds of every body.
func (u *unwrapping) unzip(body []byte) ([]byte, error) {
	if !posthog.Compressed(body) {
		return body, nil
	}
	plain, err := u.server.unpack(u.context, "gzip", body)
	if err != nil {
		return nil, err
	}
	u.held = append(u.held, plain)
	return plain.bytes, nil
}

func (u *unwrapping) release() {
	for _, body := range u.held {
		body.release()
	}
}

// postFlags tells a client that there are no feature flags. It is told without a
// key: there is nothing in it.
func (s *Server) postFlags(*gin.Context) (any, error) {
	return gin.H{
		"flags": gin.H{}, "featureFlags": gin.H{}, "featureFlagPayloads": gin.H{}, "errorsWhileComputingFlags": false,
		"config": gin.H{"enable_collect_everything": false}, "supportedCompression": compressions,
		"sessionRecording": false, "surveys": false, "isAuthenticated": false, "toolbarParams": gin.H{}, "siteApps": []string{},
	}, nil
}

var compressions = []string{"gzip", "gzip-js", "base64"}

// remoteConfig switches off what a browser's client would load or record beside
// the events: what is asked for at the start, at an address with the key.
var remoteConfig = gin.H{
	"supportedCompression": compressions, "hasFeatureFlags": false, "sessionRecording": false, "surveys": false, "heatmaps": false,
	"autocapture_opt_out": true, "autocaptureExceptions": false, "capturePerformance": false, "captureDeadClicks": false,
	"elementsChainAsString": true, "defaultIdentifiedOnly": true, "productTours": false, "errorTracking": gin.H{"autocaptureExceptions": false},
	"siteApps": []string{}, "isAuthenticated": false, "toolbarParams": gin.H{},
}

func (s *Server) getRemoteConfig(*gin.Context) (any, error) { return remoteConfig, nil }

// scriptKey is what may stand in a script: no key of ours has other characters.
var scriptKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// getRemoteConfigScript is the same as a script.
func (s *Server) getRemoteConfigScript(c *gin.Context) (any, error) {
	key := c.Param("key")
	if !scriptKey.MatchString(key) {
		return nil, problem(http.StatusNotFound, "not_found", "there is nothing at this path")
	}
	config, err := json.Marshal(remoteConfig)
	if err != nil {
		return nil, err
	}
	script := fmt.Appendf(nil, "(window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{})[%q]={config:%s,siteApps:[]};\n", key, config)
	return plain{http.StatusOK, "text/javascript; charset=utf-8", script}, nil
}
