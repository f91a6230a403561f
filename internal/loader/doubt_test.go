package loader_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/clickhouse"
	"ibarura/internal/clickhouse/embedded"
	"ibarura/internal/enginetest"
	"ibarura/internal/event"
	"ibarura/internal/loader"
	"ibarura/internal/proof"
)

// mortal is a ClickHouse that can be killed as if between its note of a token
// and the block: the token stays, and the block's part of a table is gone.
type mortal struct {
	*bench
	opts   embedded.Options
	engine *embedded.Engine
}

func newMortal(t *testing.T) *mortal {
	t.Helper()
	m := &mortal{opts: enginetest.Options(t.TempDir())}
	m.start(t)
	t.Cleanup(m.kill)
	_, port, err := net.SplitHostPort(m.engine.Addr())
	if err == nil {
		m.opts.TCPPort, err = strconv.Atoi(port)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.bench = benchOn(t, enginetest.Target(m.engine))
	return m
}

func (m *mortal) start(t *testing.T) {
	t.Helper()
	var err error
	if m.engine, err = embedded.Start(context.WithoutCancel(t.Context()), m.opts); err != nil {
		t.Fatal(err)
	}
}

// kill ends ClickHouse with SIGKILL.
func (m *mortal) kill() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = m.engine.Stop(over) // that it was killed is no news
}

// lose takes the newest part of each table away and starts ClickHouse anew.
func (m *mortal) lose(tables ...string) {
	m.t.Helper()
	var parts []string
	for _, table := range tables {
		parts = append(parts, value(m.t, m.conn, "SELECT argMax(path, max_block_number) FROM system.parts WHERE active AND min_block_number = max_block_number AND database = currentDatabase() AND table = '"+table+"'"))
	}
	m.kill()
	for _, part := range parts {
		if entries, err := os.ReadDir(part); err != nil || len(entries) == 0 {
			m.t.Errorf("there is no part in %q: %v", filepath.Base(part), err)
		}
		if err := os.RemoveAll(part); err != nil {
			m.t.Error(err)
		}
	}
	m.start(m.t)
	m.exec("SYSTEM STOP MERGES")
}

// strikes does something to ClickHouse right after an insert, whose answer is lost.
type strikes struct {
	loader.Inserter
	strike atomic.Pointer[func(ctx context.Context) error]
	sent   atomic.Int32
}

func (s *strikes) after(strike func(ctx context.Context) error) { s.strike.Store(&strike) }

func (s *strikes) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	s.sent.Add(1)
	if err := s.Inserter.Insert(ctx, table, columns, token, sending); err != nil {
		return err
	}
	if strike := s.strike.Swap(nil); strike != nil {
		return (*strike)(ctx)
	}
	return nil
}

// proved checks every aggregate of a project against its raw rows.
func (b *bench) proved(project string) {
	b.t.Helper()
	findings, err := proof.Compare(b.t.Context(), b.conn, project)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range proof.Differing(findings) {
		b.t.Errorf("%s of %s: %d of %d rows differ from raw, such as %v", f.Table, project, f.Differing, f.Rows, f.Examples[0])
	}
}

// varied is a row of one month; such rows leave none of the views without any.
func varied(project string, n int) *event.Row {
	r := row(project, n, 19_000)
	if n%10 == 0 {
		r.Type, r.Active = event.Identify, false
	}
	return r
}

func TestATokenWithoutItsBlockIsNotBelievedAfterClickHouseWasKilled(t *testing.T) {
	m := newMortal(t)
	log, c := newSource(t), config(t)
	inserter := &strikes{Inserter: m.inserter}
	l := start(t, c, log.Spool, inserter, m.tables)
	if err := l.Await(t.Context(), send(log, "targets")); err != nil {
		t.Fatal(err)
	}
	m.exec("SYSTEM STOP MERGES")
	lost := [][]string{{"events"}, {"events", "user_day", "metrics_monthly"}}
	for _, p := range proof.Aggregates() {
		lost = append(lost, []string{p.Name})
	}
	for i, tables := range lost {
		inserter.after(func(context.Context) error {
			m.lose(tables...)
			return io.ErrUnexpectedEOF
		})
		end := log.sendRows(100, func(n int) *event.Row { return varied("hole", 100*i+n) })
		if err := l.Await(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		m.counted("hole", 100*(i+1))
		m.proved("hole")
	}
	m.proved("targets")
}

func TestATokenWithoutItsBlockIsNotBelievedAfterBothProcessesWereKilled(t *testing.T) {
	m := newMortal(t)
	m.exec("SYSTEM STOP MERGES")
	dir, c := t.TempDir(), config(t)
	for i, table := range []string{"counters_15m", "events", "sessions"} {
		log := &source{openSpool(t, dir), t}
		inserter, struck := &strikes{Inserter: m.inserter}, make(chan struct{})
		inserter.after(func(ctx context.Context) error {
			m.lose(table)
			close(struck)
			<-ctx.Done()
			return ctx.Err()
		})
		l := start(t, c, log.Spool, inserter, m.tables)
		end := log.sendRows(100, func(n int) *event.Row { return row("both", 100*i+n, 19_000) })
		<-struck
		stop(t, l)
		again := start(t, c, log.Spool, m.inserter, m.tables)
		if err := again.Await(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		m.counted("both", 100*(i+1))
		m.proved("both")
		stop(t, again)
		if err := log.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsSentAgainMayHoldRefusedRowsAmongThoseThatAreThere(t *testing.T) {
	m := newMortal(t)
	m.exec("ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'")
	m.exec("SYSTEM STOP MERGES")
	log, inserter := newSource(t), &strikes{Inserter: m.inserter}
	inserter.after(func(context.Context) error {
		m.lose("events", "user_day") // of the first part without poison
		return io.ErrUnexpectedEOF
	})
	l := start(t, config(t), log.Spool, inserter, m.tables)
	end := log.sendRows(100, func(n int) *event.Row {
		r := varied("among", n)
		if n%40 == 0 {
			r.Type = "poison"
		}
		return r
	})
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	m.counted("among", 97)
	m.proved("among")
	if held, err := m.tables.Quarantined(t.Context(), "", 10); err != nil || len(held) != 3 {
		t.Errorf("%d rows in quarantine, %v", len(held), err)
	}
}

// balky does not make aggregates anew before it is told to.
type balky struct {
	clickhouse.RawTables
	others, ready atomic.Bool
	tried         atomic.Int32
}

var errNotNow = errors.New("not now")

func (b *balky) OtherWriters(context.Context, uint64) (bool, error) { return b.others.Load(), nil }

func (b *balky) Rebuild(ctx context.Context, months []time.Time) error {
	b.tried.Add(1)
	if !b.ready.Load() {
		return errNotNow
	}
	return b.RawTables.Rebuild(ctx, months)
}

// holed loads a batch of which an aggregate gets nothing, and which is doubted.
func holed(m *mortal, log *source, inserter *strikes) (wait func(*loader.Loader) error) {
	m.t.Helper()
	m.exec("SYSTEM STOP MERGES")
	inserter.after(func(context.Context) error {
		m.lose("metrics_daily")
		return io.ErrUnexpectedEOF
	})
	end := log.sendRows(100, func(n int) *event.Row { return row("due", n, 19_000) })
	return func(l *loader.Loader) error { return l.Await(m.t.Context(), end) }
}

func TestWhatIsDoubtedIsMendedByTheNextStartIfThisOneEndsFirst(t *testing.T) {
	m := newMortal(t)
	dir, c := t.TempDir(), config(t)
	log, inserter, tables := &source{openSpool(t, dir), t}, &strikes{Inserter: m.inserter}, &balky{RawTables: m.tables}
	l := start(t, c, log.Spool, inserter, tables)
	wait := holed(m, log, inserter)
	waitFor(t, "aggregates are made anew, in vain", func() bool { return tables.tried.Load() > 1 })
	if l.Loaded() >= log.Durable() {
		t.Error("a batch in doubt is called loaded")
	}
	stop(t, l)
	tables.ready.Store(true)
	sent := inserter.sent.Load()
	if err := wait(start(t, c, log.Spool, inserter, tables)); err != nil {
		t.Fatal(err)
	}
	m.counted("due", 100)
	m.proved("due")
	if n := inserter.sent.Load() - sent; n != 0 {
		t.Errorf("a batch that is taken was sent again, in %d attempts", n)
	}
}

func TestMonthsStayDueAsLongAsOthersWriteAndLoadingGoesOn(t *testing.T) {
	m := newMortal(t)
	dir, c := t.TempDir(), config(t)
	log, inserter, tables := &source{openSpool(t, dir), t}, &strikes{Inserter: m.inserter}, &balky{RawTables: m.tables}
	tables.ready.Store(true)
	tables.others.Store(true)
	l := start(t, c, log.Spool, inserter, tables)
	if err := holed(m, log, inserter)(l); err != nil {
		t.Fatal(err)
	}
	if n := tables.tried.Load(); n != 0 {
		t.Errorf("aggregates were made anew %d times, although others write", n)
	}
	if n := value(t, m.conn, "SELECT count() FROM events WHERE project = 'due'"); n != "100" {
		t.Errorf("raw has %s rows", n)
	}
	stop(t, l)
	tables.others.Store(false)
	l = start(t, c, log.Spool, inserter, tables)
	waitFor(t, "the month is made anew", func() bool { return tables.tried.Load() == 1 })
	unfence, err := l.Fence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unfence()
	m.counted("due", 100)
	m.proved("due")
}

func TestALostAnswerOfAProcessThatLivesOnIsNoDoubt(t *testing.T) {
	b := newBench(t)
	log, inserter, tables := newSource(t), &strikes{Inserter: b.inserter}, &balky{RawTables: b.tables}
	inserter.after(func(context.Context) error { return io.ErrUnexpectedEOF })
	l := start(t, config(t), log.Spool, inserter, tables)
	end := log.sendRows(100, func(n int) *event.Row { return row("alive", n, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("alive", 100)
	if n := tables.tried.Load(); n != 0 {
		t.Errorf("aggregates were made anew %d times", n)
	}
}

func TestAnErrorOfAFileIsADoubtEvenWithinOneProcess(t *testing.T) {
	b := newBench(t)
	log, inserter, tables := newSource(t), &strikes{Inserter: b.inserter}, &balky{RawTables: b.tables}
	tables.ready.Store(true)
	inserter.after(func(context.Context) error {
		return &ch.Exception{Code: 1001, Message: "filesystem error: in rename: No space left on device"}
	})
	l := start(t, config(t), log.Spool, inserter, tables)
	end := log.sendRows(100, func(n int) *event.Row { return row("file", n, 19_000) })
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	b.counted("file", 100)
	if n := tables.tried.Load(); n != 1 {
		t.Errorf("aggregates were made anew %d times, want 1", n)
	}
}

func TestARestartOfClickHouseBetweenInsertsIsNoDoubt(t *testing.T) {
	m := newMortal(t)
	log, tables := newSource(t), &balky{RawTables: m.tables}
	l := start(t, config(t), log.Spool, m.inserter, tables)
	for i := range 3 {
		end := log.sendRows(100, func(n int) *event.Row { return row("clean", 100*i+n, 19_000) })
		if err := l.Await(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		m.kill()
		m.start(t)
	}
	m.counted("clean", 300)
	if n := tables.tried.Load(); n != 0 {
		t.Errorf("aggregates were made anew %d times", n)
	}
}

func TestEveryProcessOfClickHouseHasANameOfItsOwn(t *testing.T) {
	m := newMortal(t)
	seen := map[string]bool{}
	for i := range 2 {
		for range 2 { // two connections
			inserter := clickhouse.NewInserter(enginetest.Target(m.engine))
			err := inserter.Insert(t.Context(), "events", nil, fmt.Sprint(i), func(process string) error {
				seen[process] = true
				return errNotNow
			})
			if !errors.Is(err, errNotNow) {
				t.Errorf("nothing may be sent after an error: %v", err)
			}
			if err := inserter.Close(); err != nil {
				t.Error(err)
			}
		}
		m.kill()
		m.start(t)
	}
	if len(seen) != 2 || seen[""] {
		t.Errorf("two processes have the names %v", seen)
	}
}

func TestARowFromQuarantineIsInItsTableAlsoIfClickHouseForgotItAtTheFirstTry(t *testing.T) {
	m := newMortal(t)
	m.exec("ALTER TABLE events ADD CONSTRAINT no_poison CHECK type != 'poison'")
	m.exec("SYSTEM STOP MERGES")
	log := newSource(t)
	l := start(t, config(t), log.Spool, m.inserter, m.tables)
	end := log.sendRows(1, func(n int) *event.Row {
		r := row("forgot", n, 19_000)
		r.Type = "poison"
		return r
	})
	if err := l.Await(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	held, err := m.tables.Quarantined(t.Context(), "", 10)
	if err != nil || len(held) != 1 {
		t.Fatalf("%d held, %v", len(held), err)
	}
	m.exec("ALTER TABLE events DROP CONSTRAINT no_poison")
	inserter := &strikes{Inserter: m.inserter}
	inserter.after(func(context.Context) error {
		m.lose("events")
		return io.ErrUnexpectedEOF
	})
	if err := loader.Release(t.Context(), inserter, unmarked{}, m.tables, held[0]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the first try: %v", err)
	}
	if err := loader.Release(t.Context(), inserter, unmarked{}, m.tables, held[0]); err != nil {
		t.Fatal(err)
	}
	if n := value(t, m.conn, "SELECT count() FROM events WHERE project = 'forgot'"); n != "1" {
		t.Errorf("raw has %s rows", n)
	}
}
