package proof_test

import (
	"testing"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/proof"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// fill stores events and page views of a project, which the views then count.
func fill(t *testing.T, conn driver.Conn, project string) {
	t.Helper()
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"project": project}))
	for _, insert := range []string{
		`INSERT INTO events (project, day, type, person, occurred_at, id, user_id, session_id, object_type, object_id, tags, active)
			SELECT {project:String}, toDate('2024-02-27') + number % 5, if(number % 3 = 0, 'comment_added', 'login'), 1 + number % 7,
				toDateTime64('2024-02-27 10:00:00', 3, 'UTC') + toIntervalDay(number % 5) + toIntervalMinute(number),
				toString(number), concat('u', toString(1 + number % 7)), concat('s', toString(number % 4)), 'post', 'p', ['a', 'b', 'a'], true
			FROM numbers(100)`,
		`INSERT INTO events (project, day, type, person, occurred_at, id, user_id, anonymous_id, object_type, object_id, properties, active)
			SELECT {project:String}, toDate('2024-02-28'), ['identify', 'alias', 'group'][1 + number % 3], 1 + number % 7, toDateTime64('2024-02-28 10:00:00', 3, 'UTC') + toIntervalMinute(number % 5),
				concat('i', toString(number)), concat('u', toString(1 + number % 7)), concat('a', toString(number % 4)), 'company', toString(number % 2), map('plan', toString(number % 3)), false
			FROM numbers(40)`,
		`INSERT INTO page_views (project, day, path, occurred_at, id, session_id, object_type, object_id, bot)
			SELECT {project:String}, toDate('2024-02-28'), concat('/', toString(number % 3)), toDateTime64('2024-02-28 10:00:00', 3, 'UTC') + toIntervalMinute(number % 9),
				toString(number), concat('s', toString(number % 4)), 'post', 'p', number % 8 = 0
			FROM numbers(50)`,
	} {
		if err := conn.Exec(ctx, insert); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(enginetest.Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func compare(t *testing.T, conn driver.Conn, project string) []proof.Finding {
	t.Helper()
	findings, err := proof.Compare(t.Context(), conn, project)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestWhatTheViewsCountedIsEqualToRaw(t *testing.T) {
	conn := open(t)
	fill(t, conn, "equal")
	findings := compare(t, conn, "equal")
	if len(findings) != len(proof.Aggregates()) {
		t.Errorf("%d tables were compared, there are %d", len(findings), len(proof.Aggregates()))
	}
	for _, f := range findings {
		if f.Rows == 0 || f.Differing != 0 {
			t.Errorf("%s: %d of %d rows differ: %v", f.Table, f.Differing, f.Rows, f.Examples)
		}
	}
	if differing := proof.Differing(findings); len(differing) != 0 {
		t.Errorf("differing: %v", differing)
	}
}

func TestARowCountedTwiceIsShownWithBothItsCounts(t *testing.T) {
	conn := open(t)
	fill(t, conn, "twice")
	if err := conn.Exec(t.Context(), `INSERT INTO tag_day (project, day, tag, events) VALUES ('twice', '2024-02-27', 'a', 1)`); err != nil {
		t.Fatal(err)
	}
	want := []proof.Finding{{Table: "tag_day", Rows: 11, Differing: 2, Examples: []proof.Example{
		{Row: "('2024-02-27','a',20,0,7,0,0)", Shown: 0, Raw: 1},
		{Row: "('2024-02-27','a',21,0,7,0,0)", Shown: 1, Raw: 0},
	}}}
	if diff := cmp.Diff(want, proof.Differing(compare(t, conn, "twice"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARowThatOnlyRawHasIsFoundInEveryTable(t *testing.T) {
	conn := open(t)
	fill(t, conn, "missing")
	for _, p := range proof.Aggregates() {
		if err := conn.Exec(t.Context(), "DELETE FROM "+p.Name+" WHERE project = 'missing'"); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range compare(t, conn, "missing") {
		if f.Differing != f.Rows || f.Rows == 0 || len(f.Examples) != int(min(f.Rows, proof.MaxExamples)) {
			t.Errorf("%s: %d of %d rows differ, %d are shown", f.Table, f.Differing, f.Rows, len(f.Examples))
		}
	}
}
