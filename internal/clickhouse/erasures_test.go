package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/proof"
)

// community stores rows of seven users and some visitors; user 3 is ada.
const community = `
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, session_id, role, object_type, object_id, tags, active)
SELECT {project:String}, toDate('2024-02-27') + number % 40, ['comment_added', 'login', 'post_viewed'][1 + number % 3] AS t,
	xxHash64(concat('u:', user)), toDateTime64('2024-02-27 10:00:00', 3, 'UTC') + toIntervalDay(number % 40) + toIntervalMinute(number),
	now64(3, 'UTC'), {base:UInt64} + number, toString(number), if(number % 7 = 3, 'ada', concat('u', toString(number % 7))) AS user,
	concat('s', toString(number % 11)), if(number % 2 = 0, 'member', 'admin'), 'post', concat('p', toString(number % 5)), ['a', 'b', if(number = 3, 'only ada', 'a')], t != 'login'
FROM numbers(700);
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, anonymous_id, object_type, object_id, properties, active)
SELECT {project:String}, toDate('2024-02-28'), ['identify', 'alias', 'group'][1 + number % 3], xxHash64(concat('u:', user)),
	toDateTime64('2024-02-28 10:00:00', 3, 'UTC') + toIntervalMinute(number), now64(3, 'UTC'), {base:UInt64} + 1000 + number, concat('i', toString(number)),
	if(number % 7 = 3, 'ada', concat('u', toString(number % 7))) AS user, if(number = 1, 'ada', concat('a', toString(number % 4))), 'company', toString(number % 2), map('plan', toString(number % 5)), false
FROM numbers(60);
INSERT INTO page_views (project, day, path, person, occurred_at, received_at, seq, id, user_id, anonymous_id, session_id, object_type, object_id, bot)
SELECT {project:String}, toDate('2024-02-28') + number % 40, concat('/', toString(number % 3)), if(user = '', xxHash64(concat('a:', anonymous_id)), xxHash64(concat('u:', user))),
	toDateTime64('2024-02-28 10:00:00', 3, 'UTC') + toIntervalDay(number % 40) + toIntervalMinute(number % 9), now64(3, 'UTC'), {base:UInt64} + 2000 + number,
	concat('v', toString(number)), if(number % 7 = 3, 'ada', if(number % 2 = 0, concat('u', toString(number % 7)), '')) AS user, concat('a', toString(number % 4)) AS anonymous_id,
	concat('s', toString(number % 11)), 'post', concat('p', toString(number % 5)), number % 8 = 0
FROM numbers(300)`

// base is the first seq of a test's rows: of spool number 5000.
const base = 5000 << 40

func exec(t *testing.T, conn driver.Conn, project, statements string) {
	t.Helper()
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"project": project, "base": fmt.Sprint(uint64(base))}))
	for _, statement := range strings.Split(statements, ";\n") {
		if err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func count(t *testing.T, conn driver.Conn, project, sql string) uint64 {
	t.Helper()
	var n uint64
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"project": project}))
	if err := conn.QueryRow(ctx, "SELECT toUInt64(("+sql+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func order(project string, who ...event.Identity) clickhouse.Erasure {
	o := clickhouse.Erasure{ID: "e-" + project, Project: project, State: clickhouse.ErasureOrdered, Round: 1, OrderedAt: time.Now(), ChangedAt: time.Now(), Version: 1}
	for _, id := range who {
		o.Persons = append(o.Persons, event.PersonOf(id))
	}
	return o
}

var ada = event.Identity{UserID: "ada"}

func equalToRaw(t *testing.T, conn driver.Conn, project string) {
	t.Helper()
	findings, err := proof.Compare(t.Context(), conn, project)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range proof.Differing(findings) {
		t.Errorf("%s: %d of %d rows differ from raw: %v", f.Table, f.Differing, f.Rows, f.Examples)
	}
}

// claimOf makes a name for the tables of a claim; what a test leaves is dropped.
func claimOf(t *testing.T, conn driver.Conn, claim string) string {
	t.Helper()
	t.Cleanup(func() {
		ctx := context.Background()
		var names []string
		_ = conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND name LIKE ?", clickhouse.RepairTable(claim, "%")).Scan(&names)
		for _, name := range names {
			_ = conn.Exec(ctx, "DROP TABLE IF EXISTS "+name+" SYNC")
		}
	})
	return claim
}

func TestAnErasedPersonIsInNoTableAndEveryAggregateIsEqualToRaw(t *testing.T) {
	t.Parallel()
	conn := writer(t, enginetest.Migrated(t))
	erasures := clickhouse.Erasures{Conn: conn}
	exec(t, conn, "gone", community)
	exec(t, conn, "other", community) // the same ids in another project stay
	before := count(t, conn, "gone", "SELECT count() FROM events WHERE project = {project:String}")
	o := order("gone", ada)
	copied, err := erasures.Copy(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]uint64{"events": 100 + 9 + 1, "page_views": 43}, copied); diff != "" {
		t.Errorf("copied (-want +got):\n%s", diff)
	}
	counts, err := erasures.Purge(t.Context(), o, nil, claimOf(t, conn, "0a01"))
	if err != nil {
		t.Fatal(err)
	}
	if err := erasures.Sweep(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if counts["events"] != copied["events"] || counts["user_day"] == 0 || counts["traits"] == 0 || counts["identities"] == 0 {
		t.Errorf("counts: %v", counts)
	}
	equalToRaw(t, conn, "gone")
	equalToRaw(t, conn, "other")
	if after := count(t, conn, "gone", "SELECT count() FROM events WHERE project = {project:String}"); after != before-copied["events"] {
		t.Errorf("%d events, want %d", after, before-copied["events"])
	}
	nothingFound(t, erasures, o, nil)
	if n := count(t, conn, "gone", "SELECT count() FROM events WHERE project = {project:String} AND (user_id = 'ada' OR anonymous_id = 'ada')"); n != 0 {
		t.Errorf("%d rows name her", n)
	}
	if n := count(t, conn, "gone", "SELECT count() FROM bi.tags_daily WHERE project = {project:String} AND tag = 'only ada'"); n != 0 {
		t.Errorf("a row without counts is shown: %d", n)
	}
	if n := count(t, conn, "other", "SELECT count() FROM events WHERE project = {project:String} AND user_id = 'ada'"); n != 109 {
		t.Errorf("another project's person: %d rows, want 109", n)
	}
}

func nothingFound(t *testing.T, erasures clickhouse.Erasures, o clickhouse.Erasure, spools []clickhouse.ErasureSpool) {
	t.Helper()
	found, err := erasures.Traces(t.Context(), o, spools)
	if err != nil {
		t.Fatal(err)
	}
	delete(found, "deleted rows in parts") // of tests beside this one
	for table, n := range found {
		if n != 0 {
			t.Errorf("%s: %d traces", table, n)
		}
	}
	if len(found) < 8 {
		t.Errorf("only these were looked into: %v", found)
	}
}

func TestRowsThatCameAfterTheOrderStayAndAreCounted(t *testing.T) {
	t.Parallel()
	conn := writer(t, enginetest.Migrated(t))
	erasures := clickhouse.Erasures{Conn: conn}
	exec(t, conn, "again", community)
	o := order("again", ada)
	spools := []clickhouse.ErasureSpool{{Erasure: o.ID, Spool: "s", Cut: base + 600}}
	if _, err := erasures.Copy(t.Context(), o, spools); err != nil {
		t.Fatal(err)
	}
	if _, err := erasures.Purge(t.Context(), o, spools, claimOf(t, conn, "0a02")); err != nil {
		t.Fatal(err)
	}
	equalToRaw(t, conn, "again")
	nothingFound(t, erasures, o, spools)
	if n := count(t, conn, "again", "SELECT countIf(seq >= 5000 * 1099511627776 + 600) * 1000 + countIf(seq < 5000 * 1099511627776 + 600) FROM events WHERE project = {project:String} AND user_id = 'ada'"); n != (14+9)*1000 {
		t.Errorf("rows after and before the cut, times 1000: %d", n)
	}
}

// broken fails a statement, the n-th that matters, before or after it is done.
type broken struct {
	driver.Conn
	left  *int
	after bool
}

var errKilled = errors.New("killed")

func (b broken) Exec(ctx context.Context, query string, args ...any) error {
	*b.left--
	switch {
	case *b.left < 0:
		return errKilled
	case *b.left == 0 && !b.after:
		return errKilled
	}
	err := b.Conn.Exec(ctx, query, args...)
	if *b.left == 0 && err == nil {
		err = errKilled
	}
	return err
}

func TestAnErasureThatIsKilledAtAnyStatementAndRepeatedIsExact(t *testing.T) {
	t.Parallel()
	target := enginetest.Migrated(t)
	conn := writer(t, target)
	for n := 1; ; n += n/2 + 1 {
		project := fmt.Sprintf("kill%d", n)
		exec(t, conn, project, community)
		o := order(project, ada)
		whole := clickhouse.Erasures{Conn: conn}
		if _, err := whole.Copy(t.Context(), o, nil); err != nil {
			t.Fatal(err)
		}
		left := n
		half := clickhouse.Erasures{Conn: broken{conn, &left, n%2 == 0}}
		_, err := half.Purge(t.Context(), o, nil, claimOf(t, conn, fmt.Sprintf("0b%02x", n)))
		if err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if _, err := whole.Purge(t.Context(), o, nil, claimOf(t, conn, fmt.Sprintf("0c%02x", n))); err != nil {
			t.Fatal(err)
		}
		equalToRaw(t, conn, project)
		nothingFound(t, whole, o, nil)
		if t.Failed() {
			t.Fatalf("killed at statement %d", n)
		}
		if err == nil {
			break
		}
	}
}
