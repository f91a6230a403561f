package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"ibarura/internal/access"
)

const (
	sessionPath   = "/api/v1/session"
	sessionCookie = "ibarura_session"

	// sessionHeader has to come with what a signed-in browser changes: no form
	// can send it, and a page of another origin would have to ask first.
	sessionHeader = "X-Ibarura-Request"

	maxSignInBytes = 1 << 10
)

// session is what a browser is told of whom it is signed in as.
type session struct {
	Project  string     `json:"project"`
	Timezone string     `json:"timezone"`
	Scope    string     `json:"scope"`
	KeyID    string     `json:"key_id"`
	EndsAt   *time.Time `json:"ends_at,omitempty"` // absent if the request had the key itself
}

func newSession(who access.Principal, ends time.Time) session {
	s := session{Project: who.Project.Name, Timezone: access.ZoneName(who.Project.Zone), Scope: who.Scope.String(), KeyID: who.KeyID}
	if !ends.IsZero() {
		utc := ends.UTC()
		s.EndsAt = &utc
	}
	return s
}

// postSession signs a browser in: a key that may read becomes a cookie that no
// script can see, and that the browser sends to this origin alone.
func (s *Server) postSession(c *gin.Context) (any, error) {
	if err := ownPage(c.Request, true); err != nil {
		return nil, err
	}
	key, err := s.readKey(c)
	if err != nil {
		return nil, err
	}
	who, err := s.keys.Authorize(c.Request.Context(), key, access.Read)
	if err != nil {
		return nil, err
	}
	token, ends := s.sessions.Issue(who)
	setSession(c, token, ends)
	return newSession(who, ends), nil
}

func (s *Server) readKey(c *gin.Context) (string, error) {
	body, done, err := s.readBody(c)
	if err != nil {
		return "", err
	}
	defer done()
	if len(body) > maxSignInBytes {
		return "", problem(http.StatusRequestEntityTooLarge, "body_too_large", "a sign-in has at most %d bytes", maxSignInBytes)
	}
	var sent struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal(body, &sent, json.RejectUnknownMembers(true)); err != nil {
		// The body has a key in it: nothing of it goes into the answer or the log.
		return "", problem(http.StatusBadRequest, "invalid_sign_in", `want {"key":"…"}`)
	}
	return sent.Key, nil
}

// getSession says whom the request comes from, null if from nobody: that is an
// answer, and browsers would report a refusal as a fault of the page.
func (s *Server) getSession(c *gin.Context) (any, error) {
	err := s.identify(c, access.Read)
	if errors.Is(err, access.ErrUnauthorized) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ends, _ := c.Get(keySessionEnds)
	until, _ := ends.(time.Time)
	return newSession(principal(c), until), nil
}

// deleteSession signs the browser out. It needs no session: one that is over
// can be signed out of as well.
func (s *Server) deleteSession(c *gin.Context) (any, error) {
	if err := ownPage(c.Request, true); err != nil {
		return nil, err
	}
	setSession(c, "", time.Unix(0, 0))
	return gin.H{"signed_in": false}, nil
}

// admitSession lets a request pass whose cookie's key has the scope, if a page
// of this server sent it.
func (s *Server) admitSession(c *gin.Context, token string, scope access.Scope) error {
	safe := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if err := ownPage(c.Request, !safe); err != nil {
		return err
	}
	who, ends, err := s.sessions.Authorize(c.Request.Context(), token, scope)
	if err != nil {
		return err
	}
	c.Set(keyPrincipal, who)
	c.Set(keySessionEnds, ends)
	c.Set(keyToken, token)
	return nil
}

// ownPage refuses what a page of another origin has a browser send. SameSite
// does most of it, but not against other hosts of the same site, and not in
// every old browser. What changes something has to have the header besides.
func ownPage(r *http.Request, changes bool) error {
	site := r.Header.Get("Sec-Fetch-Site")
	foreign := site != "" && site != "same-origin" && site != "none"
	if foreign || foreignOrigin(r) != "" || changes && r.Header.Get(sessionHeader) == "" {
		return problem(http.StatusForbidden, "cross_site",
			"sessions are for pages of this server, which send %s; other programs present their key", sessionHeader)
	}
	return nil
}

// setSession sets the cookie, or ends it with a moment that is over. It is bound
// to TLS where the browser came by TLS: a client that lies about that binds its
// own cookie alone.
func setSession(c *gin.Context, token string, ends time.Time) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // G124: Secure follows the scheme, since `make run` serves this machine without TLS
		Name: sessionCookie, Value: token, Path: "/", Expires: ends,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: c.Request.TLS != nil || c.GetHeader("X-Forwarded-Proto") == "https",
	})
}
