package community_test

import (
	"context"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/bench/community"
	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/proof"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// database runs statements over a connection of the writer.
type database struct{ driver.Conn }

func (d database) Run(ctx context.Context, sql string, params, settings map[string]string) error {
	own := driver.Settings{}
	for name, value := range settings {
		own[name] = value
	}
	return d.Exec(driver.Context(ctx, driver.WithParameters(params), driver.WithSettings(own)), sql)
}

// options are of a history over the change of clocks in New York.
func options(project string) community.Options {
	return community.Options{
		Seed: 1, Events: 20_000, Project: project, Zone: "America/New_York",
		From: time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC),
	}
}

// build makes a history of a project of its own.
func build(t *testing.T, o community.Options) database {
	t.Helper()
	conn, err := clickhouse.Open(enginetest.Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := community.Build(t.Context(), database{conn}, o, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	return database{conn}
}

func TestRowsAreWhatIngestMakes(t *testing.T) {
	o := options("rows")
	db := build(t, o)
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"events", "page_views"} {
		kind, active := "type", "active"
		if table == "page_views" {
			kind, active = "''", "true"
		}
		rows, err := db.Query(t.Context(), "SELECT day, person, occurred_at, user_id, anonymous_id, toString("+kind+"), "+active+", seq FROM "+table+" WHERE project = 'rows'")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[uint64]bool{}
		for rows.Next() {
			var day, at time.Time
			var person, seq uint64
			var who event.Identity
			var kind string
			var active bool
			if err := rows.Scan(&day, &person, &at, &who.UserID, &who.AnonymousID, &kind, &active, &seq); err != nil {
				t.Fatal(err)
			}
			if want := event.DayOf(event.MillisOf(at), zone).Time(); !day.Equal(want) || at.Before(o.From) {
				t.Fatalf("day %s of %s, want %s", day, at, want)
			}
			if want := event.PersonOf(who); person != want {
				t.Fatalf("person %d of %+v, want %d", person, who, want)
			}
			if want := kind != "notification_sent" && !event.Automatic(kind); active != want {
				t.Fatalf("%s: active is %t", kind, active)
			}
			if seen[seq] || seq>>40 != 1 {
				t.Fatalf("seq %d is there twice, or of a log", seq)
			}
			seen[seq] = true
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if len(seen) < o.Events/10 {
			t.Errorf("%s has %d rows", table, len(seen))
		}
	}
}

func TestAggregatesEqualTheRawRows(t *testing.T) {
	db := build(t, options("proof"))
	findings, err := proof.Compare(t.Context(), db, "proof")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Differing > 0 || f.Rows == 0 {
			t.Errorf("%s: %d of %d rows differ: %v", f.Table, f.Differing, f.Rows, f.Examples)
		}
	}
}

func TestHistoryIsTheSameEachTime(t *testing.T) {
	digest := func(project string, o community.Options) (digests [2]uint64) {
		o.Project = project
		db := build(t, o)
		for i, table := range []string{"events", "page_views"} {
			err := db.QueryRow(t.Context(), "SELECT groupBitXor(cityHash64(tuple(* EXCEPT (project)))) FROM "+table+" WHERE project = '"+project+"'").Scan(&digests[i])
			if err != nil {
				t.Fatal(err)
			}
		}
		return digests
	}
	first := digest("first", options("first"))
	if diff := cmp.Diff(first, digest("second", options("second"))); diff != "" {
		t.Errorf("first (-), second (+):\n%s", diff)
	}
	other := options("other")
	other.Seed++
	if cmp.Equal(first, digest("other", other)) {
		t.Error("another seed makes the same rows")
	}
}

// TestHistoryIsACommunitys asks for what questions are about: people who come,
// stay away and come back, change roles, and chains of events.
func TestHistoryIsACommunitys(t *testing.T) {
	db := build(t, options("life"))
	for _, claim := range []struct{ name, sql string }{
		{"there are as many events as wanted, give or take", `SELECT abs(count() - 20000) < 2000 FROM events WHERE project = 'life'`},
		{"some come in one month alone", `SELECT countIf(n = 1) > 10 AND countIf(n = 2) > 10 FROM (
			SELECT uniqExact(month) AS n FROM user_month WHERE project = 'life' GROUP BY person)`},
		{"some change roles", `SELECT count() > 0 FROM (SELECT 1 FROM user_day WHERE project = 'life' GROUP BY person HAVING uniqExact(role) > 1)`},
		{"a few posts have much of the attention", `SELECT max(n) > 20 * avg(n) FROM (
			SELECT count() AS n FROM events WHERE project = 'life' AND object_type = 'post' GROUP BY object_id)`},
		{"nothing is opened that was not sent", `SELECT countIf(has(t, 'notification_opened') AND NOT has(t, 'notification_sent')) = 0 AND countIf(has(t, 'notification_opened')) > 10 FROM (
			SELECT groupArray(type) AS t FROM events WHERE project = 'life' AND object_type = 'notification' GROUP BY object_id)`},
		{"who attends has registered", `SELECT countIf(has(t, 'event_attended') AND NOT has(t, 'event_registered')) = 0 AND countIf(has(t, 'event_attended')) > 10 FROM (
			SELECT groupArray(type) AS t FROM events WHERE project = 'life' AND object_type = 'event' GROUP BY object_id, person)`},
		{"robots are few, and nobody", `SELECT countIf(bot AND person != 0) = 0 AND countIf(bot) BETWEEN 10 AND count() / 4 FROM page_views WHERE project = 'life'`},
		{"every day has landed, once and for all", `SELECT count() = 59 AND sum(begun) = sum(ended) FROM landed WHERE project = 'life'`},
		{"campaigns are in the address", `SELECT countIf(utm_source != '' AND position(url, utm_source) = 0) = 0 AND countIf(utm_source != '') > 10 FROM page_views WHERE project = 'life'`},
	} {
		var holds bool
		if err := db.QueryRow(t.Context(), "SELECT toBool(x) FROM (SELECT ("+claim.sql+") AS x)").Scan(&holds); err != nil {
			t.Errorf("%s: %v", claim.name, err)
		} else if !holds {
			t.Errorf("%s: it is not so", claim.name)
		}
	}
}
