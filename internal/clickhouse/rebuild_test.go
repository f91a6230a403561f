package clickhouse_test

import (
	"testing"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/proof"
)

// What the aggregates say is wrong in each way: too little, too much, and of
// what raw does not have at all.
func TestARebuildMakesAggregatesEqualToRawAlsoWhereRawHasNothing(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil))
	if err := enginetest.Migrate(target); err != nil {
		t.Fatal(err)
	}
	conn := writer(t, target)
	for _, statement := range []string{
		`INSERT INTO events (project, day, type, person, occurred_at, id, user_id, object_type, object_id, tags, active)
			SELECT 'p', toDate('2019-12-20') + number % 30, 'login', 1 + number % 7, toDateTime64('2019-12-20 10:00:00', 3, 'UTC') + toIntervalDay(number % 30),
				toString(number), concat('u', toString(1 + number % 7)), 'post', 'p', ['a'], true
			FROM numbers(300)`,
		`DELETE FROM user_day WHERE project = 'p' AND person = 3`,
		`INSERT INTO tag_day (project, day, tag, events) VALUES ('p', '2019-12-31', 'a', 5)`,
		`INSERT INTO sessions (project, day, session_id, person, events) VALUES ('p', '2020-01-05', 'nobody has had it', 3, 1)`,
	} {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	months := []time.Time{time.Date(2019, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	for range 2 { // a rebuild that was cut short is repeated
		if err := (clickhouse.RawTables{Conn: conn}).Rebuild(t.Context(), months); err != nil {
			t.Fatal(err)
		}
		findings, err := proof.Compare(t.Context(), conn, "p")
		if err != nil {
			t.Fatal(err)
		}
		if differing := proof.Differing(findings); len(differing) > 0 {
			t.Errorf("%+v", differing)
		}
	}
}
