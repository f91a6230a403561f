package httpapi

import (
	"context"
	"errors"
	"mime"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/ingest"
	"ibarura/internal/protocol"
)

// maxIdempotencyKey bounds the header, in bytes.
const maxIdempotencyKey = 255

// native admits a request of the native routes: by its headers or the parameter
// key of its address. Other forms of a body that these routes take have handlers
// of their own.
func (s *Server) native(h handler) handler {
	return func(c *gin.Context) (any, error) {
		presented := presentedBeside(c, keyParameter)
		switch {
		case isCloudEvent(c):
			return s.postCloudEvents(c)
		case presented == "" && mediaType(c) == "text/plain":
			return s.postKeyed(c)
		}
		if err := s.admit(c, presented, access.Write); err != nil {
			return nil, err
		}
		return h(c)
	}
}

// keyParameter is what our own routes call the key in an address.
const keyParameter = "key"

// postEvents takes in an event, an array of them, or a stream of lines.
func (s *Server) postEvents(c *gin.Context) (any, error) {
	return s.takeIn(c, intakeOf[protocol.EventSink]{s.ingest.Events, protocol.DecodeEvents, protocol.DecodeEventLines})
}

// postPageViews takes in a page view, an array of them, or a stream of lines.
func (s *Server) postPageViews(c *gin.Context) (any, error) {
	return s.takeIn(c, intakeOf[protocol.PageViewSink]{s.ingest.PageViews, protocol.DecodePageViews, protocol.DecodePageViewLines})
}

func (s *Server) takeIn(c *gin.Context, in interface {
	run(s *Server, c *gin.Context, req ingest.Request) (ingest.Result, error)
}) (any, error) {
	req, err := s.writeRequest(c)
	if err != nil {
		return nil, err
	}
	result, err := in.run(s, c, req)
	if err != nil {
		return nil, withResult(err, &result)
	}
	return result, nil
}

// writeRequest reads what a producer may say beside the body.
func (s *Server) writeRequest(c *gin.Context) (ingest.Request, error) {
	who := principal(c)
	req := ingest.Request{
		Project:        ingest.Project{Name: who.Project.Name, Zone: who.Project.Zone},
		IdempotencyKey: c.GetHeader("Idempotency-Key"),
		StillAllowed: func(ctx context.Context) error {
			_, err := s.keys.Authorize(ctx, c.GetString(keyPresented), access.Write)
			return err
		},
		Spend: s.rates.spend(who.KeyID, isLines(c)),
	}
	// Every browser's user agent begins so; a producer's own client says nothing about visitors.
	if agent := c.Request.UserAgent(); strings.HasPrefix(agent, "Mozilla/") {
		req.UserAgent, req.IP = agent[:min(len(agent), s.ingest.Limits().MaxUserAgentBytes)], c.ClientIP()
	}
	if len(req.IdempotencyKey) > maxIdempotencyKey {
		p := problem(400, "too_long", "Idempotency-Key is longer than %d bytes", maxIdempotencyKey)
		p.Field = "Idempotency-Key"
		return req, p
	}
	if text, given := c.GetQuery("wait"); given {
		wait, err := strconv.ParseBool(text)
		if err != nil && text != "" {
			p := problem(400, "invalid_parameter", "wait is true or false")
			p.Field = "wait"
			return req, p
		}
		req.Wait = wait || text == ""
	}
	return req, nil
}

// withResult adds to a failure what had been taken in before it, so that a
// producer of a long stream knows where it stands.
func withResult(err error, result *ingest.Result) error {
	p := *problemOf(err)
	if result.Accepted+result.Duplicates+len(result.Rejected) > 0 {
		p.Result = result
	}
	if errors.Is(err, access.ErrUnavailable) {
		p.Result = nil
	}
	return &p
}

// isLines reports whether the content type says one JSON object a line.
func isLines(c *gin.Context) bool {
	switch mediaType(c) {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/json-lines":
		return true
	}
	return false
}

// mediaType returns the Content-Type in lower case and without parameters, ""
// if there is none.
func mediaType(c *gin.Context) string {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
