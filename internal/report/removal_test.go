package report_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// ageing is the community on an engine of its own, since on the shared one
// nothing can be deleted.
type ageing struct {
	t      *testing.T
	target clickhouse.Target
}

const ageingZone = "Africa/Kigali"

func newAgeing(t *testing.T) *ageing {
	t.Helper()
	a := &ageing{t, enginetest.Target(enginetest.StartOwn(t, nil))}
	err := enginetest.Migrate(a.target)
	if err != nil {
		t.Fatal(err)
	}
	events, err := community()
	events = slices.DeleteFunc(events, func(e oracle.Event) bool { return e.At.Year() < 2012 || e.At.Year() > 2014 })
	if err == nil {
		err = store(a.target, map[string]string{ageingZone: ageingZone}, events, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// service is one that knows nothing yet.
func (a *ageing) service() *report.Service {
	a.t.Helper()
	reader, err := openReader(a.target)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = reader.Close() })
	return report.New(reader, func() time.Time { return now }, report.DefaultLimits())
}

// expire moves the borders, and removes the rows by whole partitions: quicker than
// as the keeper does, and nobody else has rows here.
func (a *ageing) expire(raw, people, counters string) {
	a.t.Helper()
	conn, err := clickhouse.Open(a.target)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	from := func(s string) time.Time {
		d := day(a.t, s)
		return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	}
	kept := clickhouse.Retention{Project: ageingZone, Version: 1,
		From: clickhouse.Tiers[time.Time]{Raw: from(raw), People: from(people), Counters: from(counters)}}
	if err := (clickhouse.Retentions{Conn: conn}).Put(a.t.Context(), kept); err != nil {
		a.t.Fatal(err)
	}
	tables := clickhouse.TierTables()
	a.drop(conn, tables.Raw, kept.From.Raw)
	a.drop(conn, tables.People, kept.From.People)
	a.drop(conn, tables.Counters, kept.From.Counters)
	for table, column := range map[string]string{"metrics_weekly": "week", "metrics_monthly": "month"} { // a partition a year each
		if err := conn.Exec(a.t.Context(), "DELETE FROM "+table+" WHERE "+column+" < ?", kept.From.Counters); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a *ageing) drop(conn driver.Conn, tables []string, before time.Time) {
	a.t.Helper()
	rows, err := conn.Query(a.t.Context(), `SELECT DISTINCT table, partition_id FROM system.parts
WHERE active AND database = currentDatabase() AND has(?, table) AND length(partition_id) = 6 AND partition_id < ?`, tables, before.Format("200601"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var drops []string
	for rows.Next() {
		var table, partition string
		if err := rows.Scan(&table, &partition); err != nil {
			a.t.Fatal(err)
		}
		drops = append(drops, "ALTER TABLE "+table+" DROP PARTITION ID '"+partition+"'")
	}
	if err := rows.Err(); err != nil || len(drops) == 0 {
		a.t.Fatalf("%d partitions of %v are older: %v", len(drops), tables, err)
	}
	for _, drop := range drops {
		if err := conn.Exec(a.t.Context(), drop); err != nil {
			a.t.Fatal(err)
		}
	}
}

// ageingAsk is a question about the community, with the answer from before
// anything was removed.
type ageingAsk struct {
	path   string
	q      report.Question
	before any
}

func (a *ageing) asks(s *report.Service) []ageingAsk {
	a.t.Helper()
	var list []ageingAsk
	for _, e := range report.Endpoints() {
		for _, cut := range [][2]string{
			{"2012-03-01", "2014-06-01"}, {"2012-07-01", "2014-04-01"}, {"2013-08-01", "2014-02-01"}, {"2014-03-05", "2014-05-01"},
		} {
			for _, zone := range []string{ageingZone, "America/New_York"} {
				q := asked{zone, "month", cut[0], cut[1], ""}.forService(a.t, ageingZone, ageingZone)
				q.Options = examples(e)
				answer, err := s.Answer(a.t.Context(), e.Path, q)
				if err != nil {
					a.t.Fatal(e.Path, err)
				}
				list = append(list, ageingAsk{e.Path, q, decode(a.t, answer.Data)})
			}
		}
	}
	return list
}

func TestWhatCanStillBeAnsweredIsRightAndTheRestSaysSo(t *testing.T) {
	a := newAgeing(t)
	untouched := a.service()
	asks := a.asks(untouched)
	firsts := map[int]report.Date{} // that refusals name
	a.expire("2014-02-01", "2013-06-01", "2012-06-01")
	s := a.service()
	var same, refused, partly int
	for i, ask := range asks {
		answer, err := s.Answer(t.Context(), ask.path, ask.q)
		var removed *report.RetentionError
		switch {
		case errors.As(err, &removed):
			refused++
			firsts[i] = removed.First
		case err != nil:
			t.Fatal(ask.path, err)
		case len(answer.Meta.Beyond) > 0:
			partly++
			compareParts(t, ask, answer)
		default:
			same++
			if diff := cmp.Diff(ask.before, decode(t, answer.Data)); diff != "" {
				t.Errorf("%s from %s, zone %s, of %v: before (-), after (+):\n%s", ask.path, ask.q.From, ask.q.Zone, answer.Meta.Source, diff)
			}
		}
	}
	t.Logf("%d the same, %d refused, %d partly null", same, refused, partly)
	if same == 0 || refused == 0 || partly == 0 {
		t.Error("one of the three never was")
	}
	a.firstDatesAreAnswered(s, asks, firsts)
}

// compareParts holds what is left of an overview against what it was.
func compareParts(t *testing.T, ask ageingAsk, answer *report.Answer) {
	t.Helper()
	before, overview := ask.before.(map[string]any)
	if !overview {
		return
	}
	left := decode(t, answer.Data).(map[string]any)
	for part, was := range before {
		if left[part] == nil || part == "totals" && slices.ContainsFunc(answer.Meta.Beyond, func(b report.Beyond) bool { return strings.HasPrefix(b.Part, "totals.") }) {
			continue
		}
		if diff := cmp.Diff(was, left[part]); diff != "" {
			t.Errorf("%s of %s from %s: before (-), after (+):\n%s", part, ask.path, ask.q.From, diff)
		}
	}
}

// firstDatesAreAnswered asks again from the date on that each refusal names, and
// from the day before.
func (a *ageing) firstDatesAreAnswered(s *report.Service, asks []ageingAsk, firsts map[int]report.Date) {
	a.t.Helper()
	for i, ask := range asks {
		if ask.q.From != day(a.t, "2012-03-01") {
			continue
		}
		first, refused := firsts[i]
		if !refused || first.IsZero() {
			continue
		}
		ask.q.From = first
		if !ask.q.From.Before(ask.q.To) {
			continue
		}
		if _, err := s.Answer(a.t.Context(), ask.path, ask.q); err != nil {
			a.t.Errorf("%s from %s, zone %s, as the refusal says: %v", ask.path, first, ask.q.Zone, err)
		}
		ask.q.From = first.AddDays(-1)
		_, err := s.Answer(context.WithoutCancel(a.t.Context()), ask.path, ask.q)
		var removed *report.RetentionError
		if !errors.As(err, &removed) || removed.First != first {
			a.t.Errorf("%s from the day before %s, zone %s: %v", ask.path, first, ask.q.Zone, err)
		}
	}
}

func TestTheTiersAreThoseOfWhatRemovesRows(t *testing.T) {
	tables := clickhouse.TierTables()
	for tier, names := range map[report.Tier][]string{
		report.TierRaw: tables.Raw, report.TierPeople: tables.People, report.TierCounters: tables.Counters,
	} {
		for _, name := range names {
			if got := report.TierOf(name); got != tier {
				t.Errorf("%s is removed with %s, and read as %s", name, tier, got)
			}
		}
	}
}
