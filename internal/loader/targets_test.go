package loader_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/loader"
	"ibarura/internal/proof"
	"ibarura/internal/spool"
)

const (
	sentEvents    = 4000
	sentPageViews = 2000
)

// send adds rows of every kind: the same ones for each project. They lie in the
// days around a new year, so that months, and weeks of two years, are cut; the
// local day is two hours ahead of UTC.
func send(log *source, project string) spool.LSN {
	log.t.Helper()
	var l sender
	r := rand.New(rand.NewPCG(1, 2))
	for i := range sentEvents {
		who, stamp, at := somebody(r, project)
		kind := pick(r, "post_created", "login", "post_viewed", "content_viewed", "event_viewed", "comment_added", "comment_created",
			"reply_added", "reaction_added", "post_liked", "comment_liked", "post_shared", "content_shared", "event_shared", "notification_sent",
			event.Identify, event.Alias, event.Group)
		row := &event.Row{
			Event: event.Event{ID: fmt.Sprintf("e%d", i), Type: kind, OccurredAt: at, Identity: who, Object: something(r),
				Tags:       [][]string{nil, {"go"}, {"go", "sql", "go"}, {"sql", "sql"}}[r.IntN(4)],
				Properties: []event.Property{{Key: "channel", Value: pick(r, "", "email", "push")}, {Key: "n", Value: fmt.Sprintf(`%d "quoted"`, i)}}},
			Stamp: stamp, Active: kind != "notification_sent" && !event.Automatic(kind),
		}
		if !row.Active { // some sessions hold passive events alone, which make none
			row.SessionID = pick(r, row.SessionID, fmt.Sprintf("passive%d", r.IntN(9)))
		}
		l.AddEvent(row)
	}
	for i := range sentPageViews {
		who, stamp, at := somebody(r, project)
		page := &event.PageRow{
			PageView: event.PageView{ID: fmt.Sprintf("v%d", i), OccurredAt: at, Identity: who, Object: something(r), Title: "Murakaza neza",
				DurationMs: r.Uint32N(90_000)},
			Stamp: stamp,
			Visit: event.Visit{Host: "a.example", Path: fmt.Sprintf("/p/%d", r.IntN(20)), Source: pick(r, "", "google", "b.example"),
				UTMSource: pick(r, "", "news"), Device: pick(r, "mobile", "desktop"), Browser: pick(r, "Firefox", "Safari"),
				OS: "Linux", Country: pick(r, "", "RW", "UG"), Bot: r.IntN(6) == 0},
		}
		if r.IntN(8) == 0 { // a session of one page
			page.SessionID = fmt.Sprintf("single%d", i)
		}
		l.AddPageView(page)
	}
	return log.send(&l)
}

// somebody is nobody, a user or an anonymous visitor, in any role, session and
// day, independently: sessions last over midnight and change their person.
func somebody(r *rand.Rand, project string) (event.Identity, event.Stamp, event.Millis) {
	const newYearsDay = 18_993 // 2022, a Saturday
	day := newYearsDay - 9 + r.IntN(16)
	at := event.Millis(day)*86_400_000 - 2*3_600_000 + event.Millis(r.IntN(86_400_000))
	who := event.Identity{Role: pick(r, "", "member", "core", "admin"), SessionID: pick(r, "", fmt.Sprintf("s%d", r.IntN(150)))}
	person := r.Uint64N(40)
	switch {
	case person == 0:
	case person < 30:
		who.UserID, who.AnonymousID = fmt.Sprintf("u%d", person), pick(r, "", "laptop")
	default:
		who.AnonymousID = fmt.Sprintf("a%d", person)
	}
	return who, event.Stamp{Project: project, Day: event.Day(day), Person: person << 57, ReceivedAt: at + 5}, at
}

func something(r *rand.Rand) event.Object {
	return event.Object{Type: pick(r, "post", "event"), ID: pick(r, "", "p1", "p2", "p3")}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// repeater inserts blocks, and keeps them, to insert them once more with the
// same tokens, as the loader does when the answer to its first insert is lost.
type repeater struct {
	loader.Inserter
	mu     sync.Mutex
	blocks []func(context.Context) error
}

func (r *repeater) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	kept := make(proto.Input, len(columns))
	for i, c := range columns {
		kept[i] = proto.InputColumn{Name: c.Name, Data: frozen(c.Data)}
	}
	r.mu.Lock()
	r.blocks = append(r.blocks, func(ctx context.Context) error { return r.Inserter.Insert(ctx, table, kept, token, nil) })
	r.mu.Unlock()
	return r.Inserter.Insert(ctx, table, columns, token, sending)
}

func (r *repeater) repeat(ctx context.Context) error {
	for _, insert := range r.blocks {
		if err := insert(ctx); err != nil {
			return err
		}
	}
	return nil
}

// frozenColumn is a column as it was on the wire.
type frozenColumn struct {
	kind        proto.ColumnType
	rows        int
	state, data []byte
}

func frozen(c proto.ColInput) *frozenColumn {
	f := &frozenColumn{kind: c.Type(), rows: c.Rows()}
	var state, data proto.Buffer
	if s, ok := c.(proto.StateEncoder); ok {
		s.EncodeState(&state)
	}
	c.EncodeColumn(&data)
	f.state, f.data = state.Buf, data.Buf
	return f
}

func (f *frozenColumn) Type() proto.ColumnType       { return f.kind }
func (f *frozenColumn) Rows() int                    { return f.rows }
func (f *frozenColumn) EncodeState(b *proto.Buffer)  { b.Buf = append(b.Buf, f.state...) }
func (f *frozenColumn) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, f.data...) }
func (f *frozenColumn) WriteColumn(w *proto.Writer)  { w.ChainWrite(f.data) }

func TestEveryAggregateEqualsRawAlsoAfterEveryBlockCameTwiceAndAfterMerges(t *testing.T) {
	target := enginetest.Migrated(t)
	conn := open(t, target)
	inserter := clickhouse.NewInserter(target)
	defer func() { _ = inserter.Close() }()
	twice := &repeater{Inserter: inserter}
	log, c := newSource(t), config(t)
	l := start(t, c, log.Spool, twice, clickhouse.RawTables{Conn: conn})
	if err := l.Await(t.Context(), send(log, "targets")); err != nil {
		t.Fatal(err)
	}
	once := equal(t, conn, conn, "targets", proof.Aggregates())

	if err := twice.repeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, equal(t, conn, conn, "targets", proof.Aggregates())); diff != "" {
		t.Errorf("repeated blocks changed something (-once +twice):\n%s", diff)
	}

	for _, p := range proof.Aggregates() {
		if err := conn.Exec(t.Context(), "OPTIMIZE TABLE "+p.Name+" FINAL"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(once, equal(t, conn, conn, "targets", proof.Aggregates())); diff != "" {
		t.Errorf("merges changed something (-before +after):\n%s", diff)
	}
}

func TestEveryTableThatViewsFillIsProvedAgainstRaw(t *testing.T) {
	conn := open(t, enginetest.Migrated(t))
	filled := lines(t, conn, "", `SELECT DISTINCT extract(create_table_query, ' TO ibarura\\.(\\w+)')
		FROM system.tables WHERE database = 'ibarura' AND engine = 'MaterializedView'`)
	if diff := cmp.Diff(names(proof.Aggregates()), filled); diff != "" {
		t.Errorf("proved and existing aggregates (-proved +existing):\n%s", diff)
	}
}

func TestBIUserReadsEveryViewAndSeesWhatRawSays(t *testing.T) {
	target := enginetest.Migrated(t)
	inserter := clickhouse.NewInserter(target)
	defer func() { _ = inserter.Close() }()
	raw, log := open(t, target), newSource(t)
	l := start(t, config(t), log.Spool, inserter, clickhouse.RawTables{Conn: raw})
	if err := l.Await(t.Context(), send(log, "bi")); err != nil {
		t.Fatal(err)
	}
	equal(t, openBI(t, target), raw, "bi", proof.Views())
	existing := lines(t, raw, "", `SELECT name FROM system.tables WHERE database = 'bi'`)
	if diff := cmp.Diff(names(proof.Views()), existing); diff != "" {
		t.Errorf("compared and existing views (-compared +existing):\n%s", diff)
	}
}

func TestBIToolsMeetNoTypeThatTheyMayNotKnow(t *testing.T) {
	plain := regexp.MustCompile(`\.\w+ (String|Date|DateTime64\(3, 'UTC'\)|U?Int(8|64)|Float64)$`)
	columns := lines(t, openBI(t, enginetest.Migrated(t)), "", `SELECT concat(table, '.', name, ' ', type) FROM system.columns WHERE database = 'bi'`)
	for _, column := range columns {
		if !plain.MatchString(column) {
			t.Errorf("not plain: %s", column)
		}
	}
	if len(columns) < len(proof.Views()) {
		t.Errorf("the bi user is shown %d columns", len(columns))
	}
}

// equal reports the rows that only one statement of a pair has, and raw rows
// that were not sent or are missing. It returns the rows of each aggregate.
func equal(t *testing.T, aggregate, raw driver.Conn, project string, pairs []proof.Pair) map[string][]string {
	t.Helper()
	for table, sent := range map[string]int{"events": sentEvents, "page_views": sentPageViews} {
		count := lines(t, raw, project, "SELECT concat(toString(count()), ' ', toString(uniqExact(id))) FROM "+table+" WHERE project = {project:String}")
		if want := fmt.Sprintf("%d %d", sent, sent); count[0] != want {
			t.Errorf("%s has rows and ids: %s, want %s", table, count[0], want)
		}
	}
	got := map[string][]string{}
	for _, p := range pairs {
		got[p.Name] = lines(t, aggregate, project, rowsAsText(p.Shown))
		if diff := cmp.Diff(lines(t, raw, project, rowsAsText(p.Raw)), got[p.Name]); diff != "" || len(got[p.Name]) == 0 {
			t.Errorf("%s with %d rows (-raw +aggregate):\n%s", p.Name, len(got[p.Name]), diff)
		}
	}
	return got
}

func rowsAsText(sql string) string { return "SELECT toString(tuple(*)) FROM (" + sql + ")" }

// lines returns the only column of a statement's rows, sorted.
func lines(t *testing.T, conn driver.Conn, project, sql string) []string {
	t.Helper()
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"project": project}))
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	slices.Sort(all)
	return all
}

func names(pairs []proof.Pair) []string {
	var all []string
	for _, p := range pairs {
		all = append(all, p.Name)
	}
	slices.Sort(all)
	return all
}

func open(t *testing.T, target clickhouse.Target) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// openBI connects as the user of BI tools, in their database.
func openBI(t *testing.T, target clickhouse.Target) driver.Conn {
	t.Helper()
	login := enginetest.Start(t).Credentials().BI
	target.User, target.Password, target.Database = login.User, login.Password, target.BIDatabase
	return open(t, target)
}
