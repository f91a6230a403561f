package repair_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/fence"
	"ibarura/internal/proof"
	"ibarura/internal/repair"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// bench is a ClickHouse of a test's own.
type bench struct {
	t    *testing.T
	conn driver.Conn
	*repair.Repairer
	steps []string
	at    func(step string) // told of each step
}

func newBench(t *testing.T) *bench {
	t.Helper()
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if err := enginetest.Migrate(target); err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	b := &bench{t: t, conn: conn, at: func(string) {}}
	b.Repairer = &repair.Repairer{
		Conn: conn, Limits: clickhouse.RepairLimits{Threads: 1, Memory: 256 << 20},
		Take: func(ctx context.Context, purpose string) (*fence.Claim, error) {
			return fence.Take(ctx, clickhouse.Fences{Conn: conn}, clickhouse.NewRepairLock(target), fence.DefaultTimes(), purpose)
		},
		Step: func(step string) { b.steps = append(b.steps, step); b.at(step) },
	}
	return b
}

func (b *bench) exec(statements ...string) {
	b.t.Helper()
	for _, s := range statements {
		if err := b.conn.Exec(b.t.Context(), s); err != nil {
			b.t.Fatalf("%s: %v", s, err)
		}
	}
}

// log is the number of a log, above the 40 low bits of seq.
type log uint64

// fill loads events and page views of a project over a New Year, the views included.
func (b *bench) fill(project string, l log, first, rows int) {
	b.t.Helper()
	const moment = "toDateTime64('2024-12-20 10:00:00', 3, 'UTC') + toIntervalDay(n % 40) + toIntervalMinute(n)"
	from := fmt.Sprintf("FROM (SELECT number AS n, %d + number AS seq FROM numbers(%d, %d))", uint64(l)<<40, first, rows)
	b.exec(fmt.Sprintf(`INSERT INTO events (project, day, type, person, occurred_at, seq, id, user_id, session_id, role, object_type, object_id, tags, active)
		SELECT '%[1]s', toDate(%[2]s), ['comment_added', 'login', 'post_liked'][1 + n %% 3], 1 + n %% 17, %[2]s, seq, toString(n), concat('u', toString(1 + n %% 17)),
			concat('s', toString(n %% 9)), ['', 'member'][1 + n %% 2], 'post', toString(n %% 5), ['a', 'b', 'a'], true %[3]s`, project, moment, from),
		fmt.Sprintf(`INSERT INTO events (project, day, type, person, occurred_at, seq, id, user_id, anonymous_id, object_type, object_id, properties)
		SELECT '%[1]s', toDate(%[2]s), ['identify', 'alias', 'group'][1 + n %% 3], 1 + n %% 7, %[2]s, seq, concat('i', toString(n)), concat('u', toString(1 + n %% 7)),
			concat('a', toString(n %% 4)), 'company', toString(n %% 2), map('plan', toString(n %% 3)) %[3]s`, project, moment, from),
		fmt.Sprintf(`INSERT INTO page_views (project, day, path, occurred_at, seq, id, session_id, object_type, object_id, bot)
		SELECT '%[1]s', toDate(%[2]s), concat('/', toString(n %% 3)), %[2]s, seq, concat('v', toString(n)), concat('s', toString(n %% 9)), 'post', toString(n %% 5), n %% 8 = 0 %[3]s`,
			project, moment, from))
}

// drifts verifies all and lists what differs.
func (b *bench) drifts() []string {
	b.t.Helper()
	tables, err := b.Verify(b.t.Context(), repair.Question{})
	if err != nil {
		b.t.Fatal(err)
	}
	if len(tables) != len(proof.Aggregates()) {
		b.t.Errorf("%d tables were compared, there are %d", len(tables), len(proof.Aggregates()))
	}
	var list []string
	for _, t := range tables {
		if t.Rows == 0 || t.Periods == 0 {
			b.t.Errorf("nothing of %s was compared", t.Table)
		}
		for _, d := range t.Drifts {
			list = append(list, fmt.Sprintf("%s %s %s: %d", t.Table, d.Project, d.Period, d.Differing))
		}
	}
	slices.Sort(list)
	return list
}

func (b *bench) clean() {
	b.t.Helper()
	if drifts := b.drifts(); len(drifts) > 0 {
		b.t.Errorf("drift: %v", drifts)
	}
	var left uint64
	if err := b.conn.QueryRow(b.t.Context(), "SELECT count() FROM system.tables WHERE name LIKE 'repair%' AND database = currentDatabase()").Scan(&left); err != nil || left > 0 {
		b.t.Errorf("%d tables are left: %v", left, err)
	}
}

func (b *bench) rebuild(o repair.Order) {
	b.t.Helper()
	if err := b.Rebuild(b.t.Context(), o); err != nil {
		b.t.Fatal(err)
	}
}

func month(year int, m time.Month) time.Time { return time.Date(year, m, 1, 0, 0, 0, 0, time.UTC) }

// corrupt makes every aggregate wrong, each in another way.
func (b *bench) corrupt() {
	b.t.Helper()
	b.exec(
		"DELETE FROM counters_15m WHERE day = '2024-12-25' AND project = 'p'",
		"INSERT INTO metrics_daily SELECT * FROM metrics_daily WHERE day = '2025-01-03' AND project = 'p' SETTINGS insert_deduplicate = 0",
		"DELETE FROM metrics_weekly WHERE week = '2024-12-30' AND project = 'q'",
		"INSERT INTO metrics_monthly (project, month, type, events) VALUES ('p', '2023-05-01', 'never', 1), ('p', '2025-01-01', 'login', -2)",
		"ALTER TABLE user_day UPDATE events = events + 1 WHERE day = '2024-12-21' AND person = 3 SETTINGS mutations_sync = 2",
		"INSERT INTO user_month (project, person, month, days) VALUES ('p', 3, '2025-01-01', 4294967295)",
		"INSERT INTO persons (project, person, user_id, first_seen, last_seen) VALUES ('p', 4, 'u4', '1999-01-01 00:00:00', '2024-12-20 00:00:00')",
		"DELETE FROM content_day WHERE object_id = '2' AND project = 'q'",
		"INSERT INTO tag_day (project, day, tag, events) VALUES ('nobody', '2024-12-31', 'a', 5)",
		"DELETE FROM object_person WHERE person = 5 AND project = 'p'",
		"INSERT INTO tag_person (project, person, month, tag) VALUES ('p', 5, '2025-01-01', 'never used')",
		"DELETE FROM tag_person WHERE person = 5 AND project = 'q' AND month = '2024-12-01'",
		"INSERT INTO sessions (project, day, session_id, person, events) VALUES ('p', '2025-01-05', 'nobody has had it', 3, 1)",
		"DELETE FROM identities WHERE anonymous_id = 'a1' AND project = 'p'",
		"INSERT INTO traits (project, kind, id, key, person) VALUES ('p', 'user', 'u1', 'height', 1)",
	)
}

func TestVerifyFindsWhatIsMissingTooMuchOrWrongInEveryAggregateAndRebuildMendsIt(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.fill("q", 6000, 0, 100)
	b.clean()
	b.corrupt()
	drifts := b.drifts()
	for _, want := range []string{
		"counters_15m p 2024-12-25:", "metrics_daily p 2025-01-03:", "metrics_weekly q 2024-12-30:", "metrics_monthly p 2025-01-01:",
		"metrics_monthly p 2023-05-01: 1", "user_day p 2024-12-21: 2", "user_month p 2025-01-01:", "persons p : 2", "content_day q 2024-12-22:", "tag_day nobody 2024-12-31: 1",
		"object_person p 2024-12-01:", "object_person p 2025-01-01:", "tag_person p 2025-01-01: 1", "tag_person q 2024-12-01:", "sessions p 2025-01-05: 1", "identities p :", "traits p : 1",
	} {
		if !slices.ContainsFunc(drifts, func(d string) bool { return strings.HasPrefix(d, want) }) {
			t.Errorf("not found: %s", want)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(drifts, "\n"))
	}

	if err := b.Rebuild(t.Context(), repair.Order{}); !errors.Is(err, clickhouse.ErrNoRaw) {
		t.Errorf("2023, of which raw has nothing, was rebuilt: %v", err)
	}
	b.rebuild(repair.Order{EvenEmpty: true})
	b.clean()
}

func TestARebuildOfOneProjectLeavesTheOthersAsTheyAre(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.fill("q", 6000, 0, 100)
	b.corrupt()
	before := b.drifts()
	b.rebuild(repair.Order{Project: "q", EvenEmpty: true})
	want := slices.DeleteFunc(before, func(d string) bool { return strings.Contains(d, " q ") })
	if diff := cmp.Diff(want, b.drifts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARebuildTouchesTheAskedTablesAndMonthsAloneWithWhatTheyAreMadeFrom(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.exec("DELETE FROM user_month WHERE person = 1", "DELETE FROM user_day WHERE person = 2", "DELETE FROM tag_day WHERE tag = 'a'")
	b.rebuild(repair.Order{Tables: []string{"user_month"}, Range: repair.Range{From: month(2025, 1), To: month(2025, 2)}})
	for _, d := range b.drifts() {
		switch table, _, _ := strings.Cut(d, " "); {
		case table == "tag_day", strings.HasPrefix(d, "user_day p 2024-12"), strings.HasPrefix(d, "user_month p 2024-12"):
		default:
			t.Errorf("not as it has to be: %s", d)
		}
	}
	if err := b.Rebuild(t.Context(), repair.Order{Tables: []string{"events"}}); err == nil || !strings.Contains(err.Error(), "user_month") {
		t.Errorf("raw is rebuilt: %v", err)
	}
}

func TestNothingIsMadeAnewFromRawThatIsGone(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.exec("ALTER TABLE events DROP PARTITION 202412", "ALTER TABLE page_views DROP PARTITION 202412")
	december := repair.Order{Tables: []string{"user_day"}, Range: repair.Range{From: month(2024, 12), To: month(2025, 1)}}
	if err := b.Rebuild(t.Context(), december); !errors.Is(err, clickhouse.ErrNoRaw) {
		t.Fatalf("rebuilt from nothing: %v", err)
	}
	december.EvenEmpty = true
	b.rebuild(december)
	if slices.ContainsFunc(b.drifts(), func(d string) bool { return strings.HasPrefix(d, "user_day") }) {
		t.Error("not even when told")
	}
}

// Rows come between the two fences of every unit, of logs that the snapshot
// knows and of others.
func TestRowsThatComeBetweenSnapshotAndReplacementAreCounted(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	b.fill("q", 6000, 0, 100)
	next := 0
	b.at = func(step string) {
		if strings.HasPrefix(step, "filled ") {
			next++
			b.fill("p", 5000, 1000*next, 30)
			b.fill("p", log(7000+next), 0, 30)
			b.fill("q", 6000, 1000*next, 30)
		}
	}
	b.rebuild(repair.Order{})
	b.rebuild(repair.Order{Project: "p"})
	b.at = func(string) {}
	if next < 10 {
		t.Errorf("%d units", next)
	}
	b.clean()
}

func TestARowThatComesWithAnOldNumberMakesTheUnitStartOver(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 100, 400)
	once := false
	b.at = func(step string) {
		if !once && strings.HasPrefix(step, "filled ") && strings.HasSuffix(step, " of 202412") {
			once = true
			b.fill("p", 5000, 0, 50)
		}
	}
	b.rebuild(repair.Order{})
	if !slices.ContainsFunc(b.steps, func(s string) bool { return strings.HasPrefix(s, "once more") }) {
		t.Error("it did not")
	}
	b.clean()
}

// The rebuild is held up right before it replaces, for longer than its lease.
func TestARebuildThatSleepsThroughItsLeaseReplacesNothing(t *testing.T) {
	b := newBench(t)
	b.fill("p", 5000, 0, 400)
	fences := clickhouse.Fences{Conn: b.conn}
	slept := false
	b.at = func(step string) {
		if slept || !strings.HasPrefix(step, "added ") {
			return
		}
		slept = true
		orders, err := fences.Orders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders { // what the gate of a loader does before it goes on
			if o.Stands() {
				if err := fences.Break(t.Context(), o.Claim, o.Purpose); err != nil {
					t.Fatal(err)
				}
				if err := fences.DropTables(t.Context(), func(claim string) bool { return claim == o.Claim }); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.fill("p", 5000, 1000, 50)
	}
	b.rebuild(repair.Order{})
	if again := slices.IndexFunc(b.steps, func(s string) bool { return strings.HasPrefix(s, "once more") }); again < 0 ||
		slices.ContainsFunc(b.steps[:again], func(s string) bool { return strings.HasPrefix(s, "replaced ") }) {
		t.Errorf("it was not started over, or had replaced something: %q", b.steps)
	}
	b.clean()
}
