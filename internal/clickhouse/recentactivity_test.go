package clickhouse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
)

// lively stores rows of the last minutes, and what must not be taken for one.
const lively = `
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, active)
SELECT {project:String}, toDate(at), 't', p, at, now64(3), {base:UInt64} + p, a FROM values('p UInt64, ago Int64, a Bool',
	(1, 60, true), (1, 600, true), (2, 600, true), (3, 7200, true), (4, 60, false), (0, 60, true), (5, -7200, true))
ARRAY JOIN [now64(3) - toIntervalSecond(ago)] AS at;
INSERT INTO page_views (project, day, path, person, occurred_at, received_at, seq, bot)
SELECT {project:String}, toDate(at), '/', p, at, now64(3), {base:UInt64} + 10 + p, b FROM values('p UInt64, ago Int64, b Bool',
	(2, 30, false), (6, 30, true), (7, 90000, false), (8, 900, false))
ARRAY JOIN [now64(3) - toIntervalSecond(ago)] AS at`

func TestRecentActivityIsOfPeopleWithinTheTime(t *testing.T) {
	conn, err := clickhouse.Open(enginetest.Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	const project = "recent-activity"
	now := time.Now()
	exec(t, conn, project, lively)
	history := clickhouse.History{Conn: conn}
	for name, projects := range map[string][]string{"named": {project, "no-such-project"}, "all": nil} {
		t.Run(name, func(t *testing.T) {
			ago := map[uint64]time.Duration{}
			if err := history.RecentPeople(t.Context(), now.Add(-30*time.Minute), projects, 10, func(p string, person uint64, last time.Time) {
				if p == project {
					ago[person] = now.Sub(last).Round(30 * time.Second)
				}
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[uint64]time.Duration{1: time.Minute, 2: 30 * time.Second, 8: 15 * time.Minute}, ago); diff != "" {
				t.Errorf("want (-), got (+): %s", diff)
			}
			var events, views uint64
			if err := history.RecentCounts(t.Context(), now.Add(-30*time.Minute), projects, 10, func(p string, from time.Time, e, v uint64) {
				if p == project {
					events, views = events+e, views+v
				}
				if from.Unix()%10 != 0 {
					t.Errorf("a stretch begins at %v", from)
				}
			}); err != nil {
				t.Fatal(err)
			}
			if events != 5 || views != 2 {
				t.Errorf("%d events and %d page views, want 5 and 2", events, views)
			}
		})
	}
	var smallest []uint64
	if err := history.RecentPeople(t.Context(), now.Add(-30*time.Minute), []string{project}, 2, func(_ string, person uint64, _ time.Time) {
		smallest = append(smallest, person)
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{1, 2}, smallest); diff != "" {
		t.Errorf("the smallest hashes: want (-), got (+): %s", diff)
	}
}
