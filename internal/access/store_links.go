package access

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

type linkRow struct {
	ID        string     `ch:"id"`
	Project   string     `ch:"project"`
	Name      string     `ch:"name"`
	View      string     `ch:"view"`
	MadeBy    string     `ch:"made_by"`
	CreatedAt time.Time  `ch:"created_at"`
	ExpiresAt time.Time  `ch:"expires_at"`
	RevokedAt *time.Time `ch:"revoked_at"`
	Version   uint64     `ch:"version"`
}

func (r *linkRow) link() Link {
	link := Link{
		ID: r.ID, Project: r.Project, Name: r.Name, View: r.View, MadeBy: r.MadeBy,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
	}
	if r.RevokedAt != nil {
		link.RevokedAt = *r.RevokedAt
	}
	return link
}

// Links returns the links of a project, the oldest first: those that are over or
// revoked, too, until the table forgets them.
func (s *Store) Links(ctx context.Context, project string) ([]Link, error) {
	var rows []linkRow
	if err := s.query(ctx, &rows, "links", clickhouse.Parameters{"project": project}); err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	links := make([]Link, len(rows))
	for i := range rows {
		links[i] = rows[i].link()
	}
	return links, nil
}

// CreateLink stores a link with the project, name, view, maker and end of the
// one given, and returns it. The view is the caller's to check; ErrInvalid if the
// name or the view is empty or too long, ErrNoProject if there is no such
// project.
func (s *Store) CreateLink(ctx context.Context, link Link) (Link, error) {
	if err := CheckLinkName(link.Name); err != nil {
		return Link{}, err
	}
	if link.View == "" || len(link.View) > MaxLinkView {
		return Link{}, invalid("a view has to be text of at most %d bytes", MaxLinkView)
	}
	if _, err := s.Project(ctx, link.Project); err != nil {
		return Link{}, err
	}
	link.ID, link.CreatedAt, link.RevokedAt = newKeyID(), now(), time.Time{}
	link.ExpiresAt = link.ExpiresAt.UTC().Truncate(time.Second)
	if err := s.writeLink(ctx, &link, firstVersion); err != nil {
		return Link{}, fmt.Errorf("store a link of project %q: %w", link.Project, err)
	}
	return link, nil
}

// CheckLinkName returns an ErrInvalid that says the rule if a name breaks it.
func CheckLinkName(name string) error {
	if name == "" || CheckLabel(name) != nil {
		return invalid("a name has to be text of 1 to %d bytes on one line", maxLabel)
	}
	return nil
}

// writeLink writes a state of a link.
func (s *Store) writeLink(ctx context.Context, link *Link, version uint64) error {
	var revoked *time.Time
	if link.Revoked() {
		revoked = &link.RevokedAt
	}
	return s.insert(ctx, "view_links", link.ID, link.Project, link.Name, link.View, link.MadeBy,
		link.CreatedAt, link.ExpiresAt, revoked, version)
}

// RevokeLink revokes the link of this id for good, and returns it. Every process
// refuses it once its Directory has refreshed. Revoking it again changes
// nothing. ErrNoLink if there is none.
func (s *Store) RevokeLink(ctx context.Context, id string) (Link, error) {
	var rows []linkRow
	if err := s.query(ctx, &rows, "link", clickhouse.Parameters{"id": id}); err != nil {
		return Link{}, fmt.Errorf("look up link %q: %w", id, err)
	}
	if len(rows) == 0 {
		return Link{}, fmt.Errorf("%w: %q", ErrNoLink, id)
	}
	link := rows[0].link()
	if link.Revoked() {
		return link, nil
	}
	link.RevokedAt = now()
	if err := s.writeLink(ctx, &link, rows[0].Version+1); err != nil {
		return Link{}, fmt.Errorf("revoke link %q: %w", id, err)
	}
	return link, nil
}
