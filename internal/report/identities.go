package report

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ibarura/internal/event"
)

// LinkedIdentity is an anonymous id, or a former one, that was said to be a
// user's.
type LinkedIdentity struct {
	AnonymousID string `json:"anonymous_id"`
	UserID      string `json:"user_id"`
	Since       string `json:"since" column:"moment"` // when that was first said

	since int64 // Unix milliseconds
}

// maxLinked bounds the ids whose histories are joined.
const maxLinked = 100

var identitySources = []source{
	{"identities", []string{"identities"}, ByRole, always, scope.identityParams},
}

func (s scope) identityParams() params {
	names, users := one(s.Options[optionAnonymous]), texts(nil)
	if user := s.Options[optionUser]; user != "" {
		names, users = one(user), one(user)
	}
	return params{"project": s.Project, "names": names, "users": users, "limit": strconv.Itoa(maxLinked + 1)}
}

// linked returns the identities that were said to be the same as the asked
// one, at most maxLinked, and says so.
func (a *asking) linked(ctx context.Context, s scope) ([]LinkedIdentity, error) {
	list, err := rowsOf(ctx, a, s.plan(identitySources), func(l *LinkedIdentity) []any {
		return []any{&l.AnonymousID, &l.UserID, &l.since}
	})
	for i := range list {
		list[i].Since = momentLabel(list[i].since, s.Zone)
	}
	if len(list) > maxLinked {
		list = list[:maxLinked]
		a.note(fmt.Sprintf("More ids are linked; the histories of %d are joined.", maxLinked))
	}
	a.note("The histories of linked ids are joined with that of the asked one; summary lists them.")
	return list, err
}

// momentLabel writes a moment with its offset in a zone.
func momentLabel(millis int64, zone *time.Location) string {
	return time.UnixMilli(millis).In(zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// persons are the keys under which the asked identity, and those linked to it,
// are counted. A former id may have been a user's or a visitor's.
func persons(asked event.Identity, linked []LinkedIdentity) []uint64 {
	list := []uint64{event.PersonOf(asked)}
	for _, l := range linked {
		list = append(list,
			event.PersonOf(event.Identity{UserID: l.UserID}),
			event.PersonOf(event.Identity{UserID: l.AnonymousID}),
			event.PersonOf(event.Identity{AnonymousID: l.AnonymousID}))
	}
	return list
}
