package loader_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/loader"
	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func config(t *testing.T) loader.Config {
	t.Helper()
	return loader.Config{
		Journal: filepath.Join(t.TempDir(), "journal"), BatchRows: 1000, BatchBytes: 1 << 20, BatchAge: 20 * time.Millisecond,
		Inserters: 2, RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond,
	}
}

// source is a spool that tests append rows to, as ingest does.
type source struct {
	*spool.Spool
	t *testing.T
}

func newSource(t *testing.T) *source {
	t.Helper()
	return &source{openSpool(t, t.TempDir()), t}
}

func openSpool(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	log, err := spool.Open(t.Context(), spool.Options{Dir: dir, SegmentBytes: 1 << 20, Grace: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	return log
}

// sender collects rows and appends them to the spool, a record a table and month.
type sender struct {
	parts map[[2]int32]*rowblock.Block
}

func (s *sender) block(table rowblock.Table, day event.Day) *rowblock.Block {
	if s.parts == nil {
		s.parts = map[[2]int32]*rowblock.Block{}
	}
	key := [2]int32{int32(table), int32(rowblock.MonthOf(day))}
	if s.parts[key] == nil {
		s.parts[key] = rowblock.New(table)
	}
	return s.parts[key]
}

func (s *sender) AddEvent(r *event.Row)        { s.block(rowblock.Events, r.Day).AppendEvent(r) }
func (s *sender) AddPageView(r *event.PageRow) { s.block(rowblock.PageViews, r.Day).AppendPageView(r) }

// send appends what was collected as one unit and returns its end.
func (s *source) send(rows *sender) spool.LSN {
	s.t.Helper()
	var records []spool.Record
	for key, block := range rows.parts {
		records = append(records, spool.Record{Table: uint8(key[0]), Month: key[1], Rows: uint32(block.Rows()), Data: block.Encode(nil)})
	}
	rows.parts = nil
	ticket, err := s.Append(s.t.Context(), records)
	if err == nil {
		err = ticket.Wait(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return ticket.End()
}

// sendRows appends rows in units of 100.
func (s *source) sendRows(n int, each func(i int) *event.Row) spool.LSN {
	s.t.Helper()
	var unit sender
	var end spool.LSN
	for i := range n {
		unit.AddEvent(each(i))
		if i%100 == 99 || i == n-1 {
			end = s.send(&unit)
		}
	}
	return end
}

// start runs a loader until the test ends.
func start(t *testing.T, c loader.Config, log *spool.Spool, inserter loader.Inserter, tables loader.Tables) *loader.Loader {
	t.Helper()
	return startOn(t, c, log, inserter, tables)
}

func startOn(t *testing.T, c loader.Config, log loader.Log, inserter loader.Inserter, tables loader.Tables) *loader.Loader {
	t.Helper()
	l, err := loader.Start(t.Context(), c, loader.Deps{Log: log, Inserter: inserter, Tables: tables, Landed: unmarked{}, Logger: zap.NewNop(), Registry: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = l.Stop(ctx)
	})
	return l
}

// unmarked keeps no watermarks.
type unmarked struct{}

func (unmarked) Begin(context.Context, []clickhouse.ProjectDay, string) error { return nil }
func (unmarked) End(context.Context, []clickhouse.ProjectDay, string) error   { return nil }
func (unmarked) Settle(context.Context, []time.Time) error                    { return nil }

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
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	log := newSource(t)
	l := start(t, config(t), log.Spool, inserter, clickhouse.RawTables{Conn: conn})
	log.sendRows(2500, func(i int) *event.Row { return row("arrive", i, event.Day(19_000+i%90)) }) // four months
	page := &event.PageRow{
		PageView: event.PageView{ID: "v1", OccurredAt: 1_700_000_000_123, URL: "https://a.example/x?q=1", Title: "Ünïcode", DurationMs: 1500,
			UserAgent: "secret agent", IP: "192.0.2.7", Properties: []event.Property{{Key: "k", Value: "v"}}},
		Stamp: event.Stamp{Project: "arrive", Day: 19_675, ReceivedAt: 1_700_000_000_500},
		Visit: event.Visit{Host: "a.example", Path: "/x", Device: "mobile", Browser: "Firefox", OS: "Android", Country: "RW", Bot: true},
	}
	var views sender
	views.AddPageView(page)
	if err := l.Await(t.Context(), log.send(&views)); err != nil {
		t.Fatal(err)
	}
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
	// Who gets reports by e-mail is no row of a producer.
	if got := value(t, conn, `SELECT count() FROM system.columns WHERE database = 'ibarura' AND table != 'report_recipients' AND match(name, '(^ip$|address|user_agent)')`); got != "0" {
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

// flaky fails as often as it is told and records the tokens it saw. It answers
// for the tables too: none of the rows is there.
type flaky struct {
	loader.Tables
	mu       sync.Mutex
	failures int
	tokens   map[string]int // token -> rows of its block
	repeated int
	rows     int
	block    chan struct{} // inserts wait for it if it is set
}

func (f *flaky) Insert(ctx context.Context, _ string, columns proto.Input, token string, sending func(process string) error) error {
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
	f := &flaky{failures: 7, tokens: map[string]int{}}
	log := newSource(t)
	l := start(t, config(t), log.Spool, f, f)
	end := log.sendRows(3000, func(i int) *event.Row { return row("p", i, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if f.rows != 3000 || f.repeated != 7 {
		t.Errorf("%d rows with %d repetitions, want 3000 with 7", f.rows, f.repeated)
	}
}

func TestABlockHoldsOneMonthOfOneTable(t *testing.T) {
	f := &flaky{tokens: map[string]int{}}
	log := newSource(t)
	l := start(t, config(t), log.Spool, f, f)
	var rows sender
	for i := range 100 {
		rows.AddEvent(row("p", i, []event.Day{19_000, 19_031}[i%2])) // January and February 2022
	}
	rows.AddPageView(&event.PageRow{Stamp: event.Stamp{Day: 19_000}})
	log.send(&rows)
	if err := l.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(f.tokens) != 3 || f.rows != 101 {
		t.Errorf("%d blocks with %d rows, want 3 with 101", len(f.tokens), f.rows)
	}
}

func TestARestartSendsRecordedBatchesAsTheyWereWhateverTheBatchSizeIsNow(t *testing.T) {
	f := &flaky{tokens: map[string]int{}, block: make(chan struct{})}
	dir, c := t.TempDir(), config(t)
	c.BatchRows, c.BatchAge = 500, time.Hour
	log := &source{openSpool(t, dir), t}
	l := start(t, c, log.Spool, &sees{f}, f)
	end := log.sendRows(3000, func(i int) *event.Row { return row("p", i, 19_000) })
	waitFor(t, "two batches are under way", func() bool { return f.seen() == 2 })
	stop(t, l) // gives up: nothing was answered
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	close(f.block)
	c.BatchRows = 1700
	again := start(t, c, openSpool(t, dir), f, f)
	if err := again.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if f.repeated != 2 || f.rows != 3000 {
		t.Errorf("%d batches came back, %d rows in all", f.repeated, f.rows)
	}
}

// crashed opens a copy of the log as the end of its process would have left it.
func (s *source) crashed(dir string) *source {
	s.t.Helper()
	left := s.t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		s.t.Fatal(err)
	}
	return &source{openSpool(s.t, left), s.t}
}

func TestNobodyWaitsForAGapOfTheLog(t *testing.T) {
	dir := t.TempDir()
	log := &source{openSpool(t, dir), t}
	c := config(t)
	c.Inserters = 1
	inserter := &flaky{tokens: map[string]int{}}
	first := start(t, c, log.Spool, inserter, inserter)
	end := log.sendRows(100, func(i int) *event.Row { return row("gap", i, 20_000) })
	if err := first.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	later := log.crashed(dir)
	if later.Durable() == end {
		t.Fatal("the log has no gap after a crash")
	}
	second := start(t, c, later.Spool, inserter, inserter)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := second.Await(ctx, later.Durable()); err != nil {
		t.Errorf("nothing is left to load, but: %v", err)
	}
	end = later.sendRows(100, func(i int) *event.Row { return row("gap", 100+i, 20_000) })
	if err := second.Await(ctx, end); err != nil || second.Loaded() < end {
		t.Errorf("loaded up to %d of %d behind the gap: %v", second.Loaded(), end, err)
	}
}

func TestAFenceWaitsForWhatIsUnderWayAndKeepsTheRestBack(t *testing.T) {
	f := &flaky{tokens: map[string]int{}, block: make(chan struct{}, 100)}
	log := newSource(t)
	c := config(t)
	c.BatchAge = time.Hour
	l := start(t, c, log.Spool, &sees{f}, f)
	first := log.sendRows(1000, func(i int) *event.Row { return row("p", i, 19_000) })
	waitFor(t, "the batch is under way", func() bool { return f.seen() == 1 })
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.Fence(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a fence around a batch under way: %v", err)
	}
	f.block <- struct{}{}
	patient, enough := context.WithTimeout(t.Context(), 20*time.Second)
	defer enough()
	unfence, err := l.Fence(patient)
	if err != nil || l.Loaded() < first {
		t.Fatalf("%v, loaded %d of %d", err, l.Loaded(), first)
	}
	f.block <- struct{}{}
	second := log.sendRows(1000, func(i int) *event.Row { return row("p", i, 19_000) })
	time.Sleep(100 * time.Millisecond)
	if n := f.seen(); n != 1 {
		t.Errorf("%d batches were sent, although the loader is fenced", n)
	}
	unfence()
	if err := l.Await(t.Context(), second); err != nil {
		t.Error(err)
	}
}

func TestWhoWaitsIsToldWhenTheLoaderStopsFirst(t *testing.T) {
	f := &flaky{tokens: map[string]int{}, block: make(chan struct{})}
	log := newSource(t)
	l := start(t, config(t), log.Spool, f, f)
	end := log.sendRows(10, func(i int) *event.Row { return row("p", i, 19_000) })
	told := make(chan error, 1)
	go func() { told <- l.Await(context.Background(), end) }()
	stop(t, l)
	if err := <-told; !errors.Is(err, loader.ErrStopped) {
		t.Errorf("%v", err)
	}
	if err := l.Stop(t.Context()); err != nil {
		t.Errorf("a second stop: %v", err)
	}
}

// sees notes the tokens before the inserter under it may block.
type sees struct{ *flaky }

func (s *sees) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	s.mu.Lock()
	if _, ok := s.tokens[token]; !ok {
		s.tokens[token] = columns[0].Data.Rows()
		s.repeated-- // the flaky one will count it
	}
	s.mu.Unlock()
	err := s.flaky.Insert(ctx, table, columns, token, sending)
	if err != nil {
		s.mu.Lock()
		s.repeated++
		s.mu.Unlock()
	}
	return err
}

func (f *flaky) seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.tokens)
}

// stop gives a loader no time.
func stop(t *testing.T, l *loader.Loader) {
	t.Helper()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Stop(over); err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// torn is a log that cannot be read on now and then, behind some record.
type torn struct {
	*spool.Spool
	records int
}

func (l *torn) Read(from spool.LSN, each func(spool.Entry) bool) (spool.LSN, error) {
	var failed error
	end, err := l.Spool.Read(from, func(e spool.Entry) bool {
		if l.records++; l.records%2 == 0 {
			failed = errors.New("the disk cannot be read for a moment")
		}
		return each(e) && failed == nil
	})
	return end, errors.Join(err, failed)
}

func TestARecordThatWasReadBeforeAnErrorOfTheDiskIsNotReadAgain(t *testing.T) {
	f := &flaky{tokens: map[string]int{}}
	log, c := newSource(t), config(t)
	l := startOn(t, c, &torn{Spool: log.Spool}, f, f)
	end := log.sendRows(500, func(i int) *event.Row { return row("p", i, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if f.rows != 500 {
		t.Errorf("%d rows were sent of 500", f.rows)
	}
}

func TestAStartGivesUpSegmentsThatTheLastOneHadLoaded(t *testing.T) {
	f := &flaky{tokens: map[string]int{}}
	dir, c := t.TempDir(), config(t)
	log := &source{openSpool(t, dir), t}
	l := start(t, c, log.Spool, f, f)
	if err := l.Await(t.Context(), log.sendRows(500, func(i int) *event.Row { return row("p", i, 19_000) })); err != nil {
		t.Fatal(err)
	}
	stop(t, l)
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := openSpool(t, dir)
	start(t, c, again, f, f)
	if n := again.Stats().UnloadedBytes; n != 0 {
		t.Errorf("%d bytes count as not loaded after a restart", n)
	}
}

func TestWithoutItsJournalTheLogIsComparedWithRawAndNotSentAgain(t *testing.T) {
	b := newBench(t)
	dir, c := t.TempDir(), config(t)
	log := &source{openSpool(t, dir), t}
	l := start(t, c, log.Spool, b.inserter, b.tables)
	if err := l.Await(t.Context(), log.sendRows(100, func(i int) *event.Row { return row("journal", i, 19_000) })); err != nil {
		t.Fatal(err)
	}
	stop(t, l)
	log.sendRows(50, func(i int) *event.Row { return row("journal", 100+i, 19_000) })
	if err := errors.Join(log.Close(t.Context()), os.Remove(c.Journal)); err != nil {
		t.Fatal(err)
	}
	c.BatchRows = 30
	start(t, c, openSpool(t, dir), b.inserter, b.tables)
	b.counted("journal", 150)
}

func TestAnotherWriterKeepsAggregatesFromBeingMadeAnewAndSegmentsInTheLog(t *testing.T) {
	b := newBench(t)
	dir, c := t.TempDir(), config(t)
	c.Boot = bootOf("host 1000")
	other, log := newSource(t), &source{openSpool(t, dir), t}
	for name, from := range map[string]*source{"other": other, "ours": log} {
		cc := c
		cc.Journal = filepath.Join(t.TempDir(), "journal")
		if name == "ours" {
			cc = c
		}
		l := start(t, cc, from.Spool, b.inserter, b.tables)
		if err := l.Await(t.Context(), from.sendRows(100, func(i int) *event.Row {
			r := row(name, i, 19_000)
			r.ReceivedAt = event.MillisOf(time.Now())
			return r
		})); err != nil {
			t.Fatal(err)
		}
		stop(t, l)
	}
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.exec("ALTER TABLE events DELETE WHERE project = 'ours' SETTINGS mutations_sync = 2")
	again := openSpool(t, dir)
	c.Boot = bootOf("host 5000")
	l := start(t, c, again, b.inserter, b.tables)
	if n := value(t, b.conn, "SELECT count() FROM events WHERE project = 'ours'"); n != "0" {
		t.Errorf("%s rows were loaded again beside another writer", n)
	}
	stop(t, l)
	c.Alone = true
	start(t, c, again, b.inserter, b.tables)
	b.counted("ours", 100)
	b.counted("other", 100)
}

func TestTwoReadingsOfOneBootAreOne(t *testing.T) {
	f := &flaky{tokens: map[string]int{}}
	dir, c := t.TempDir(), config(t)
	log := &source{openSpool(t, dir), t}
	for _, boot := range []string{"host 1000", "host 1002", "host 999"} {
		c.Boot = bootOf(boot)
		l := start(t, c, log.Spool, f, f) // flaky answers no question: a comparison would panic
		if err := l.Await(t.Context(), log.sendRows(10, func(i int) *event.Row { return row("p", i, 19_000) })); err != nil {
			t.Fatal(err)
		}
		stop(t, l)
	}
}
