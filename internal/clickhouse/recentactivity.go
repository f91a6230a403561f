package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// recentRows are the rows of a few minutes, whoever they are of. What happened
// since a moment was received since, unless the producer's clock was ahead; and
// received_at has a skip index, so that older rows are not read. Local days are at
// most a day off from UTC's. What is of the future has not happened yet.
const recentRows = `
    SELECT project, person, occurred_at, true AS event, active AS present FROM events
    WHERE day >= toDate({since:DateTime64(3, 'UTC')}) - 1 AND received_at >= {since:DateTime64(3, 'UTC')}
        AND occurred_at BETWEEN {since:DateTime64(3, 'UTC')} AND now64(3) AND {{projects}}
    UNION ALL
    SELECT project, person, occurred_at, false, true FROM page_views
    WHERE day >= toDate({since:DateTime64(3, 'UTC')}) - 1 AND received_at >= {since:DateTime64(3, 'UTC')}
        AND occurred_at BETWEEN {since:DateTime64(3, 'UTC')} AND now64(3) AND NOT bot AND {{projects}}`

const recentPeople = `
SELECT toString(project), person, max(occurred_at) FROM (` + recentRows + `
) WHERE present AND person != 0 GROUP BY project, person ORDER BY project, person LIMIT {limit:UInt64} BY project`

const recentCounts = `
SELECT toString(project), toDateTime(intDiv(toUnixTimestamp(occurred_at), {seconds:UInt32}) * {seconds:UInt32}, 'UTC') AS began,
       countIf(event), countIf(NOT event)
FROM (` + recentRows + `
) GROUP BY project, began`

// RecentPeople calls each for the persons who were there since a moment, with
// an event that is not passive or a page view that is no robot's, and the time at
// which they were last seen: at most limit of a project, those with the smallest
// hashes, in their order. projects names some projects; nil: all.
func (h History) RecentPeople(ctx context.Context, since time.Time, projects []string, limit int,
	each func(project string, person uint64, last time.Time)) error {
	return h.recent(ctx, recentPeople, since, projects, map[string]string{"limit": strconv.Itoa(limit)},
		func(scan func(dest ...any) error) error {
			var project string
			var person uint64
			var last time.Time
			if err := scan(&project, &person, &last); err != nil {
				return err
			}
			each(project, person, last)
			return nil
		})
}

// RecentCounts calls each for every stretch of so many seconds since a moment in
// which something happened: events, and page views of people.
func (h History) RecentCounts(ctx context.Context, since time.Time, projects []string, seconds int,
	each func(project string, from time.Time, events, pageViews uint64)) error {
	return h.recent(ctx, recentCounts, since, projects, map[string]string{"seconds": strconv.Itoa(seconds)},
		func(scan func(dest ...any) error) error {
			var project string
			var from time.Time
			var events, pageViews uint64
			if err := scan(&project, &from, &events, &pageViews); err != nil {
				return err
			}
			each(project, from, events, pageViews)
			return nil
		})
}

func (h History) recent(ctx context.Context, query string, since time.Time, projects []string, values map[string]string,
	each func(scan func(dest ...any) error) error) error {
	picked := "true"
	values["since"] = since.UTC().Format("2006-01-02 15:04:05.000")
	if projects != nil {
		picked = "project IN {projects:Array(String)}"
		values["projects"] = textList(projects)
	}
	rows, err := h.Conn.Query(parameters(ctx, values), strings.ReplaceAll(query, "{{projects}}", picked))
	if err != nil {
		return fmt.Errorf("read what happened lately: %w", err)
	}
	return forEach(rows, each)
}
