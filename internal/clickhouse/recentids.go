package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"
)

// History answers questions about what was stored lately. It reads as the
// writer, outside the limits of readers.
type History struct{ Conn driver.Conn }

// recentIDs picks the newest ids of producers and returns them oldest first.
// Ids that we made ourselves ({made:String}) cannot come back. received_at has
// a skip index, so months without late arrivals are not read.
const recentIDs = `
SELECT project, kind, id, received_at FROM (
    SELECT project, kind, id, received_at FROM (
        SELECT toString(project) AS project, 'event' AS kind, id, received_at FROM events
        WHERE received_at >= {since:DateTime64(3, 'UTC')} AND NOT match(id, {made:String})
        UNION ALL
        SELECT toString(project) AS project, 'page_view' AS kind, id, received_at FROM page_views
        WHERE received_at >= {since:DateTime64(3, 'UTC')} AND NOT match(id, {made:String})
        UNION ALL
        SELECT JSONExtractString(row, 'project'), if(target = 'events', 'event', 'page_view'), JSONExtractString(row, 'id') AS held, at FROM quarantine FINAL
        WHERE at >= {since:DateTime64(3, 'UTC')} AND state != 'discarded' AND NOT match(held, {made:String})
    ) ORDER BY received_at DESC LIMIT {limit:UInt64}
) ORDER BY received_at`

// RecentIDs calls each for every row received since a moment whose id does not
// match made, a regular expression: the newest ones, at most limit of both
// kinds together, oldest first. While ClickHouse does not answer it begins
// again, for up to patience: each may be called again for rows that it has had.
func (h History) RecentIDs(ctx context.Context, since time.Time, limit int, made string,
	each func(project, kind, id string, received time.Time)) error {
	const patience = 15 * time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := h.recentIDs(ctx, since, limit, made, each)
		if err != nil && !Unreachable(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 2 * time.Second,
	}), backoff.WithMaxElapsedTime(patience))
	if err != nil {
		return fmt.Errorf("read recent ids: %w", err)
	}
	return nil
}

func (h History) recentIDs(ctx context.Context, since time.Time, limit int, made string,
	each func(project, kind, id string, received time.Time)) error {
	rows, err := h.Conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{
		"since": since.UTC().Format("2006-01-02 15:04:05.000"),
		"limit": strconv.Itoa(limit),
		"made":  made,
	})), recentIDs)
	if err != nil {
		return err
	}
	return forEach(rows, func(scan func(dest ...any) error) error {
		var project, kind, id string
		var received time.Time
		if err := scan(&project, &kind, &id, &received); err != nil {
			return err
		}
		each(project, kind, id, received)
		return nil
	})
}
