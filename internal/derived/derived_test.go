package derived_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/clickhouse"
	"ibarura/internal/derived"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/freshness"
	"ibarura/internal/proof"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// bench is a project of a test's own on the shared engine, and a job for it.
type bench struct {
	t       *testing.T
	conn    driver.Conn
	landed  clickhouse.Landed
	project derived.Project
	db      clickhouse.Deriver
	job     *derived.Job
	landing int
}

type only struct{ project derived.Project }

func (o only) Projects(context.Context) ([]derived.Project, error) {
	return []derived.Project{o.project}, nil
}

func newBench(t *testing.T, every time.Duration) *bench {
	t.Helper()
	target := enginetest.Migrated(t)
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	inserter := clickhouse.NewInserter(target)
	t.Cleanup(func() { _, _ = inserter.Close(), conn.Close() })
	b := &bench{
		t: t, conn: conn, landed: clickhouse.Landed{Inserter: inserter, Conn: conn},
		project: derived.Project{Name: strings.ToLower(t.Name()), Zone: "UTC"}, db: clickhouse.Deriver{Conn: conn, MaxMemory: 1 << 30},
	}
	b.job = b.newJob(every)
	return b
}

func (b *bench) newJob(every time.Duration) *derived.Job {
	return derived.New(derived.Options{Every: every, Timeout: time.Minute, Keep: time.Hour}, b.db, only{b.project}, zap.NewNop(), prometheus.NewRegistry())
}

func (b *bench) exec(sql string) {
	b.t.Helper()
	if err := b.conn.Exec(b.t.Context(), sql); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// act is an active event of a person on a day.
type act struct {
	person int
	day    event.Day
	role   string
}

// land stores events between the two marks of their days.
func (b *bench) land(acts ...act) {
	b.t.Helper()
	end := b.begin(acts...)
	var rows []string
	for i, a := range acts {
		rows = append(rows, fmt.Sprintf("('%s', '%s', 'login', %d, '%s 12:00:00', '%d-%d', 'u%d', '%s', true)",
			b.project.Name, a.day, a.person, a.day, b.landing, i, a.person, quoted.Replace(a.role)))
	}
	b.exec("INSERT INTO events (project, day, type, person, occurred_at, id, user_id, role, active) VALUES " + strings.Join(rows, ","))
	end()
}

// quoted escapes a text for a literal.
var quoted = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// begin marks days without rows, until end is called.
func (b *bench) begin(acts ...act) (end func()) {
	b.t.Helper()
	b.landing++
	token := fmt.Sprintf("%s %d", b.project.Name, b.landing)
	seen := map[event.Day]bool{}
	var days []clickhouse.ProjectDay
	for _, a := range acts {
		if !seen[a.day] {
			seen[a.day] = true
			days = append(days, clickhouse.ProjectDay{Project: b.project.Name, Day: a.day})
		}
	}
	if err := b.landed.Begin(b.t.Context(), days, token); err != nil {
		b.t.Fatal(err)
	}
	return func() {
		b.t.Helper()
		if err := b.landed.End(b.t.Context(), days, token); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) round() {
	b.t.Helper()
	if err := b.job.Round(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// refresh derives whether or not it is time.
func (b *bench) refresh() {
	b.t.Helper()
	if err := b.job.Refresh(b.t.Context(), b.project); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) stand() *freshness.Stand {
	b.t.Helper()
	var stand *freshness.Stand
	err := b.db.Query(b.t.Context(), "stand", freshness.Query, map[string]string{"project": b.project.Name}, func(scan func(dest ...any) error) (err error) {
		stand, err = freshness.Scan(scan)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return stand
}

// isEqual checks the derived tables against raw, and that they are fresh.
func (b *bench) isEqual() {
	b.t.Helper()
	findings, err := proof.CompareDerived(b.t.Context(), b.conn, b.project.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range findings {
		if f.Rows == 0 || f.Differing != 0 {
			b.t.Errorf("%s: %d of %d rows differ: %v", f.Table, f.Differing, f.Rows, f.Examples)
		}
	}
	stand := b.stand()
	for _, part := range freshness.Parts() {
		if changed := stand.Changed(stand.Runs[part]); len(changed) > 0 {
			b.t.Errorf("%s has not seen %v", part, changed)
		}
	}
}

func day(text string) event.Day {
	d, err := event.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// crowd makes acts of many persons over some days, in few roles, with breaks.
func crowd(seed uint64, n int, from event.Day, days int) []act {
	random := rand.New(rand.NewPCG(seed, seed))
	roles := []string{"", "member", "member", "admin"}
	acts := make([]act, n)
	for i := range acts {
		person := 1 + int(random.ExpFloat64()*20)
		acts[i] = act{person, from + event.Day(random.IntN(days)), roles[(person+random.IntN(8)/7)%4]}
	}
	return acts
}

func TestWhatIsDerivedIsEqualToRaw(t *testing.T) {
	b := newBench(t, 0)
	b.land(crowd(1, 4000, day("2019-11-20"), 900)...)
	b.round()
	b.isEqual()
}

func TestNewDaysAreAddedToTheLastRun(t *testing.T) {
	b := newBench(t, 0)
	b.land(crowd(2, 2000, day("2020-01-25"), 300)...)
	b.refresh()
	b.land(crowd(3, 500, day("2020-11-28"), 10)...)
	b.refresh()
	b.isEqual()
}

func TestLateDaysMoveTheGapsAndTheCohortsBehindThem(t *testing.T) {
	b := newBench(t, 0)
	b.land(crowd(4, 2000, day("2021-03-10"), 400)...)
	b.refresh()
	b.land(act{1, day("2021-06-06"), "member"}, act{2, day("2021-03-01"), "admin"})
	b.refresh()
	b.isEqual()
	b.land(act{3, day("2001-01-01"), "member"}, act{999, day("2002-02-28"), ""}) // first seen long before all that is kept
	b.refresh()
	b.isEqual()
}

func TestAnotherRoleIsDerivedToo(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2022-01-01"), "member"}, act{2, day("2022-01-01"), "member"})
	b.refresh()
	b.land(act{1, day("2022-01-03"), "it's \\ new"}, act{1, day("2022-01-01"), "member"})
	b.refresh()
	b.isEqual()
}

func TestAnErasedPersonIsInNothingThatIsDerived(t *testing.T) {
	b := newBench(t, time.Hour)
	acts := crowd(5, 1000, day("2022-05-05"), 200)
	b.land(acts...)
	b.round()
	end := b.begin(acts...)
	for _, table := range []string{"events", "user_day", "user_month", "persons"} {
		b.exec("DELETE FROM " + table + " WHERE project = '" + b.project.Name + "' AND person = 7")
	}
	end()
	b.refresh()
	b.isEqual()
}

func TestARunThatBeganDuringALandingIsNotTakenForFresh(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2023-01-01"), ""}, act{1, day("2023-01-02"), ""})
	end := b.begin(act{1, day("2023-01-02"), ""})
	b.refresh()
	end()
	stand := b.stand()
	if changed := stand.Changed(stand.Runs[freshness.Gaps]); len(changed) != 1 || changed[0] != day("2023-01-02") {
		t.Errorf("days that the run has not seen: %v, want 2023-01-02", changed)
	}
	b.refresh()
	b.isEqual()
}

func TestNothingIsDerivedAgainWhereNothingLanded(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2023-01-01"), ""})
	b.round()
	first := b.stand().Runs[freshness.Gaps].ID
	b.round()
	if again := b.stand().Runs[freshness.Gaps].ID; again != first {
		t.Errorf("run %d came after run %d", again, first)
	}
}

func TestOfTwoProcessesOneDerives(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2023-01-01"), ""})
	claimed := 0
	for _, holder := range []string{"a", "b"} {
		mine, err := b.db.Claim(t.Context(), b.project.Name, "gaps", 0, 0, holder)
		if err != nil {
			t.Fatal(err)
		}
		if mine {
			claimed++
		}
	}
	if claimed != 1 {
		t.Errorf("%d of two processes had the claim", claimed)
	}
}

func TestAnOlderRunThatEndsLaterDoesNotComeIntoForce(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2023-01-01"), ""})
	b.round()
	run := b.stand().Runs[freshness.Gaps]
	b.exec(fmt.Sprintf(`INSERT INTO derived_runs (project, part, run, as_of) VALUES ('%s', 'gaps', 1, '2023-01-01 00:00:00')`, b.project.Name))
	if got := b.stand().Runs[freshness.Gaps]; got.ID != run.ID {
		t.Errorf("run %d is in force, want %d", got.ID, run.ID)
	}
	b.exec("OPTIMIZE TABLE derived_runs FINAL")
	if got := b.stand().Runs[freshness.Gaps]; got.ID != run.ID {
		t.Errorf("after a merge run %d is in force, want %d", got.ID, run.ID)
	}
}

func TestRunsThatAreOverAreDropped(t *testing.T) {
	b := newBench(t, 0)
	b.land(act{1, day("2023-01-01"), ""})
	b.round()
	b.exec(fmt.Sprintf(`INSERT INTO gap_day (run, project, everyone, role, day, gap, n) VALUES (77, '%s', true, '', '2023-01-01', 1, 1)`, b.project.Name))
	b.round()
	var old, kept uint64
	if err := b.conn.QueryRow(t.Context(), "SELECT countIf(run = 77), countIf(run != 77) FROM gap_day WHERE project = '"+b.project.Name+"'").Scan(&old, &kept); err != nil {
		t.Fatal(err)
	}
	if old != 0 || kept == 0 {
		t.Errorf("%d rows of a run that is over, %d of the one in force", old, kept)
	}
}
