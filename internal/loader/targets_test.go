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
	"ibarura/internal/spool"
)

// pair is an aggregate, or a view on it, and what raw says that it has to be:
// two statements with the same rows, about the project {project:String}.
type pair struct{ name, aggregate, raw string }

// countsOf are the counters by some expressions of raw rows.
func countsOf(period string) string {
	return `SELECT ` + period + `, type, role, sum(e), sum(p), sum(b) FROM (
		SELECT day, occurred_at, toString(type) AS type, toString(role) AS role, 1 AS e, 0 AS p, 0 AS b
		FROM ibarura.events WHERE project = {project:String} UNION ALL
		SELECT day, occurred_at, '', toString(role), 0, toUInt8(NOT bot), toUInt8(bot)
		FROM ibarura.page_views WHERE project = {project:String}) GROUP BY ALL`
}

// sessionsOf are the sessions in raw, by some of day, session_id and person.
// No two rows of a session have the same time, so that first and last are clear.
func sessionsOf(keys, first, last string) string {
	return `SELECT ` + keys + `, ` + first + `, countIf(NOT page) AS events, countIf(page) AS page_views,
			argMinIf(path, at, page), argMaxIf(path, at, page), argMinIf(source, at, page),
			max(device), max(browser), max(country), max(bot)` + last + ` FROM (
		SELECT day, session_id, person, occurred_at AS at, false AS page, '' AS path, '' AS source,
		       '' AS device, '' AS browser, '' AS country, 0 AS bot
		FROM ibarura.events WHERE project = {project:String} AND active AND session_id != '' UNION ALL
		SELECT day, session_id, person, occurred_at, true, path, toString(source),
		       toString(device), toString(browser), toString(country), toUInt8(bot)
		FROM ibarura.page_views WHERE project = {project:String} AND session_id != '') GROUP BY ` + keys
}

const (
	activeRows = ` FROM ibarura.events WHERE project = {project:String} AND active `
	ofPersons  = activeRows + `AND person != 0 `

	userDays = `SELECT person, day, role, count()` + ofPersons + `GROUP BY ALL`
	persons  = `SELECT person, any(user_id), if(any(user_id) = '', any(anonymous_id), ''), min(occurred_at), max(occurred_at)` +
		ofPersons + `GROUP BY person`
	tagDays = `SELECT day, tag, uniqExact(id) FROM ibarura.events ARRAY JOIN tags AS tag
		WHERE project = {project:String} AND active GROUP BY ALL`
	contentDays = `SELECT day, object_type, object_id, countIf(kind != 'page'), countIf(kind IN ('page', 'view')),
			countIf(kind = 'comment'), countIf(kind = 'reaction'), countIf(kind = 'share') FROM (
		SELECT day, toString(object_type) AS object_type, object_id, multiIf(
			type IN ('post_viewed', 'content_viewed', 'event_viewed'), 'view',
			type IN ('comment_added', 'comment_created', 'reply_added'), 'comment',
			type IN ('reaction_added', 'post_liked', 'comment_liked'), 'reaction',
			type IN ('post_shared', 'content_shared', 'event_shared'), 'share', 'other') AS kind` + activeRows + `AND object_id != ''
		UNION ALL SELECT day, toString(object_type), object_id, 'page'
		FROM ibarura.page_views WHERE project = {project:String} AND NOT bot AND object_id != '') GROUP BY ALL`
)

// aggregates has every table that views fill. Periods and active days are
// computed here by other functions than in the schema.
var aggregates = []pair{
	{"counters_15m", `SELECT day, slot, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM counters_15m WHERE project = {project:String} GROUP BY ALL`,
		countsOf(`day, toDateTime(intDiv(toUnixTimestamp(occurred_at), 900) * 900, 'UTC')`)},
	{"metrics_daily", `SELECT day, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_daily WHERE project = {project:String} GROUP BY ALL`, countsOf(`day`)},
	{"metrics_weekly", `SELECT week, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_weekly WHERE project = {project:String} GROUP BY ALL`, countsOf(`day - toDayOfWeek(day) + 1`)},
	{"metrics_monthly", `SELECT month, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_monthly WHERE project = {project:String} GROUP BY ALL`, countsOf(`day - toDayOfMonth(day) + 1`)},
	{"user_day", `SELECT person, day, role, sum(events) FROM user_day WHERE project = {project:String} GROUP BY ALL`, userDays},
	{"user_month", `SELECT person, month, role, arrayMap(bit -> month + bit, bitPositionsToArray(groupBitOr(days)))
		FROM user_month WHERE project = {project:String} GROUP BY person, month, role`,
		`SELECT person, day - toDayOfMonth(day) + 1 AS month, role, arraySort(groupUniqArray(day))` + ofPersons + `GROUP BY person, month, role`},
	{"persons", `SELECT person, max(user_id), max(anonymous_id), min(first_seen), max(last_seen)
		FROM persons WHERE project = {project:String} GROUP BY person`, persons},
	{"content_day", `SELECT day, object_type, object_id, sum(events), sum(views), sum(comments), sum(reactions), sum(shares)
		FROM content_day WHERE project = {project:String} GROUP BY ALL`, contentDays},
	{"tag_day", `SELECT day, tag, sum(events) FROM tag_day WHERE project = {project:String} GROUP BY ALL`, tagDays},
	{"object_person", `SELECT month, object_type, object_id, person, sum(events) FROM object_person WHERE project = {project:String} GROUP BY ALL`,
		`SELECT day - toDayOfMonth(day) + 1, object_type, object_id, person, count()` + ofPersons + `AND object_id != '' GROUP BY ALL`},
	{"sessions", `SELECT day, session_id, person, min(started_at), max(ended_at), sum(events), sum(page_views),
			min(entry).2, max(exit).2, min(source).2, max(device), max(browser), max(country), max(bot)
		FROM sessions WHERE project = {project:String} GROUP BY day, session_id, person`,
		sessionsOf(`day, session_id, person`, `min(at), max(at)`, ``)},
}

// views has every view for BI tools.
var views = []pair{
	{"events", `SELECT day, occurred_at, received_at, id, type, active, person, user_id, anonymous_id, session_id, role, object_type, object_id,
			tags, channel, campaign, JSONExtractString(properties, 'n') FROM bi.events WHERE project = {project:String}`,
		`SELECT day, occurred_at, received_at, id, type, toUInt8(active), person, user_id, anonymous_id, session_id, role, object_type, object_id,
			arrayStringConcat(tags, ','), properties['channel'], properties['campaign'], properties['n']
		FROM ibarura.events WHERE project = {project:String}`},
	{"page_views", `SELECT day, occurred_at, id, person, user_id, anonymous_id, session_id, role, host, path, title, object_type, object_id,
			source, utm_source, utm_medium, utm_campaign, toUInt32(round(duration_s * 1000)), device, browser, os, country, bot
		FROM bi.page_views WHERE project = {project:String}`,
		`SELECT day, occurred_at, id, person, user_id, anonymous_id, session_id, role, host, path, title, object_type, object_id,
			source, utm_source, utm_medium, utm_campaign, duration_ms, device, browser, os, country, toUInt8(bot)
		FROM ibarura.page_views WHERE project = {project:String}`},
	{"metrics_daily", `SELECT day, type, role, events, page_views, bot_page_views FROM bi.metrics_daily WHERE project = {project:String}`,
		countsOf(`day`)},
	{"metrics_weekly", `SELECT week, type, role, events, page_views, bot_page_views FROM bi.metrics_weekly WHERE project = {project:String}`,
		countsOf(`day - toDayOfWeek(day) + 1`)},
	{"metrics_monthly", `SELECT month, type, role, events, page_views, bot_page_views FROM bi.metrics_monthly WHERE project = {project:String}`,
		countsOf(`day - toDayOfMonth(day) + 1`)},
	{"user_days", `SELECT person, day, role, events FROM bi.user_days WHERE project = {project:String}`, userDays},
	{"active_users_daily", `SELECT day, active_users FROM bi.active_users_daily WHERE project = {project:String}`,
		`SELECT day, uniqExact(person)` + ofPersons + `GROUP BY day`},
	{"persons", `SELECT person, user_id, anonymous_id, first_seen, last_seen FROM bi.persons WHERE project = {project:String}`, persons},
	{"content_daily", `SELECT day, object_type, object_id, events, views, comments, reactions, shares
		FROM bi.content_daily WHERE project = {project:String}`, contentDays},
	{"tags_daily", `SELECT day, tag, events FROM bi.tags_daily WHERE project = {project:String}`, tagDays},
	{"sessions", `SELECT session_id, day, person, started_at, toUInt64(round(duration_s * 1000)), events, page_views,
			entry_path, exit_path, source, device, browser, country, bot, bounce FROM bi.sessions WHERE project = {project:String}`,
		sessionsOf(`session_id`, `min(day), max(person), min(at), dateDiff('millisecond', min(at), max(at))`,
			`, events = 0 AND page_views = 1`)},
}

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
			"reply_added", "reaction_added", "post_liked", "comment_liked", "post_shared", "content_shared", "event_shared", "notification_sent")
		row := &event.Row{
			Event: event.Event{ID: fmt.Sprintf("e%d", i), Type: kind, OccurredAt: at, Identity: who, Object: something(r),
				Tags:       [][]string{nil, {"go"}, {"go", "sql", "go"}, {"sql", "sql"}}[r.IntN(4)],
				Properties: []event.Property{{Key: "channel", Value: pick(r, "", "email", "push")}, {Key: "n", Value: fmt.Sprintf(`%d "quoted"`, i)}}},
			Stamp: stamp, Active: kind != "notification_sent",
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

func (r *repeater) Insert(ctx context.Context, table string, columns proto.Input, token string) error {
	kept := make(proto.Input, len(columns))
	for i, c := range columns {
		kept[i] = proto.InputColumn{Name: c.Name, Data: frozen(c.Data)}
	}
	r.mu.Lock()
	r.blocks = append(r.blocks, func(ctx context.Context) error { return r.Inserter.Insert(ctx, table, kept, token) })
	r.mu.Unlock()
	return r.Inserter.Insert(ctx, table, columns, token)
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
	end := send(log, "targets")
	l := start(t, c, log.Spool, twice, clickhouse.RawTables{Conn: conn})
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	once := equal(t, conn, conn, "targets", aggregates)

	if err := twice.repeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, equal(t, conn, conn, "targets", aggregates)); diff != "" {
		t.Errorf("repeated blocks changed something (-once +twice):\n%s", diff)
	}

	for _, p := range aggregates {
		if err := conn.Exec(t.Context(), "OPTIMIZE TABLE "+p.name+" FINAL"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(once, equal(t, conn, conn, "targets", aggregates)); diff != "" {
		t.Errorf("merges changed something (-before +after):\n%s", diff)
	}
}

func TestEveryTableThatViewsFillIsProvedAgainstRaw(t *testing.T) {
	conn := open(t, enginetest.Migrated(t))
	filled := lines(t, conn, "", `SELECT DISTINCT extract(create_table_query, ' TO ibarura\\.(\\w+)')
		FROM system.tables WHERE database = 'ibarura' AND engine = 'MaterializedView'`)
	if diff := cmp.Diff(names(aggregates), filled); diff != "" {
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
	equal(t, openBI(t, target), raw, "bi", views)
	existing := lines(t, raw, "", `SELECT name FROM system.tables WHERE database = 'bi'`)
	if diff := cmp.Diff(names(views), existing); diff != "" {
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
	if len(columns) < len(views) {
		t.Errorf("the bi user is shown %d columns", len(columns))
	}
}

// equal reports the rows that only one statement of a pair has, and raw rows
// that were not sent or are missing. It returns the rows of each aggregate.
func equal(t *testing.T, aggregate, raw driver.Conn, project string, pairs []pair) map[string][]string {
	t.Helper()
	for table, sent := range map[string]int{"events": sentEvents, "page_views": sentPageViews} {
		count := lines(t, raw, project, "SELECT concat(toString(count()), ' ', toString(uniqExact(id))) FROM ibarura."+table+" WHERE project = {project:String}")
		if want := fmt.Sprintf("%d %d", sent, sent); count[0] != want {
			t.Errorf("%s has rows and ids: %s, want %s", table, count[0], want)
		}
	}
	got := map[string][]string{}
	for _, p := range pairs {
		got[p.name] = lines(t, aggregate, project, rowsAsText(p.aggregate))
		if diff := cmp.Diff(lines(t, raw, project, rowsAsText(p.raw)), got[p.name]); diff != "" || len(got[p.name]) == 0 {
			t.Errorf("%s with %d rows (-raw +aggregate):\n%s", p.name, len(got[p.name]), diff)
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

func names(pairs []pair) []string {
	var all []string
	for _, p := range pairs {
		all = append(all, p.name)
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
