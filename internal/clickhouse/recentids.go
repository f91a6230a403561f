package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// History answers questions about what was stored lately. It reads as the
// writer, outside the limits of readers.
type History struct{ Conn driver.Conn }

// recentIDs picks the newest rows and returns them oldest first. received_at
// has a skip index, so months without late arrivals are not read.
const recentIDs = `
SELECT project, id, received_at FROM (
    SELECT toString(project) AS project, id, received_at FROM {table:Identifier}
    WHERE received_at >= {since:DateTime64(3, 'UTC')}
    ORDER BY received_at DESC LIMIT {limit:UInt64}
) ORDER BY received_at`

// RecentIDs calls each for every row received since a moment, oldest first
// within a kind, at most limit of each kind.
func (h History) RecentIDs(ctx context.Context, since time.Time, limit int,
	each func(project, kind, id string, received time.Time)) error {
	for _, source := range []struct{ kind, table string }{{"event", "events"}, {"page_view", "page_views"}} {
		rows, err := h.Conn.Query(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{
			"table": source.table,
			"since": since.UTC().Format("2006-01-02 15:04:05.000"),
			"limit": fmt.Sprint(limit),
		})), recentIDs)
		if err != nil {
			return fmt.Errorf("read recent ids of %s: %w", source.table, err)
		}
		err = forEach(rows, func(scan func(dest ...any) error) error {
			var project, id string
			var received time.Time
			if err := scan(&project, &id, &received); err != nil {
				return fmt.Errorf("read recent ids of %s: %w", source.table, err)
			}
			each(project, source.kind, id, received)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
