package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"ibarura/internal/export"
	"ibarura/internal/report"
)

// handler answers one request: it returns what to send as JSON, or an error.
// It touches neither status codes nor the logger.
type handler func(c *gin.Context) (any, error)

// plain is an answer that is not sent as JSON, or not with status 200, because a
// client of another product expects it so.
type plain struct {
	status      int
	contentType string
	body        []byte
}

// sent is the answer of a handler that has sent it already, bit by bit.
type sent struct{}

// respond is the one place that writes answers and logs failures.
func (s *Server) respond(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		answer, err := h(c)
		if err != nil {
			s.fail(c, err)
			return
		}
		if _, is := answer.(sent); is {
			return
		}
		if as, is := answer.(plain); is {
			s.write(c, as.status, as.contentType, as.body)
			return
		}
		if to, is := answer.(*report.Answer); is {
			s.sendTagged(c, to)
			return
		}
		if file, is := answer.(*export.File); is {
			if err := s.sendFile(c, file); err != nil {
				s.fail(c, err)
			}
			return
		}
		s.send(c, http.StatusOK, "application/json; charset=utf-8", answer)
	}
}

func (s *Server) fail(c *gin.Context, err error) {
	p := *problemOf(err)
	p.RequestID = c.GetString(keyRequestID)
	if p.Status >= http.StatusInternalServerError {
		s.logFailure(c, &p)
	}
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.HangUp {
		c.Header("Connection", "close")
	}
	if p.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="ibarura"`)
	}
	c.Set(keyCode, p.Code)
	s.send(c, p.Status, "application/problem+json; charset=utf-8", &p)
	c.Abort()
}

// logFailure writes what the client is not told. Turning a client away for a
// while is no error: it is how the server stays within its bounds.
func (s *Server) logFailure(c *gin.Context, p *Problem) {
	level := zap.ErrorLevel
	if p.Status == http.StatusServiceUnavailable {
		level = zap.WarnLevel
	}
	s.log.Log(level, "request failed", zap.String("request_id", p.RequestID), zap.String("route", c.FullPath()),
		zap.String("code", p.Code), zap.NamedError("cause", p.cause))
}

func (s *Server) send(c *gin.Context, status int, contentType string, answer any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		s.log.Error("answer cannot be written as JSON", zap.String("route", c.FullPath()), zap.Error(err))
		c.Status(http.StatusInternalServerError)
		return
	}
	s.write(c, status, contentType, b.Bytes())
}

func (s *Server) write(c *gin.Context, status int, contentType string, body []byte) {
	// The deadline begins with the answer, so that reading a long body does not use it up.
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(s.config.WriteTimeout))
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Data(status, contentType, body)
}
