package report_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"ibarura/internal/report"
)

// keeping is a project of a test's own, and a service that keeps answers.
type keeping struct {
	t       *testing.T
	conn    driver.Conn
	landed  clickhouse.Landed
	project string
	service *report.Service
	clock   time.Time
	landing int
}

func newKeeping(t *testing.T) *keeping {
	t.Helper()
	return keepingOn(t, enginetest.Migrated(t))
}

func keepingOn(t *testing.T, target clickhouse.Target) *keeping {
	t.Helper()
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := clickhouse.OpenReader(target, clickhouse.ReadLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxResultRows: 1000, MaxConcurrent: 4}, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	inserter := clickhouse.NewInserter(target)
	t.Cleanup(func() { _, _, _ = inserter.Close(), reader.Close(), conn.Close() })
	k := &keeping{t: t, conn: conn, landed: clickhouse.Landed{Inserter: inserter, Conn: conn}, project: strings.ToLower(t.Name()), clock: now}
	k.service = report.NewKeeping(reader, func() time.Time { return k.clock }, report.DefaultLimits(), 1<<20, prometheus.NewRegistry())
	return k
}

// begin marks a day until end is called.
func (k *keeping) begin(day string) (end func()) {
	k.t.Helper()
	k.landing++
	d, err := event.ParseDay(day)
	days, token := []clickhouse.ProjectDay{{Project: k.project, Day: d}}, fmt.Sprintf("%s %d", k.project, k.landing)
	if err == nil {
		err = k.landed.Begin(k.t.Context(), days, token)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return func() {
		k.t.Helper()
		if err := k.landed.End(k.t.Context(), days, token); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *keeping) insert(person int, day string) {
	k.t.Helper()
	err := k.conn.Exec(k.t.Context(), fmt.Sprintf(`INSERT INTO events (project, day, type, person, occurred_at, id, user_id, active)
VALUES ('%s', '%s', 'login', %d, '%s 12:00:00', '%d', 'u', true)`, k.project, day, person, day, k.landing))
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *keeping) land(person int, day string) {
	k.t.Helper()
	end := k.begin(day)
	k.insert(person, day)
	end()
}

func (k *keeping) question() report.Question {
	return report.Question{Project: k.project, ProjectZone: time.UTC, Interval: report.Month,
		From: report.Date{Year: 2026, Month: 7, Day: 1}, To: report.Date{Year: 2026, Month: 8, Day: 1}}
}

func (k *keeping) ask(q report.Question) *report.Answer {
	k.t.Helper()
	answer, err := k.service.Answer(context.WithoutCancel(k.t.Context()), "users/active", q)
	if err != nil {
		k.t.Fatal(err)
	}
	return answer
}

// says checks how many persons an answer counts, and whether it was kept.
func (k *keeping) says(a *report.Answer, users uint64, cached bool) {
	k.t.Helper()
	if got := a.Data.([]report.ActivePoint)[0].Users; got != users || a.Meta.Cached != cached {
		k.t.Errorf("%d users, cached %t; want %d, %t", got, a.Meta.Cached, users, cached)
	}
}

func TestAnAnswerIsKeptUntilSomethingLandsOnItsDays(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	first := k.ask(k.question())
	k.says(first, 1, false)
	k.land(9, "2026-08-20") // another month
	again := k.ask(k.question())
	k.says(again, 1, true)
	k.land(2, "2026-07-31") // late
	late := k.ask(k.question())
	k.says(late, 2, false)
	if first.ETag != again.ETag || first.ETag == late.ETag || first.ETag == "" {
		t.Errorf("tags %s, %s, %s", first.ETag, again.ETag, late.ETag)
	}
}

func TestAnAnswerReadDuringALandingIsNotKept(t *testing.T) {
	k := newKeeping(t)
	end := k.begin("2026-07-05")
	k.says(k.ask(k.question()), 0, false)
	k.insert(1, "2026-07-05")
	k.says(k.ask(k.question()), 1, false)
	end()
	k.says(k.ask(k.question()), 1, false)
	k.says(k.ask(k.question()), 1, true)
}

func TestRowsThatAreSeenBeforeTheirLandingEndsAreInTheNextAnswer(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	k.says(k.ask(k.question()), 1, false)
	k.begin("2026-07-06") // by a process that dies before the end
	k.insert(2, "2026-07-06")
	k.says(k.ask(k.question()), 2, false)
}

func TestAnErasureOnAnyInstanceDropsWhatIsKept(t *testing.T) {
	target := enginetest.Target(enginetest.StartOwn(t, nil)) // on the shared one nothing can be deleted, as its merges are stopped
	if err := enginetest.Migrate(target); err != nil {
		t.Fatal(err)
	}
	k := keepingOn(t, target)
	k.land(1, "2026-07-05")
	k.says(k.ask(k.question()), 1, false)
	end := k.begin("2026-07-05")
	for _, table := range []string{"events", "user_day", "user_month"} {
		if err := k.conn.Exec(t.Context(), "DELETE FROM "+table+" WHERE project = '"+k.project+"'"); err != nil {
			t.Fatal(err)
		}
	}
	end()
	k.says(k.ask(k.question()), 0, false)
}

func TestAPeriodThatEndsIsNoLongerPartial(t *testing.T) {
	k := newKeeping(t)
	k.clock = time.Date(2026, 7, 31, 23, 59, 59, 0, time.UTC)
	if a := k.ask(k.question()); len(a.Meta.Partial) != 1 {
		t.Errorf("partial: %v", a.Meta.Partial)
	}
	k.clock = k.clock.Add(time.Second)
	if a := k.ask(k.question()); len(a.Meta.Partial) != 0 || a.Meta.Cached {
		t.Errorf("partial: %v, cached %t", a.Meta.Partial, a.Meta.Cached)
	}
}

func TestZonesRolesAndProjectsHaveAnswersOfTheirOwn(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	k.says(k.ask(k.question()), 1, false)
	abroad := k.question()
	abroad.Zone = time.FixedZone("Etc/GMT-14", 14*3600)
	k.says(k.ask(abroad), 1, false)
	core := k.question()
	core.Role = "core"
	k.says(k.ask(core), 0, false)
	other := k.question()
	other.Project += "-other"
	k.says(k.ask(other), 0, false)
}

func TestAnOlderAnswerIsGivenToWhoAllowsIt(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	q := k.question()
	q.MaxAge = time.Minute
	k.says(k.ask(q), 1, false)
	k.land(2, "2026-07-05")
	k.clock = k.clock.Add(time.Minute)
	older := k.ask(q)
	k.says(older, 1, true)
	if want := now; !older.Meta.AsOf.Equal(want) {
		t.Errorf("as of %s, want %s", older.Meta.AsOf, want)
	}
	k.clock = k.clock.Add(time.Millisecond)
	k.says(k.ask(q), 2, false)
}

func TestDerivedPeopleAreThoseOfTheAggregates(t *testing.T) {
	k := newKeeping(t)
	for person := range 30 {
		k.land(person+1, fmt.Sprintf("2026-%02d-%02d", 6+person%2, 1+person))
		k.land(1+person/3, fmt.Sprintf("2026-07-%02d", 1+person/2))
	}
	job := derived.New(derived.Options{Timeout: time.Minute, Keep: time.Hour}, clickhouse.Deriver{Conn: k.conn, MaxMemory: 1 << 30}, nil, zap.NewNop(), prometheus.NewRegistry())
	for _, i := range report.Intervals() {
		q := k.question()
		q.From, q.Interval = report.Date{Year: 2026, Month: 6, Day: 10}, i
		before := k.ask(q)
		if err := job.Refresh(t.Context(), derived.Project{Name: k.project, Zone: "UTC"}); err != nil {
			t.Fatal(err)
		}
		k.service = k.another()
		after := k.ask(q)
		if before.ETag != after.ETag {
			t.Errorf("by %s: %v from %v, %v from %v", i, before.Data, before.Meta.Source, after.Data, after.Meta.Source)
		}
		if i != report.Hour && after.Meta.Source[0] != "gap_day" {
			t.Errorf("by %s: read from %v", i, after.Meta.Source)
		}
	}
	k.land(500, "2026-07-30")
	if after := k.ask(k.question()); after.Meta.Source[0] != "user_month" {
		t.Errorf("a derived table that lacks rows was read: %v", after.Meta.Source)
	}
}

// another is a service that has kept nothing yet.
func (k *keeping) another() *report.Service {
	k.t.Helper()
	reader, err := clickhouse.OpenReader(enginetest.Migrated(k.t), clickhouse.ReadLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxResultRows: 1000, MaxConcurrent: 4}, prometheus.NewRegistry())
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = reader.Close() })
	return report.NewKeeping(reader, func() time.Time { return k.clock }, report.DefaultLimits(), 1<<20, prometheus.NewRegistry())
}

// TestDerivedAnswersAreThoseOfTheAggregates asks each question before there is
// anything derived, and after.
func TestDerivedAnswersAreThoseOfTheAggregates(t *testing.T) {
	k := newKeeping(t)
	for i := range 160 {
		k.land(1+i*i%23, fmt.Sprintf("2026-%02d-%02d", 1+i%8, 1+i*7%28))
	}
	type asked struct {
		path string
		q    report.Question
	}
	var all []asked
	for _, i := range []report.Interval{report.Day, report.Week, report.Month} {
		q := k.question()
		q.From, q.Interval, q.Options = report.Date{Year: 2026, Month: 2, Day: 2}, i, map[string]string{}
		all = append(all, asked{"users/lifecycle", q})
		for _, kind := range []string{"on", "on_or_after", "streak"} {
			kept := q
			kept.Options = map[string]string{"kind": kind, "periods": "9"}
			all = append(all, asked{"users/retention", kept})
		}
	}
	rolling := k.question()
	all = append(all, asked{"users/rolling", rolling})
	rolling.Options = map[string]string{"month_days": "30"}
	all = append(all, asked{"users/rolling", rolling})
	answer := func(a asked) *report.Answer {
		got, err := k.service.Answer(t.Context(), a.path, a.q)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := make([]*report.Answer, len(all))
	for i, a := range all {
		before[i] = answer(a)
	}
	job := derived.New(derived.Options{Timeout: time.Minute, Keep: time.Hour}, clickhouse.Deriver{Conn: k.conn, MaxMemory: 1 << 30}, nil, zap.NewNop(), prometheus.NewRegistry())
	if err := job.Refresh(t.Context(), derived.Project{Name: k.project, Zone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	k.service = k.another()
	for i, a := range all {
		after := answer(a)
		if before[i].ETag != after.ETag {
			t.Errorf("%s by %s %v:\n%s from %v\n%s from %v", a.path, a.q.Interval, a.q.Options, asJSON(t, before[i].Data), before[i].Meta.Source, asJSON(t, after.Data), after.Meta.Source)
		}
		if source := after.Meta.Source[0]; source != "gap_day" && source != "retention_cells" {
			t.Errorf("%s by %s %v is read from %v", a.path, a.q.Interval, a.q.Options, after.Meta.Source)
		}
	}
}

func asJSON(t *testing.T, data any) string {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAKeptAnswerGoesWithTheRowsItWasReadFrom(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	k.says(k.ask(k.question()), 1, false)
	august := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	err := clickhouse.Retentions{Conn: k.conn}.Put(t.Context(), clickhouse.Retention{
		Project: k.project, From: clickhouse.Tiers[time.Time]{Raw: august, People: august, Counters: time.Unix(0, 0).UTC()}, Version: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	k.says(k.ask(k.question()), 1, true) // the border is known for two seconds
	k.clock = k.clock.Add(report.BordersAge)
	_, err = k.service.Answer(t.Context(), "users/active", k.question())
	var removed *report.RetentionError
	if !errors.As(err, &removed) || removed.First.String() != "2026-08-01" || removed.Tier != report.TierPeople {
		t.Errorf("%v; want a refusal until August", err)
	}
}

func TestAQueryIsKeptUntilSomethingLandsOnItsDays(t *testing.T) {
	k := newKeeping(t)
	k.land(1, "2026-07-05")
	ask := report.Query{Metrics: []string{"active_users"}}
	query := func(ask report.Query) *report.Answer {
		t.Helper()
		a, err := k.service.Query(t.Context(), k.question(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := query(ask)
	k.land(9, "2026-08-20")
	again := query(ask)
	other := query(report.Query{Metrics: []string{"events"}})
	persons := report.Query{Metrics: []string{"events"}, Dimensions: []string{"user_id"}}
	query(persons)
	if a := query(persons); a.Meta.Cached {
		t.Error("an answer that names persons was kept")
	}
	k.land(2, "2026-07-31")
	late := query(ask)
	for i, c := range []struct {
		a      *report.Answer
		metric string
		n      int64
		cached bool
	}{{first, "active_users", 1, false}, {again, "active_users", 1, true}, {other, "events", 1, false}, {late, "active_users", 2, false}} {
		if got := c.a.Data.([]report.Row)[0][c.metric]; got != c.n || c.a.Meta.Cached != c.cached || c.a.Meta.Question == nil {
			t.Errorf("answer %d: %v, cached %t, of %v; want %d, %t", i, got, c.a.Meta.Cached, c.a.Meta.Question, c.n, c.cached)
		}
	}
	if first.ETag == "" || first.ETag != again.ETag || first.ETag == late.ETag || first.ETag == other.ETag {
		t.Errorf("tags %s, %s, %s, %s", first.ETag, again.ETag, late.ETag, other.ETag)
	}
}
