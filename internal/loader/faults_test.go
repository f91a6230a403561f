package loader_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/loader"
	"ibarura/internal/proof"
)

// bench is a real ClickHouse of a test's own, whose schema it may change.
type bench struct {
	t        *testing.T
	conn     driver.Conn
	inserter *clickhouse.Inserter
	tables   clickhouse.RawTables
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchOn(t, enginetest.Target(enginetest.StartOwn(t, nil)))
}

func benchOn(t *testing.T, target clickhouse.Target) *bench {
	t.Helper()
	if err := enginetest.Migrate(target); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, conn: open(t, target), inserter: clickhouse.NewInserter(target)}
	t.Cleanup(func() { _ = b.inserter.Close() })
	b.tables = clickhouse.RawTables{Conn: b.conn}
	return b
}

func (b *bench) exec(sql string) {
	b.t.Helper()
	if err := b.conn.Exec(b.t.Context(), sql); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// counted checks that raw and the counters hold so many events of a project.
func (b *bench) counted(project string, want int) {
	b.t.Helper()
	for _, sql := range []string{
		"SELECT count() FROM events WHERE project = '%s'",
		"SELECT uniqExact(id) FROM events WHERE project = '%s'",
		"SELECT sum(events) FROM metrics_daily WHERE project = '%s'",
		"SELECT sum(events) FROM counters_15m WHERE project = '%s'",
		"SELECT sum(events) FROM metrics_monthly WHERE project = '%s'",
	} {
		if got := value(b.t, b.conn, fmt.Sprintf(sql, project)); got != fmt.Sprint(want) {
			b.t.Errorf("%s: %s, want %d", fmt.Sprintf(sql, project), got, want)
		}
	}
}

func TestPoisonGoesToQuarantineAndItsNeighboursAreCounted(t *testing.T) {
	b := newBench(t)
	b.exec("ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'")
	b.exec("ALTER TABLE events ADD COLUMN n UInt64 MATERIALIZED toUInt64(properties['n'])")
	log := newSource(t)
	l := start(t, config(t), log.Spool, b.inserter, b.tables)
	end := log.sendRows(1000, func(i int) *event.Row {
		r := row("poison", i, 19_000)
		switch i {
		case 3, 4, 999:
			r.Type = "poison"
		case 500:
			r.Properties = []event.Property{{Key: "n", Value: "not a number"}}
		}
		return r
	})
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("poison", 996)
	held, err := b.tables.Quarantined(t.Context(), "", 10)
	if err != nil || len(held) != 4 {
		t.Fatalf("%d rows in quarantine, %v", len(held), err)
	}
	codes := map[int32]int{}
	for _, f := range held {
		codes[f.Code]++
		var text struct{ ID, Project string }
		if err := json.Unmarshal(f.Row, &text); err != nil || text.Project != "poison" || f.Error == "" {
			t.Errorf("held: %+v, %v", f, err)
		}
	}
	if codes[469] != 3 || codes[6]+codes[72] != 1 {
		t.Errorf("errors by code: %v", codes)
	}
}

func TestAViewThatFailsIsTriedAgainAndCountsOnceWhenItIsMended(t *testing.T) {
	b := newBench(t)
	b.exec("CREATE TABLE odd (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10000")
	b.exec("CREATE MATERIALIZED VIEW zz_odd TO odd AS SELECT toUInt64(properties['n']) AS n FROM events")
	log := newSource(t)
	l := start(t, config(t), log.Spool, b.inserter, b.tables)
	end := log.sendRows(10, func(i int) *event.Row {
		r := row("view", i, 19_000)
		if i == 3 {
			r.Properties[0].Value = "not a number"
		}
		return r
	})
	waitFor(t, "raw is written although the view fails", func() bool {
		return value(t, b.conn, "SELECT count() FROM events WHERE project = 'view'") == "10"
	})
	if loaded := l.Loaded(); loaded >= end {
		t.Errorf("loaded up to %d of %d, although a view has failed", loaded, end)
	}
	b.exec("ALTER TABLE zz_odd MODIFY QUERY SELECT toUInt64OrZero(properties['n']) AS n FROM events")
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("view", 10)
	if held, err := b.tables.Quarantined(t.Context(), "", 10); err != nil || len(held) != 0 {
		t.Errorf("%d rows in quarantine, %v", len(held), err)
	}
}

func TestTooManyPartsSlowsDownAndLosesNothing(t *testing.T) {
	b := newBench(t)
	b.exec("SYSTEM STOP MERGES")
	b.exec("ALTER TABLE events MODIFY SETTING parts_to_throw_insert = 3, parts_to_delay_insert = 100")
	log, c := newSource(t), config(t)
	c.BatchRows = 100
	l := start(t, c, log.Spool, b.inserter, b.tables)
	end := log.sendRows(1000, func(i int) *event.Row { return row("parts", i, 19_000) })
	waitFor(t, "the table is full of parts", func() bool {
		return value(t, b.conn, "SELECT count() FROM events WHERE project = 'parts'") == "300"
	})
	if l.Loaded() >= end {
		t.Error("everything is loaded already")
	}
	b.exec("ALTER TABLE events MODIFY SETTING parts_to_throw_insert = 3000")
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("parts", 1000)
}

// loses cuts the connection after ClickHouse has taken the block, so that the
// answer is lost, and then refuses the block for what it holds, as it would if
// somebody had added a constraint meanwhile.
type loses struct {
	loader.Inserter
	mu     sync.Mutex
	tokens map[string]int
}

var (
	errLost = errors.New("the answer is lost")
	refusal = &ch.Exception{Code: proto.Error(469), Message: "Constraint is violated"}
)

func (l *loses) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	l.mu.Lock()
	l.tokens[token]++
	attempt := l.tokens[token]
	l.mu.Unlock()
	switch attempt {
	case 1:
		if err := l.Inserter.Insert(ctx, table, columns, token, sending); err != nil {
			return err
		}
		return errLost
	case 2:
		return refusal
	}
	return l.Inserter.Insert(ctx, table, columns, token, sending)
}

func TestARefusalAfterALostAnswerDoesNotCountRowsAgainUnderOtherTokens(t *testing.T) {
	b := newBench(t)
	log := newSource(t)
	lossy := &loses{Inserter: b.inserter, tokens: map[string]int{}}
	l := start(t, config(t), log.Spool, lossy, b.tables)
	end := log.sendRows(50, func(i int) *event.Row { return row("lost", i, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("lost", 50)
	if len(lossy.tokens) > 2 {
		t.Errorf("%d tokens were used", len(lossy.tokens))
	}
}

func TestAfterABootWhatTheHostLostIsLoadedAgainAndEveryAggregateIsRight(t *testing.T) {
	b := newBench(t)
	dir, c := t.TempDir(), config(t)
	c.Boot = bootOf("first")
	log := &source{openSpool(t, dir), t}
	l := start(t, c, log.Spool, b.inserter, b.tables)
	if err := l.Await(t.Context(), send(log, "targets")); err != nil {
		t.Fatal(err)
	}
	end := log.sendRows(100, func(i int) *event.Row { return row("boot", i, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	stop(t, l)
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What had not reached the disk: parts of raw, and of some aggregates, whole.
	for _, table := range []string{"events", "page_views", "user_day", "metrics_daily", "content_day", "metrics_weekly", "metrics_monthly"} {
		partition := value(t, b.conn, "SELECT max(partition_id) FROM system.parts WHERE active AND database = currentDatabase() AND table = '"+table+"'")
		b.exec("ALTER TABLE " + table + " DROP PARTITION ID '" + partition + "'")
	}
	b.exec("TRUNCATE TABLE persons")
	if value(t, b.conn, "SELECT count() FROM events WHERE project = 'targets'") == fmt.Sprint(sentEvents) {
		t.Fatal("nothing was lost")
	}

	c.Boot = bootOf("second")
	start(t, c, openSpool(t, dir), b.inserter, b.tables)
	b.counted("boot", 100)
	equal(t, b.conn, b.conn, "targets", proof.Aggregates())
}

func bootOf(name string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return name, nil }
}

// crashes is a ClickHouse whose host crashes with its second block, which is
// answered and lost, together with what the first one had written.
type crashes struct {
	*bench
	boot   atomic.Value
	blocks atomic.Int32
}

func (c *crashes) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	if c.blocks.Add(1) != 2 {
		return c.inserter.Insert(ctx, table, columns, token, sending)
	}
	c.exec("TRUNCATE TABLE events")
	c.exec("TRUNCATE TABLE metrics_daily")
	c.boot.Store("second")
	return io.ErrUnexpectedEOF
}

func TestABootOfARemoteHostIsNoticedWhenItIsBack(t *testing.T) {
	b := newBench(t)
	host := &crashes{bench: b}
	host.boot.Store("first")
	log, c := newSource(t), config(t)
	c.Boot = func(context.Context) (string, error) { return host.boot.Load().(string), nil }
	l := start(t, c, log.Spool, host, b.tables)
	for i := range 2 {
		end := log.sendRows(100, func(n int) *event.Row { return row("remote", 100*i+n, 19_000) })
		if err := l.Await(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the rows of the first block are back", func() bool {
		return value(t, b.conn, "SELECT count() FROM events WHERE project = 'remote'") == "200"
	})
	// The aggregates are made anew behind the fence, before this block passes.
	end := log.sendRows(100, func(n int) *event.Row { return row("remote", 200+n, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("remote", 300)
}

func TestARefusedRowCanBeReadBackFromItsChunk(t *testing.T) {
	b := newBench(t)
	b.exec("ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'")
	log := newSource(t)
	l := start(t, config(t), log.Spool, b.inserter, b.tables)
	end := log.sendRows(3, func(i int) *event.Row {
		r := row("back", i, 19_000)
		if i == 1 {
			r.Type = "poison"
		}
		return r
	})
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	held, err := b.tables.Quarantined(t.Context(), "", 10)
	if err != nil || len(held) != 1 {
		t.Fatalf("%d held, %v", len(held), err)
	}
	if err := loader.Release(t.Context(), b.inserter, clickhouse.Landed{Inserter: b.inserter, Conn: b.conn}, b.tables, held[0]); err == nil {
		t.Error("a row that is still refused was released")
	}
	b.exec("ALTER TABLE events DROP CONSTRAINT no_poison")
	for range 2 { // a second time changes nothing
		if err := loader.Release(t.Context(), b.inserter, clickhouse.Landed{Inserter: b.inserter, Conn: b.conn}, b.tables, held[0]); err != nil {
			t.Fatal(err)
		}
	}
	b.counted("back", 3)
	if held, err := b.tables.Quarantined(t.Context(), "", 10); err != nil || len(held) != 0 {
		t.Errorf("%d held after the release, %v", len(held), err)
	}
}
