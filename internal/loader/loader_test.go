package loader_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/loader"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func config() loader.Config {
	return loader.Config{
		BatchRows: 1000, BatchBytes: 1 << 20, BatchAge: 20 * time.Millisecond,
		MaxBufferedRows: 10_000, MaxBufferedBytes: 10 << 20, Inserters: 2,
		RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond,
	}
}

func row(project string, i int, day event.Day) *event.Row {
	return &event.Row{
		Event: event.Event{
			ID: fmt.Sprintf("id-%d", i), Type: "post_created", OccurredAt: event.Millis(int64(day)*86_400_000 + int64(i)),
			Identity: event.Identity{UserID: fmt.Sprintf("u%d", i%7), Role: []string{"member", "core"}[i%2], SessionID: "s1"},
			Object:   event.Object{Type: "post", ID: fmt.Sprintf("p%d", i%3)},
			Tags:     []string{"go", "sql"}[:i%3%2+1], Properties: []event.Property{{Key: "n", Value: fmt.Sprint(i)}},
		},
		Stamp:  event.Stamp{Project: project, Day: day, Person: uint64(i%7 + 1), ReceivedAt: 1_700_000_000_000},
		Active: i%5 != 0,
	}
}

func TestRowsArriveInRawAndInEveryViewAsTheyWereSent(t *testing.T) {
	target := enginetest.Migrated(t)
	inserter := clickhouse.NewInserter(target)
	defer func() { _ = inserter.Close() }()
	l := loader.Start(config(), inserter, zap.NewNop(), prometheus.NewRegistry())
	const n = 2500
	for i := range n {
		l.AddEvent(row("arrive", i, event.Day(19_000+i%90))) // four months
	}
	page := &event.PageRow{
		PageView: event.PageView{ID: "v1", OccurredAt: 1_700_000_000_123, URL: "https://a.example/x?q=1", Title: "Ünïcode", DurationMs: 1500,
			UserAgent: "secret agent", IP: "192.0.2.7", Properties: []event.Property{{Key: "k", Value: "v"}}},
		Stamp: event.Stamp{Project: "arrive", Day: 19_675, ReceivedAt: 1_700_000_000_500},
		Visit: event.Visit{Host: "a.example", Path: "/x", Device: "mobile", Browser: "Firefox", OS: "Android", Country: "RW", Bot: true},
	}
	l.AddPageView(page)
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := l.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if rows, bytes := l.Buffered(); rows != 0 || bytes != 0 {
		t.Errorf("after stop %d rows and %d bytes are buffered", rows, bytes)
	}

	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, c := range []struct{ name, sql, want string }{
		{"raw rows", "SELECT count() FROM events WHERE project = 'arrive'", "2500"},
		{"seq is unique", "SELECT uniqExact(seq) FROM events WHERE project = 'arrive'", "2500"},
		{"a row whole", `SELECT concat(id, type, user_id, role, session_id, object_type, object_id, toString(tags), toString(properties), toString(active), toString(occurred_at))
			FROM events WHERE project = 'arrive' AND id = 'id-7'`, "id-7post_createdu0cores1postp1['go','sql']{'n':'7'}true2022-01-15 00:00:00.007"},
		{"metrics_daily", "SELECT sum(events) FROM metrics_daily WHERE project = 'arrive'", "2500"},
		{"counters_15m", "SELECT sum(events) FROM counters_15m WHERE project = 'arrive'", "2500"},
		{"metrics_monthly", "SELECT sum(events) FROM metrics_monthly WHERE project = 'arrive'", "2500"},
		{"user_day has the active ones", "SELECT sum(events) FROM user_day WHERE project = 'arrive'", "2000"},
		{"tag_day has a tag an event", "SELECT sum(events) FROM tag_day WHERE project = 'arrive'",
			"SELECT sum(length(arrayDistinct(tags))) FROM events WHERE active AND project = 'arrive'"},
		{"page view", "SELECT concat(path, title, toString(duration_ms), device, country, toString(bot)) FROM page_views WHERE project = 'arrive'", "/xÜnïcode1500mobileRWtrue"},
		{"bot counted apart", "SELECT sum(bot_page_views) - sum(page_views) FROM metrics_daily WHERE project = 'arrive'", "1"},
	} {
		got := value(t, conn, c.sql)
		want := c.want
		if strings.HasPrefix(want, "SELECT") {
			want = value(t, conn, want)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
	}
	if got := value(t, conn, `SELECT count() FROM system.columns WHERE database = 'ibarura' AND match(name, '(^ip$|address|user_agent)')`); got != "0" {
		t.Errorf("%s columns could hold an address or a user agent", got)
	}
}

func value(t *testing.T, conn driver.Conn, sql string) string {
	t.Helper()
	var s string
	if err := conn.QueryRow(context.Background(), "SELECT toString(("+sql+"))").Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

// flaky fails as often as it is told and records the tokens it saw.
type flaky struct {
	mu       sync.Mutex
	failures int
	tokens   map[string]int // token -> rows of its block
	repeated int
	rows     int
	block    chan struct{} // inserts wait for it if it is set
}

func (f *flaky) Insert(ctx context.Context, _ string, columns proto.Input, token string) error {
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	rows := columns[0].Data.Rows()
	if before, ok := f.tokens[token]; ok {
		f.repeated++
		if before != rows {
			return fmt.Errorf("token %s came back with %d rows instead of %d", token, rows, before)
		}
	}
	f.tokens[token] = rows
	if f.failures > 0 {
		f.failures--
		return errors.New("the wire was cut")
	}
	f.rows += rows
	return nil
}

func TestAFailedInsertIsRepeatedWithTheSameTokenAndTheSameRows(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := &flaky{failures: 7, tokens: map[string]int{}}
	l := loader.Start(config(), f, zap.NewNop(), prometheus.NewRegistry())
	for i := range 3000 {
		l.AddEvent(row("p", i, 19_000))
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := l.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if f.rows != 3000 || f.repeated != 7 {
		t.Errorf("%d rows with %d repetitions, want 3000 with 7", f.rows, f.repeated)
	}
}

func TestABlockHoldsOneMonthOfOneTable(t *testing.T) {
	f := &flaky{tokens: map[string]int{}}
	l := loader.Start(config(), f, zap.NewNop(), prometheus.NewRegistry())
	for i := range 100 {
		l.AddEvent(row("p", i, []event.Day{19_000, 19_031}[i%2])) // January and February 2022
	}
	l.AddPageView(&event.PageRow{Stamp: event.Stamp{Day: 19_000}})
	if err := l.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(f.tokens) != 3 || f.rows != 101 {
		t.Errorf("%d blocks with %d rows, want 3 with 101", len(f.tokens), f.rows)
	}
}

func TestNoRoomIsToldBeforeMemoryGrowsAndRoomComesBack(t *testing.T) {
	f := &flaky{tokens: map[string]int{}, block: make(chan struct{})}
	l := loader.Start(config(), f, zap.NewNop(), prometheus.NewRegistry())
	taken := 0
	for ; l.Room(); taken++ {
		l.AddEvent(row("p", taken, 19_000))
	}
	if taken != config().MaxBufferedRows {
		t.Errorf("room for %d rows, want %d", taken, config().MaxBufferedRows)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := l.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("flush of rows that cannot be inserted: %v", err)
	}
	close(f.block)
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !l.Room() {
		t.Error("no room although all is inserted")
	}
	if err := l.Stop(context.Background()); err != nil || f.rows != taken {
		t.Errorf("stop: %v, %d rows of %d", err, f.rows, taken)
	}
}

func TestStopSaysHowManyRowsItCouldNotLoad(t *testing.T) {
	f := &flaky{tokens: map[string]int{}, block: make(chan struct{})}
	l := loader.Start(config(), f, zap.NewNop(), prometheus.NewRegistry())
	for i := range 10 {
		l.AddEvent(row("p", i, 19_000))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := l.Stop(ctx)
	if !errors.Is(err, loader.ErrStopped) || !strings.Contains(err.Error(), "10 rows") {
		t.Errorf("stop with rows left: %v", err)
	}
	if again := l.Stop(context.Background()); again == nil {
		t.Error("a second stop forgets the loss")
	}
}
