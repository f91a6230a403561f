package report_test

import (
	"compress/gzip"
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/access"
	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// now is the clock of the tests: after the last of the community's events.
var now = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// zones are asked for, and each of them is some project's.
var zones = []string{
	"UTC", "Africa/Kigali", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
}

var passive = []string{"notification_sent"}

// stand is a migrated engine with the community's events in a project of each
// zone, named after it, and a service on it.
var stand struct {
	once    sync.Once
	service *report.Service
	target  clickhouse.Target
	events  []oracle.Event
	err     error
}

func service(t testing.TB) (*report.Service, []oracle.Event) {
	t.Helper()
	target := enginetest.Migrated(t)
	stand.once.Do(func() {
		stand.target = target
		stand.err = build(target)
	})
	if stand.err != nil {
		t.Fatal(stand.err)
	}
	return stand.service, stand.events
}

// bare is a service on the same engine without the community, for tests that
// bring their own events.
func bare(t testing.TB) (*report.Service, clickhouse.Target) {
	t.Helper()
	target := enginetest.Migrated(t)
	reader, err := openReader(target)
	if err != nil {
		t.Fatal(err)
	}
	return report.New(reader, func() time.Time { return now }, report.DefaultLimits()), target
}

func openReader(target clickhouse.Target) (*clickhouse.Reader, error) {
	limits := clickhouse.ReadLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxResultRows: 100_000, MaxConcurrent: 4}
	return clickhouse.OpenReader(target, limits, prometheus.NewRegistry())
}

func build(target clickhouse.Target) error {
	reader, err := openReader(target)
	if err != nil {
		return err
	}
	stand.service = report.New(reader, func() time.Time { return now }, report.DefaultLimits())
	if stand.events, err = community(); err != nil {
		return err
	}
	if err := stopMerges(target); err != nil {
		return err
	}
	projects := map[string]string{}
	for _, name := range zones {
		projects[name] = name
	}
	return store(target, projects, stand.events, nil)
}

// stopMerges leaves the aggregates as they were inserted: answers must not
// depend on what the engine merges in the background.
func stopMerges(target clickhouse.Target) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Exec(context.Background(), "SYSTEM STOP MERGES")
}

func community() ([]oracle.Event, error) {
	file, err := os.Open("../../testdata/community.ndjson.gz")
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return oracle.Load(plain)
}

// page is a page view as far as reports look at it.
type page struct {
	oracle.Event
	bot bool
}

// store inserts events and page views into projects, given with their zones.
// It does so in one block a table, though it spans all months: the loader's
// way, a block a month, takes the engine a minute.
func store(target clickhouse.Target, projects map[string]string, events []oracle.Event, pages []page) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx := driver.Context(context.Background(), driver.WithSettings(driver.Settings{"max_partitions_per_insert_block": 0}))
	zoned := map[string]*time.Location{}
	for project, name := range projects {
		if zoned[project], err = access.LoadProjectZone(name); err != nil {
			return err
		}
	}
	if err := storeEvents(ctx, conn, zoned, events); err != nil {
		return err
	}
	return storePages(ctx, conn, zoned, pages)
}

const commonColumns = "project, day, person, occurred_at, received_at, id, user_id, anonymous_id, role, object_type, object_id, session_id, properties"

// commonValues stamps an event as ingest does.
func commonValues(project string, zone *time.Location, e oracle.Event) []any {
	who := event.Identity{UserID: e.UserID, AnonymousID: e.AnonymousID}
	return []any{
		project, event.DayOf(event.MillisOf(e.At), zone).Time(), event.PersonOf(who), e.At, now,
		e.ID, e.UserID, e.AnonymousID, e.Role, e.ObjectType, e.ObjectID, e.SessionID, e.Properties,
	}
}

func storeEvents(ctx context.Context, conn driver.Conn, projects map[string]*time.Location, events []oracle.Event) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO events ("+commonColumns+", type, tags, active)")
	if err != nil {
		return err
	}
	for project, zone := range projects {
		for _, e := range events {
			active := !slices.Contains(passive, e.Type)
			if err := batch.Append(append(commonValues(project, zone, e), e.Type, e.Tags, active)...); err != nil {
				return err
			}
		}
	}
	return batch.Send()
}

func storePages(ctx context.Context, conn driver.Conn, projects map[string]*time.Location, pages []page) error {
	if len(pages) == 0 {
		return nil
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO page_views ("+commonColumns+", bot)")
	if err != nil {
		return err
	}
	for project, zone := range projects {
		for _, p := range pages {
			if err := batch.Append(append(commonValues(project, zone, p.Event), p.bot)...); err != nil {
				return err
			}
		}
	}
	return batch.Send()
}

// location loads a zone, or fails the test.
func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func day(t testing.TB, s string) report.Date {
	t.Helper()
	d, err := report.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
