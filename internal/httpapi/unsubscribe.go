package httpapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"ibarura/internal/digest"
	"ibarura/internal/mail"
)

// Desk is where people go who want no more reports; mail.Desk is one. Both return a
// page, or mail.ErrLink for a token that is not from here.
type Desk interface {
	Ask(ctx context.Context, token string) (page []byte, err error)
	Leave(ctx context.Context, token string) (page []byte, err error)
}

// unsubscribeRoute is where the link of a report leads. Its token is all that one
// needs: mail programs come without a key.
const unsubscribeRoute = mail.UnsubscribePath + ":token"

func (s *Server) getUnsubscribe(c *gin.Context) (any, error) { return desk(c, s.desk.Ask) }

// postUnsubscribe is what the button of the page sends, and what mail programs send
// for one click (RFC 8058).
func (s *Server) postUnsubscribe(c *gin.Context) (any, error) { return desk(c, s.desk.Leave) }

func desk(c *gin.Context, do func(context.Context, string) ([]byte, error)) (any, error) {
	page, err := do(c.Request.Context(), c.Param("token"))
	if err != nil {
		return nil, err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src "+digest.PageStyleHash()+"; form-action 'self'; frame-ancestors 'none'")
	return plain{http.StatusOK, "text/html; charset=utf-8", page}, nil
}
