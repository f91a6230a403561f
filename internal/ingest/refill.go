package ingest

import (
	"context"
	"fmt"
	"time"
)

// History tells which ids were stored lately.
type History interface {
	// RecentIDs calls each for every row received since a moment whose id does
	// not match the regular expression made: the newest ones, at most limit in
	// all, oldest first. kind is event or page_view.
	RecentIDs(ctx context.Context, since time.Time, limit int, made string,
		each func(project, kind, id string, received time.Time)) error
}

// madeIDs matches the ids that idSource makes of random bytes: nobody sends
// them again.
const madeIDs = "^r[0-9a-f]{24}-[0-9]+$"

// Refill remembers the ids of the rows stored within the window, so that a
// restart does not count a producer's retry twice. It returns how many.
func (s *Service) Refill(ctx context.Context, history History) (int, error) {
	if s.config.Window == 0 {
		return 0, nil
	}
	since := s.clock().Add(-s.config.Window)
	err := history.RecentIDs(ctx, since, s.config.MaxIDs, madeIDs, func(project, kind, id string, received time.Time) {
		s.seen.Add(KeyOf(project, kind, id), received)
	})
	if err != nil {
		return s.seen.Len(), fmt.Errorf("refill the window of ids: %w", err)
	}
	return s.seen.Len(), nil
}
