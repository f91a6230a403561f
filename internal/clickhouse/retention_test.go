package clickhouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
)

// free is the fence of a test in which nothing is loaded.
type free string

func (f free) ID() string                                      { return string(f) }
func (free) Fence(context.Context) (release func(), err error) { return func() {}, nil }
func (free) Held(context.Context) error                        { return nil }

func march(t *testing.T) (february, march time.Time) {
	t.Helper()
	return time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
}

func TestWhatIsCountedOutlivesRawAndIsNotMadeAnewFromWhatIsGone(t *testing.T) {
	conn := writer(t, enginetest.Migrated(t))
	store := clickhouse.Retentions{Conn: conn}
	february, march := march(t)
	old := strings.ReplaceAll(community, "now64(3, 'UTC')", "now64(3, 'UTC') - toIntervalDay(3)")
	exec(t, conn, "aged", old)
	exec(t, conn, "aged", strings.ReplaceAll(community, "toString(number), if", "concat('late', toString(number)), if")) // came just now
	exec(t, conn, "young", old)
	const (
		raw      = "SELECT count() FROM events WHERE project = {project:String} AND day < '2024-03-01'"
		counters = "SELECT sum(events) + sum(page_views) FROM counters_15m WHERE project = {project:String}"
		daily    = "SELECT sum(events) FROM metrics_daily WHERE project = {project:String}"
		people   = "SELECT sum(cityHash64(person, day, events)) FROM user_day WHERE project = {project:String}"
		seen     = "SELECT sum(cityHash64(person, first_seen)) FROM persons FINAL WHERE project = {project:String}"
	)
	before := map[string]uint64{}
	for _, sql := range []string{counters, daily, people, seen} {
		before[sql] = count(t, conn, "aged", sql)
	}
	late := count(t, conn, "aged", raw+" AND received_at > now() - INTERVAL 1 DAY")
	never := time.Unix(0, 0).UTC()
	kept := clickhouse.Retention{Project: "aged", Days: clickhouse.Tiers[uint32]{Raw: 30},
		From: clickhouse.Tiers[time.Time]{Raw: march, People: never, Counters: never}, Version: 1}
	if err := store.Put(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // tests beside this one rebuild all projects
		kept.From.Raw = never
		kept.Version++
		if err := store.Put(context.Background(), kept); err != nil {
			t.Error(err)
		}
	})
	if _, err := store.Expire(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "aged", raw); n != late || late == 0 {
		t.Errorf("%d raw rows of February are left, want the %d that came just now", n, late)
	}
	if n := count(t, conn, "young", raw); n == 0 {
		t.Error("another project lost its rows")
	}
	rebuilder := clickhouse.Rebuilder{Conn: conn, Fencer: free(claimOf(t, conn, "0d01"))}
	units, err := rebuilder.Units(t.Context(), []string{"counters_15m"}, []time.Time{february})
	if err != nil || len(units) != 1 {
		t.Fatalf("%v, %d units", err, len(units))
	}
	if err := rebuilder.Do(t.Context(), units[0]); !errors.Is(err, clickhouse.ErrExpired) {
		t.Errorf("made anew from what is gone: %v", err)
	}
	if err := (clickhouse.RawTables{Conn: conn}).Rebuild(t.Context(), []time.Time{february}); err != nil {
		t.Errorf("after a crash of the host: %v", err)
	}
	for sql, want := range before {
		if n := count(t, conn, "aged", sql); n != want {
			t.Errorf("%s: %d, was %d", sql, n, want)
		}
	}
}

func TestEachTierGoesByItself(t *testing.T) {
	conn := writer(t, enginetest.Migrated(t))
	store := clickhouse.Retentions{Conn: conn}
	_, march := march(t)
	april := march.AddDate(0, 1, 0)
	exec(t, conn, "tiers", strings.ReplaceAll(community, "now64(3, 'UTC')", "now64(3, 'UTC') - toIntervalDay(3)"))
	kept := clickhouse.Retention{Project: "tiers", From: clickhouse.Tiers[time.Time]{Raw: april, People: march, Counters: march}, Version: 1}
	for range 2 { // it may be repeated
		if _, err := store.Expire(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
	}
	for sql, some := range map[string]bool{
		"SELECT count() FROM events WHERE project = {project:String} AND day < '2024-04-01'":            false,
		"SELECT count() FROM events WHERE project = {project:String}":                                   true,
		"SELECT count() FROM user_day WHERE project = {project:String} AND day < '2024-03-01'":          false,
		"SELECT count() FROM user_day WHERE project = {project:String} AND day < '2024-04-01'":          true,
		"SELECT count() FROM user_month WHERE project = {project:String} AND month < '2024-03-01'":      false,
		"SELECT count() FROM metrics_daily WHERE project = {project:String} AND day < '2024-03-01'":     false,
		"SELECT count() FROM metrics_monthly WHERE project = {project:String} AND month < '2024-03-01'": false,
		"SELECT count() FROM metrics_monthly WHERE project = {project:String}":                          true,
		"SELECT count() FROM persons WHERE project = {project:String} AND first_seen < '2024-03-01'":    true,
	} {
		if n := count(t, conn, "tiers", sql); (n > 0) != some {
			t.Errorf("%s: %d", sql, n)
		}
	}
}
