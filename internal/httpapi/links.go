package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"ibarura/internal/access"
)

// LinkKeeping keeps the links of projects; access.Store does.
type LinkKeeping interface {
	// Links lists those of a project, the oldest first, whatever their state.
	Links(ctx context.Context, project string) ([]access.Link, error)
	// CreateLink stores one whose view was checked, and returns it with its id.
	CreateLink(ctx context.Context, link access.Link) (access.Link, error)
	// RevokeLink revokes one of any project; again changes nothing.
	RevokeLink(ctx context.Context, id string) (access.Link, error)
}

const (
	maxLinkBodyBytes = 8 << 10
	maxGoodLinks     = 200  // of a project
	maxLinks         = 5000 // of a project, ended ones too: every process reads those of all projects again and again
	maxOldLinksShown = 1000 // the last ones
	defaultLinkDays  = 90
)

// States of a link.
const (
	linkGood    = "good"
	linkExpired = "expired"
	linkRevoked = "revoked"
)

// shownLink is a link as its project's admins see it.
type shownLink struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	View      string     `json:"view"`
	State     string     `json:"state"`
	MadeBy    string     `json:"made_by"` // id of a key
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
	Path      string     `json:"path,omitempty"` // the link itself, below the address of this server, while it is good
}

func linkState(l *access.Link) string {
	switch {
	case l.Revoked():
		return linkRevoked
	case !time.Now().Before(l.ExpiresAt):
		return linkExpired
	default:
		return linkGood
	}
}

func (s *Server) shownLinkOf(l *access.Link) shownLink {
	shown := shownLink{
		ID: l.ID, Name: l.Name, View: l.View, State: linkState(l), MadeBy: l.MadeBy,
		CreatedAt: l.CreatedAt.UTC(), ExpiresAt: l.ExpiresAt.UTC(),
	}
	if l.Revoked() {
		at := l.RevokedAt.UTC()
		shown.RevokedAt = &at
	}
	if shown.State == linkGood {
		shown.Path = embedPath + "#" + s.links.Token(l)
	}
	return shown
}

// shownLinks is a list of links.
type shownLinks struct {
	Links []shownLink `json:"links"`
}

// getLinks lists the links of the key's project, the newest first: all good
// ones, and of the others those that were made last.
func (s *Server) getLinks(c *gin.Context) (any, error) {
	links, err := s.linking.Links(c.Request.Context(), principal(c).Project.Name)
	if err != nil {
		return nil, err
	}
	list := shownLinks{[]shownLink{}}
	old := 0
	for i := range slices.Backward(links) {
		shown := s.shownLinkOf(&links[i])
		if shown.State != linkGood {
			if old++; old > maxOldLinksShown {
				continue
			}
		}
		list.Links = append(list.Links, shown)
	}
	return list, nil
}

// linkOrder is what is said of a link that is to be made.
type linkOrder struct {
	Name string `json:"name"` // what it is for; whoever has the link sees it
	View string `json:"view"` // what it shows, as the address of the dashboard has it behind #/
	Days *int   `json:"days"` // for how long, 90 if absent; at most access.max-link-age
}

// postLink makes a link for the key's project.
func (s *Server) postLink(c *gin.Context) (any, error) {
	order, err := s.linkBody(c)
	if err != nil {
		return nil, err
	}
	who := principal(c)
	links, err := s.linking.Links(c.Request.Context(), who.Project.Name)
	if err != nil {
		return nil, err
	}
	if len(links) >= maxLinks {
		return nil, problem(http.StatusConflict, "too_many_links", "the project has made %d links, the limit is %d: each counts until 400 days after the time for which it was made, revoked or not", len(links), maxLinks)
	}
	good := 0
	for i := range links {
		if linkState(&links[i]) == linkGood {
			good++
		}
	}
	if good >= maxGoodLinks {
		return nil, problem(http.StatusConflict, "too_many_links", "the project has %d links that are good, the limit is %d: revoke some", good, maxGoodLinks)
	}
	link, err := s.linking.CreateLink(c.Request.Context(), access.Link{
		Project: who.Project.Name, Name: order.Name, View: order.View, MadeBy: who.KeyID, ExpiresAt: time.Now().AddDate(0, 0, *order.Days),
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(s.shownLinkOf(&link))
	return plain{http.StatusCreated, "application/json; charset=utf-8", text}, err
}

func (s *Server) linkBody(c *gin.Context) (linkOrder, error) {
	body, done, err := s.readBody(c)
	if err != nil {
		return linkOrder{}, err
	}
	defer done()
	if len(body) > maxLinkBodyBytes {
		return linkOrder{}, problem(http.StatusRequestEntityTooLarge, "body_too_large", "what is said of a link has at most %d bytes", maxLinkBodyBytes)
	}
	var sent linkOrder
	if err := json.Unmarshal(body, &sent, json.RejectUnknownMembers(true)); err != nil {
		return sent, problem(http.StatusBadRequest, "invalid_json", `want {"name": TEXT, "view": "PAGE?PARAMETERS", "days": NUMBER}`)
	}
	if err := access.CheckLinkName(sent.Name); err != nil {
		return sent, badParameter("name", "invalid_parameter", "name: %s", err)
	}
	most := int(s.config.MaxLinkAge / (24 * time.Hour))
	sent.Days = cmp.Or(sent.Days, new(min(defaultLinkDays, most)))
	if *sent.Days < 1 || *sent.Days > most {
		return sent, badParameter("days", "invalid_parameter", "days: want 1 to %d", most)
	}
	view, err := readView(sent.View, principal(c).Project)
	if err != nil {
		return sent, err
	}
	return sent, view.check(s.report, principal(c).Project)
}

// deleteLink revokes a link of the key's project.
func (s *Server) deleteLink(c *gin.Context) (any, error) {
	id := c.Param("id")
	links, err := s.linking.Links(c.Request.Context(), principal(c).Project.Name)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(links, func(l access.Link) bool { return l.ID == id }) {
		return nil, problem(http.StatusNotFound, "not_found", "the project has no such link")
	}
	link, err := s.linking.RevokeLink(c.Request.Context(), id)
	return s.shownLinkOf(&link), err
}
