package ingest

import (
	"context"
	"fmt"
	"time"
)

// History tells which ids were stored lately.
type History interface {
	// RecentIDs calls each for every row received since a moment, oldest
	// first, at most limit of each kind, the newest ones. kind is event or
	// page_view.
	RecentIDs(ctx context.Context, since time.Time, limit int, each func(project, kind, id string, received time.Time)) error
}

// Refill remembers the ids of the rows stored within the window, so that a
// restart does not count a producer's retry twice. It returns how many.
func (s *Service) Refill(ctx context.Context, history History) (int, error) {
	since := s.clock().Add(-s.config.Window)
	err := history.RecentIDs(ctx, since, s.config.MaxIDs, func(project, kind, id string, received time.Time) {
		s.seen.Add(KeyOf(project, kind, id), received)
	})
	if err != nil {
		return s.seen.Len(), fmt.Errorf("refill the window of ids: %w", err)
	}
	return s.seen.Len(), nil
}
