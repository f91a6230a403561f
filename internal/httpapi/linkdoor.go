package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/export"
	"ibarura/internal/report"
	"ibarura/internal/web"
)

// Links makes the tokens of links and tells who comes with one.
type Links interface {
	// Token returns the token of a link, the same each time, in characters that
	// an address may have.
	Token(link *access.Link) string
	// Open returns the link, as its token says it, and its reader, or
	// access.ErrLinkInvalid, ErrLinkExpired, ErrLinkRevoked or ErrUnavailable.
	Open(ctx context.Context, token string) (access.Link, access.Principal, error)
}

const (
	linkPath  = "/api/v1/link"
	embedPath = "/embed"

	// linkHeader has the token: the page takes it from behind the # of its
	// address, so that it stands in no log and in no Referer.
	linkHeader = "X-Ibarura-Link"

	keyLink = "link" // of the request's context
)

// needReadOrLink is need for questions, which a link may ask as well: those of
// its view. What comes with a link is nobody else, whatever it has besides.
func (s *Server) needReadOrLink(c *gin.Context) {
	if c.GetHeader(linkHeader) == "" {
		s.need(access.Read)(c)
		return
	}
	err := s.openLink(c)
	if err == nil {
		err = asksItsView(c)
	}
	if err != nil {
		s.fail(c, err)
	}
}

// openLink finds the link that a request comes with. It has no rate, as keys that
// read have none: what it can ask is a few dozen questions, whose answers are
// kept for linkAge unless query.cache-bytes is 0.
func (s *Server) openLink(c *gin.Context) error {
	link, who, err := s.links.Open(c.Request.Context(), c.GetHeader(linkHeader))
	if err != nil {
		return err
	}
	c.Set(keyPrincipal, who)
	c.Set(keyLink, link)
	return nil
}

// asksItsView lets the questions of the link's view pass, each in the one way in
// which the page asks it.
func asksItsView(c *gin.Context) error {
	link, project := c.MustGet(keyLink).(access.Link), principal(c).Project
	view, err := readView(link.View, project)
	if err != nil {
		return problem(http.StatusForbidden, "link_view", "the view of this link is none that this version shows: make another link").because(err)
	}
	if accepted(c) != export.JSON {
		return problem(http.StatusForbidden, "link_view", "a link answers in JSON, and gives no files")
	}
	path := strings.TrimSuffix(strings.TrimPrefix(c.FullPath(), analyticsPath), "/")
	for _, e := range report.Endpoints() {
		if c.Request.Method == http.MethodGet && e.Path == path && !e.Personal && view.allows(e, c.Request.URL.Query(), project.Zone, time.Now()) {
			return nil
		}
	}
	return problem(http.StatusForbidden, "link_view", "this link shows one view, and answers no other question: load its page again, or make another link in the dashboard")
}

// shownView is what a page is told of the link that it was opened with.
type shownView struct {
	Project   string    `json:"project"`
	Timezone  string    `json:"timezone"`
	Name      string    `json:"name"`
	View      string    `json:"view"`
	ExpiresAt time.Time `json:"expires_at"`
}

// getLink says what the link of the request shows.
func (s *Server) getLink(c *gin.Context) (any, error) {
	if err := s.openLink(c); err != nil {
		return nil, err
	}
	link, project := c.MustGet(keyLink).(access.Link), principal(c).Project
	return shownView{project.Name, access.ZoneName(project.Zone), link.Name, link.View, link.ExpiresAt.UTC()}, nil
}

// getEmbed serves the page that links lead to. It is the only one that may stand
// in a frame: it changes nothing and has no session, so that nobody can be made
// to click on what he does not see.
func (s *Server) getEmbed(c *gin.Context) {
	h := c.Writer.Header()
	h.Del("X-Frame-Options") // which knows no list; frame-ancestors is heeded by all browsers that run the page
	h.Set("Content-Security-Policy", ownFiles+"frame-ancestors "+strings.Join(append([]string{"'self'"}, s.config.EmbedOrigins...), " "))
	h.Set("Cache-Control", "no-cache")
	page, built := web.Embed()
	if !built {
		c.Data(http.StatusServiceUnavailable, page.Type, []byte(web.NotBuilt))
		return
	}
	sendAsset(c, page.Type, page.Asset)
}
