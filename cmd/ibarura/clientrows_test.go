package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// storedItem is what the raw tables have of an event or a page view.
type storedItem struct {
	Kind        string            `ch:"kind"`
	ID          string            `ch:"id"`
	OccurredAt  time.Time         `ch:"occurred_at"`
	UserID      string            `ch:"user_id"`
	AnonymousID string            `ch:"anonymous_id"`
	SessionID   string            `ch:"session_id"`
	Role        string            `ch:"role"`
	ObjectType  string            `ch:"object_type"`
	ObjectID    string            `ch:"object_id"`
	Active      bool              `ch:"active"`
	More        string            `ch:"more"`
	Properties  map[string]string `ch:"properties"`
}

// arrived returns the items of a project as lines, sorted. What differs from
// run to run is replaced by a name for what it is.
func arrived(t *testing.T, conn clickhouse.Conn, project string, names map[string]string) []string {
	t.Helper()
	var items []storedItem
	err := conn.Select(t.Context(), &items, `
		SELECT toString(type) AS kind, id, occurred_at, user_id, anonymous_id, session_id, toString(role) AS role, toString(object_type) AS object_type, object_id, active,
		       arrayStringConcat(tags, ',') AS more, CAST(properties, 'Map(String, String)') AS properties
		FROM events WHERE project = $1 UNION ALL
		SELECT 'PAGE', id, occurred_at, user_id, anonymous_id, session_id, toString(role), toString(object_type), object_id, false,
		       concat(url, ' ', title, ' ', source, ' ', utm_source, ' ', browser), CAST(properties, 'Map(String, String)')
		FROM page_views WHERE project = $1`, project)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(items))
	for i := range items {
		if items[i].ID == "" {
			t.Errorf("%s: an item without an id", project)
		}
		lines[i] = items[i].line(names)
	}
	slices.Sort(lines)
	return lines
}

var (
	hashes = regexp.MustCompile(`\b(?:[0-9a-f]{32}|[0-9a-f]{24})\b`)
	uuids  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	clocks = regexp.MustCompile(`\b1[0-9]{12}\b`)
)

func (s *storedItem) line(names map[string]string) string {
	var b strings.Builder
	b.WriteString(s.Kind)
	for _, field := range []struct{ name, value string }{
		{"user", s.UserID}, {"anonymous", s.AnonymousID}, {"session", s.SessionID}, {"role", s.Role},
		{"object", strings.Trim(s.ObjectType+"/"+s.ObjectID, "/")}, {"with", strings.Trim(s.More, " ")}, {"at", s.when()},
	} {
		if field.value != "" {
			fmt.Fprintf(&b, " %s=%s", field.name, field.value)
		}
	}
	if s.Active {
		b.WriteString(" active")
	}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if key == "library_version" || strings.HasPrefix(key, "$prev_pageview_") || key == "engaged_ms" { // they change
			continue
		}
		fmt.Fprintf(&b, " %s:%s", key, s.Properties[key])
	}
	line := clocks.ReplaceAllString(uuids.ReplaceAllString(hashes.ReplaceAllString(b.String(), "HASH"), "UUID"), "CLOCK")
	for text, name := range names {
		line = strings.ReplaceAll(line, text, name)
	}
	return line
}

// when is the time of day of what happened long ago, "" for just now.
func (s *storedItem) when() string {
	if age := time.Since(s.OccurredAt); age > -time.Minute && age < 10*time.Minute {
		return ""
	}
	return s.OccurredAt.Format("2006-01-02T15:04:05.000")
}
