package export_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/report"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// The tests' range is two months, and the clock stands within the second one.
var (
	firstDay = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	now      = time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)
)

const days = 61

// stand is a migrated engine with a small community in one project.
var stand struct {
	once sync.Once
	err  error
}

func service(t *testing.T) (*report.Service, clickhouse.Target) {
	t.Helper()
	target := enginetest.Migrated(t)
	stand.once.Do(func() { stand.err = fill(target, "p", 40) })
	if stand.err != nil {
		t.Fatal(stand.err)
	}
	reader, err := clickhouse.OpenReader(target, clickhouse.ReadLimits{
		Timeout: time.Minute, MaxMemory: 1 << 30, MaxResultRows: 100_000, MaxConcurrent: 4,
	}, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	return report.New(reader, func() time.Time { return now }, report.DefaultLimits()), target
}

// kinds are what happens in turn, with the object that it happens to.
var kinds = []struct{ kind, object string }{
	{"user_signup", ""}, {"login", ""}, {"post_created", "post"}, {"post_viewed", "post"}, {"comment_added", "post"}, {"post_liked", "post"},
	{"event_registered", "event"}, {"event_attended", "event"}, {"notification_sent", "notification"}, {"notification_opened", "notification"},
	{"message_sent", "message"}, {"message_delivered", "message"}, {"post_shared", "post"},
}

// fill stores what some persons do on every third day or so, and the pages that
// they look at. One of them has a name that a spreadsheet would run.
func fill(target clickhouse.Target, project string, persons int) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx := context.Background()
	events, err := conn.PrepareBatch(ctx, "INSERT INTO events (project, day, person, occurred_at, received_at, seq, id, user_id, role, object_type, object_id, session_id, properties, type, tags, active)")
	if err != nil {
		return err
	}
	pages, err := conn.PrepareBatch(ctx, "INSERT INTO page_views (project, day, person, occurred_at, received_at, seq, id, user_id, role, session_id, properties, path, url, host, source, duration_ms, device, browser, country)")
	if err != nil {
		return err
	}
	seq := uint64(0)
	for n := range persons * days {
		person, day := n%persons, n/persons
		if (person+day)%3 != 0 {
			continue
		}
		seq++
		if err := appendAct(events, pages, project, person, day, seq); err != nil {
			return err
		}
	}
	if err := events.Send(); err != nil {
		return err
	}
	return pages.Send()
}

func appendAct(events, pages interface{ Append(...any) error }, project string, person, day int, seq uint64) error {
	at := firstDay.AddDate(0, 0, day).Add(time.Duration(person)*17*time.Minute + 123*time.Millisecond)
	user := fmt.Sprintf("user %d", person)
	if person == 3 {
		user = `=HYPERLINK("http://evil.example","ü")`
	}
	who := event.PersonOf(event.Identity{UserID: user})
	act := kinds[(person+day/3)%len(kinds)]
	object := ""
	if act.object != "" {
		object = fmt.Sprintf("%s-%d", act.object, day%5)
	}
	role := []string{"member", "core", ""}[person%3]
	session := fmt.Sprintf("s%d-%d", person, day)
	properties := map[string]string{"channel": []string{"mail", "push"}[person%2], "campaign": "+spring", "say": "\"a\",\r\nb"}
	tags := []string{"go", "@home"}[:1+person%2]
	local := firstDay.AddDate(0, 0, day)
	if err := events.Append(project, local, who, at, at, seq, fmt.Sprintf("e%d", seq), user, role, act.object, object, session, properties,
		act.kind, tags, act.kind != "notification_sent"); err != nil {
		return err
	}
	if person%2 == 1 {
		return nil
	}
	for i, path := range []string{"/", "/posts", "-1"} {
		if err := pages.Append(project, local, who, at.Add(time.Duration(i)*time.Minute), at, seq, fmt.Sprintf("v%d-%d", seq, i), user, role, session, properties,
			path, "https://a.example"+path, "a.example", "search", uint32(1500*(i+1)), "desktop", "Firefox", "RW"); err != nil {
			return err
		}
	}
	return nil
}

func question(t *testing.T, from, to string) report.Question {
	t.Helper()
	q := report.Question{Project: "p", ProjectZone: time.UTC, Options: map[string]string{}, Limit: 7}
	var err error
	if q.From, err = report.ParseDate(from); err == nil {
		q.To, err = report.ParseDate(to)
	}
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// open is a connection as the writer.
func open(t *testing.T, target clickhouse.Target) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
