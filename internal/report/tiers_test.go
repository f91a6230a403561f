package report

import (
	"slices"
	"strings"
	"testing"
)

// aged is a project of which raw rows, persons' days and counts are left from
// some days on.
func aged(t testing.TB, zone, raw, people, counters string) Question {
	t.Helper()
	q := question(t, zone)
	for _, b := range []struct {
		border *Date
		from   string
	}{{&q.borders.Raw, raw}, {&q.borders.People, people}, {&q.borders.Counters, counters}} {
		if b.from != "" {
			*b.border = date(t, b.from)
		}
	}
	return q
}

func TestATableThatStillHasTheRangeIsTakenOrTheQuestionIsRefused(t *testing.T) {
	kigali := aged(t, "Africa/Kigali", "2026-06-01", "2026-02-01", "2025-01-01")
	abroad, core, login := kigali, kigali, kigali
	abroad.Zone = zone(t, "America/New_York")
	core.Role = "core"
	login.Type = "login"
	ofLogin := kigali
	ofLogin.Options = map[string]string{optionCohort: "login", optionKind: "on", optionPeriods: "2"}
	for _, c := range []struct {
		name     string
		q        Question
		interval Interval
		from, to string
		sources  []source
		want     string // the query, or the tier, its border and the first date
	}{
		{"raw rows that are left", login, Day, "2026-06-01", "2026-07-01", activeSources, "active_raw"},
		{"raw rows of a day that is gone", login, Day, "2026-05-31", "2026-07-01", activeSources, "raw 2026-06-01 2026-06-01"},
		{"raw rows abroad", abroad, Day, "2026-06-02", "2026-07-01", activeSources, "active_raw"},
		{"raw rows abroad of a moment that is gone", abroad, Day, "2026-06-01", "2026-07-01", activeSources, "raw 2026-06-01 2026-06-02"},
		{"persons' days outlive raw", kigali, Day, "2026-02-01", "2026-07-01", activeSources, "active_user_day"},
		{"persons' days that are gone", kigali, Day, "2026-01-31", "2026-07-01", activeSources, "people 2026-02-01 2026-02-01"},
		{"hours are raw", kigali, Hour, "2026-02-01", "2026-02-02", activeSources, "raw 2026-06-01 2026-06-01"},
		{"counts outlive persons' days", core, Day, "2025-01-01", "2026-07-01", sumSources, "sums_daily"},
		{"counts abroad", abroad, Day, "2025-01-02", "2026-07-01", sumSources, "sums_15m"},
		{"counts that are gone", kigali, Month, "2024-12-01", "2026-07-01", sumSources, "counters 2025-01-01 2025-01-01"},
		{"first sights stay", kigali, Month, "1999-01-01", "2026-07-01", growthSources, "growth"},
		{"posts of whole months", kigali, whole, "2026-02-01", "2026-05-01", postSources, "posts_top_days"},
		{"posts of a month that is cut at its beginning", kigali, whole, "2026-02-05", "2026-05-01", postSources, "raw 2026-06-01 2026-03-01"},
		{"posts of a month that is cut at its end", kigali, whole, "2026-02-01", "2026-05-09", postSources, "raw 2026-06-01 2026-06-01"},
		{"posts cut where raw rows are left", kigali, whole, "2026-02-01", "2026-07-09", postSources, "posts_top_days"},
		{"posts of a role", core, whole, "2026-02-01", "2026-05-01", postSources, "raw 2026-06-01 2026-06-01"},
		{"sessions may begin a day before", kigali, Day, "2026-06-01", "2026-07-01", sessionSources, "raw 2026-06-01 2026-06-02"},
		{"cohorts of a first event need all history", ofLogin, Month, "2026-07-01", "2026-08-01", retentionOfTypeSources, "raw 2026-06-01 0000-00-00"},
		{"cohorts of first sights do not", kigali, Month, "2026-02-01", "2026-05-01", retentionSources, "retention_user_month"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := told(scopeOf(t, c.q, c.interval, c.from, c.to).plan(c.sources)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// told is a plan in short.
func told(p Plan) string {
	if p.Beyond == nil {
		return p.Query
	}
	return strings.Join([]string{string(p.Beyond.Tier), p.Beyond.Border.String(), p.Beyond.First.String()}, " ")
}

// What is compared with the period before has to reach back to it.
func TestTheFirstDateLeavesRoomForWhatABeginningNeeds(t *testing.T) {
	for _, c := range []struct {
		name     string
		interval Interval
		layOut   func(*asking) scope
		sources  []source
		want     string
	}{
		{"the day before", Day, func(a *asking) scope { return a.reaching(snapped, lagged).scope }, lifecycleSources, "people 2026-02-01 2026-02-02"},
		{"the week before", Week, func(a *asking) scope { return a.reaching(snapped, lagged).scope }, lifecycleSources, "people 2026-02-01 2026-02-09"},
		{"the month before", Month, func(a *asking) scope { return a.reaching(snapped, lagged).scope }, lifecycleSources, "people 2026-02-01 2026-03-01"},
		{"the quarter before", Quarter, func(a *asking) scope { return a.reaching(snapped, lagged).scope }, lifecycleSources, "people 2026-02-01 2026-07-01"},
		{"the year before", Year, func(a *asking) scope { return a.reaching(snapped, lagged).scope }, lifecycleSources, "people 2026-02-01 2028-01-01"},
		{"28 days", Day, func(a *asking) scope { return a.reaching(newCalendar, trailing(27)).scope }, rollingSources, "people 2026-02-01 2026-02-28"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := aged(t, "Africa/Kigali", "2026-06-01", "2026-02-01", "2025-01-01")
			q.Zone, q.Interval = q.ProjectZone, c.interval
			q.From, q.To = date(t, "2025-11-20"), date(t, "2026-08-01")
			q.Options = map[string]string{optionMonth: "28"}
			if got := told(c.layOut(&asking{question: q}).plan(c.sources)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAQueryIsReadFromTablesThatStillHaveTheRange(t *testing.T) {
	kigali := aged(t, "Africa/Kigali", "2026-06-01", "2026-02-01", "2025-01-01")
	abroad := kigali
	abroad.Zone = zone(t, "America/New_York")
	for _, c := range []struct {
		name string
		ask  Query
		q    Question
		from string
		want string
	}{
		{"counts", Query{Metrics: []string{"events"}}, kigali, "2025-01-05", "metrics_monthly metrics_daily metrics_daily"},
		{"counts that are gone", Query{Metrics: []string{"events"}}, kigali, "2024-12-31", "counters 2025-01-01 2025-01-01"},
		{"people", Query{Metrics: []string{"events", "active_users"}}, kigali, "2026-01-31", "people 2026-02-01 2026-02-01"},
		{"people abroad", Query{Metrics: []string{"active_users"}}, abroad, "2026-02-02", "raw 2026-06-01 2026-06-02"},
		{"first sights", Query{Metrics: []string{"new_users"}}, kigali, "1999-01-01", "persons"},
		{"views", Query{Metrics: []string{"visitors"}, Dimensions: []string{"path"}}, kigali, "2026-06-01", "page_views"},
	} {
		t.Run(c.name, func(t *testing.T) {
			compiled, wrong := c.ask.compile()
			if wrong != nil {
				t.Fatal(wrong)
			}
			s := scopeOf(t, c.q, whole, c.from, "2026-07-09")
			p := compiled.plan(s)
			var tables []string
			for _, b := range p.branches {
				tables = append(tables, b.source.table)
			}
			got := strings.Join(tables, " ")
			if p.beyond != nil {
				compiled.sayFrom(s, p.beyond)
				got = told(Plan{Beyond: p.beyond})
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestEveryTableThatQuestionsReadHasATier(t *testing.T) {
	var tables []string
	for _, s := range allSources() {
		tables = append(tables, s.tables...)
	}
	for _, m := range metrics {
		for _, p := range m.parts {
			for _, c := range p {
				tables = append(tables, c.source.table)
			}
		}
	}
	slices.Sort(tables)
	for _, table := range slices.Compact(tables) {
		if _, known := tierOf[table]; !known {
			t.Errorf("%s has no tier: see tierOf, and clickhouse.TierTables", table)
		}
	}
}
