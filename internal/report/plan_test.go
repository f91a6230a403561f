package report

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/schema"
)

func scopeOf(t testing.TB, q Question, i Interval, from, to string) scope {
	t.Helper()
	if q.Zone == nil {
		q.Zone = q.ProjectZone
	}
	q.Interval, q.Limit = i, 10
	q.From, q.To = date(t, from), date(t, to)
	return scope{q, newCalendar(q.Zone, i, q.From, q.To), 0}
}

func TestTheCheapestTableThatAnswersExactlyIsTaken(t *testing.T) {
	kigali := question(t, "Africa/Kigali")
	fromAbroad := kigali
	fromAbroad.Zone = zone(t, "America/New_York")
	core := kigali
	core.Role = "core"
	posts := kigali
	posts.Type = "post_created"
	newfoundland := question(t, "America/St_Johns")
	monrovia := kigali
	monrovia.Zone = zone(t, "Africa/Monrovia")

	for _, c := range []struct {
		name     string
		q        Question
		interval Interval
		from, to string
		sources  []source
		want     string
	}{
		{"people of days", kigali, Day, "2026-01-01", "2026-02-01", activeSources, "active_user_day"},
		{"people of a cut month", kigali, Month, "2026-01-05", "2026-02-01", activeSources, "active_user_day"},
		{"people of a role", core, Year, "2026-01-05", "2026-02-01", activeSources, "active_user_day"},
		{"people of months", core, Month, "2026-01-01", "2026-03-01", activeSources, "active_user_month"},
		{"people of hours", kigali, Hour, "2026-01-01", "2026-01-02", activeSources, "active_raw"},
		{"people abroad", fromAbroad, Day, "2026-01-01", "2026-02-01", activeSources, "active_raw"},
		{"people of a type", posts, Day, "2026-01-01", "2026-02-01", activeSources, "active_raw"},

		{"sums of months", kigali, Month, "2026-01-01", "2026-03-01", sumSources, "sums_monthly"},
		{"sums of quarters", core, Quarter, "2026-01-01", "2026-03-01", sumSources, "sums_monthly"},
		{"sums of whole months as one", kigali, whole, "2026-01-01", "2026-03-01", sumSources, "sums_monthly"},
		{"sums of a cut month", kigali, Month, "2026-01-01", "2026-03-02", sumSources, "sums_daily"},
		{"sums of weeks", kigali, Week, "2026-01-05", "2026-01-19", sumSources, "sums_weekly"},
		{"sums of a week that is a month", kigali, Week, "2027-02-01", "2027-03-01", sumSources, "sums_weekly"},
		{"sums of a cut week", kigali, Week, "2026-01-06", "2026-01-19", sumSources, "sums_daily"},
		{"sums of days", kigali, Day, "2026-01-01", "2026-02-01", sumSources, "sums_daily"},
		{"sums of hours", kigali, Hour, "2026-01-01", "2026-01-02", sumSources, "sums_15m"},
		{"sums abroad", fromAbroad, Month, "2026-01-01", "2026-03-01", sumSources, "sums_15m"},
		{"sums of an hour that ends at one past", newfoundland, Hour, "2010-11-07", "2010-11-08", sumSources, "sums_raw"},
		{"sums before offsets were round", monrovia, Day, "1971-01-01", "1971-01-03", sumSources, "sums_raw"},

		{"posts of whole months", kigali, whole, "2026-01-01", "2026-02-01", postSources, "posts_top_days"},
		{"posts of a role", core, whole, "2026-01-01", "2026-02-01", postSources, "posts_top_raw"},
		{"posts of some days", kigali, whole, "2026-01-02", "2026-02-01", postSources, "posts_top_raw"},
		{"posts of a month and some days", kigali, whole, "2026-01-02", "2026-03-03", postSources, "posts_top_days"},
		{"posts abroad", fromAbroad, whole, "2026-01-01", "2026-02-01", postSources, "posts_top_raw"},

		{"tags of whole months", kigali, whole, "2026-01-01", "2026-02-01", tagSources, "tags_top_days"},
		{"tags of a month and some days", kigali, whole, "2026-01-02", "2026-03-03", tagSources, "tags_top_days"},
		{"tags of some days", kigali, whole, "2026-01-02", "2026-02-01", tagSources, "tags_top"},
		{"tags of a role", core, whole, "2026-01-01", "2026-02-01", tagSources, "tags_top"},
		{"tags abroad", fromAbroad, whole, "2026-01-01", "2026-02-01", tagSources, "tags_top"},
		{"engagement by tag of months", kigali, whole, "2026-01-01", "2026-03-01", tagEngagementSources, "tags_engagement_days"},
		{"engagement by tag of some days", kigali, whole, "2026-01-02", "2026-02-28", tagEngagementSources, "tags_engagement"},

		{"roles of months", kigali, whole, "2026-01-01", "2026-02-01", roleSources, "roles_user_month"},
		{"roles", kigali, whole, "2026-01-02", "2026-02-01", roleSources, "roles_user_day"},
		{"roles abroad", fromAbroad, whole, "2026-01-02", "2026-02-01", roleSources, "roles_raw"},
		{"growth", fromAbroad, Month, "2026-01-01", "2026-02-01", growthSources, "growth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := scopeOf(t, c.q, c.interval, c.from, c.to).plan(c.sources)
			if p.Query != c.want || !p.Exact || len(p.Tables) == 0 {
				t.Errorf("plan %s (exact: %t) of %v, want %s", p.Query, p.Exact, p.Tables, c.want)
			}
		})
	}
}

func TestWholeMonthsAreTakenOutOfARange(t *testing.T) {
	for _, c := range [][4]string{
		{"2026-01-01", "2026-03-01", "2026-01-01", "2026-03-01"},
		{"2026-01-02", "2026-03-09", "2026-02-01", "2026-03-01"},
		{"2026-01-31", "2026-02-28", "2026-02-28", "2026-02-28"},
		{"2026-01-31", "2026-03-01", "2026-02-01", "2026-03-01"},
		{"2025-12-30", "2026-01-02", "2026-01-02", "2026-01-02"},
		{"2025-12-30", "2026-01-01", "2026-01-01", "2026-01-01"},
		{"2026-01-03", "2026-01-05", "2026-01-05", "2026-01-05"},
	} {
		from, to := scopeOf(t, question(t, "UTC"), whole, c[0], c[1]).innerMonths()
		if from.String() != c[2] || to.String() != c[3] {
			t.Errorf("%s to %s: whole months from %s to %s, want %s to %s", c[0], c[1], from, to, c[2], c[3])
		}
	}
}

func TestParametersOfStoredDays(t *testing.T) {
	q := question(t, "Africa/Kigali")
	q.Role = "it's \\"
	got := scopeOf(t, q, Week, "1970-01-03", "1970-01-14").plan(activeSources).Params
	want := map[string]string{
		"project":  "p",
		"day_from": "1970-01-03",
		"day_to":   "1970-01-14",
		"bounds":   "[2,4,11]",
		"periods":  "[0,1,2]",
		"roles":    `['it\'s \\']`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSessionsAskForTheDayBeforeWhereAZoneLeftOneOut(t *testing.T) {
	for _, c := range []struct{ zone, from, want string }{
		{"Pacific/Apia", "2011-12-31", "2011-12-29"}, // there was no 2011-12-30
		{"Pacific/Apia", "2011-12-29", "2011-12-28"},
		{"Pacific/Apia", "2012-01-01", "2011-12-31"},
		{"Africa/Kigali", "2011-12-31", "2011-12-30"},
		{"America/Sao_Paulo", "2014-10-20", "2014-10-19"}, // it had no midnight
	} {
		q := question(t, c.zone)
		got := scopeOf(t, q, Day, c.from, "2014-10-22").plan(sessionSources).Params["day_before"]
		if got != c.want {
			t.Errorf("%s, from %s: sessions are read from %s, want %s", c.zone, c.from, got, c.want)
		}
	}
}

func TestParametersOfMoments(t *testing.T) {
	q := question(t, "Africa/Kigali")
	q.Zone, q.Type = zone(t, "America/New_York"), "login"
	got := scopeOf(t, q, Day, "2026-03-08", "2026-03-10").plan(activeSources).Params
	want := map[string]string{
		"project":  "p",
		"day_from": "2026-03-07", // 2026-03-08 in Kigali, a day earlier
		"day_to":   "2026-03-12", // 2026-03-10 there, two days later
		"bounds":   "[-9223372036854775808,1772946000000,1773028800000,1773115200000]",
		"periods":  "[-2,0,1,-1]",
		"types":    "['login']",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// allSources are all ways to answer, by the name of their query.
func allSources() map[string]source {
	all := map[string]source{}
	for _, list := range [][]source{
		activeSources, growthSources, sumSources, roleSources, typeSources, peopleSources,
		postSources, tagSources, contentSources, postTotalSources, attendanceSources, funnelSources,
		eventSeriesSources, loginSources, attendanceEventSources, notificationSources.rows, messagingSources.totals,
		lifecycleSources, rollingSources, stickinessSources, retentionSources, retentionOfTypeSources,
		postEngagementSources, tagEngagementSources, onePostSources,
		sessionSources, edgeSources, pathSources, pageSources,
		identitySources, {timelineSource}, {rawSources[RawEvents], rawSources[RawPageViews]},
	} {
		for _, s := range list {
			all[s.query] = s
		}
	}
	return all
}

var (
	placeholder = regexp.MustCompile(`\{(\w+):[^}]+\}`)
	fromTable   = regexp.MustCompile(`(?:FROM|JOIN) (\w+)`)
)

// shared are the parameters of the predicates in sql/parts.
var shared = map[string]bool{
	"roles": true, "types": true, "object_types": true, "tags": true, "property_names": true, "property_values": true,
	"devices": true, "browsers": true, "countries": true, "bots": true,
}

func TestEveryQueryGetsItsParametersAndSaysSo(t *testing.T) {
	files, err := fs.Glob(queryFiles, "sql/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	sources := allSources()
	if len(files) != len(sources)+1 { // and that of borders
		t.Errorf("%d files, %d sources", len(files), len(sources))
	}
	bot := true
	for name, from := range sources {
		q := question(t, "UTC")
		q.Filter = Filter{"r", "t", "o", "g", []Property{{"n", "v"}}, "d", "b", "c", &bot}
		s := scopeOf(t, q, Month, "2026-01-01", "2026-02-01")
		text, err := statement(name, predicates{Fields: from.fields})
		if err != nil {
			t.Error(err)
			continue
		}
		header, _, _ := strings.Cut(text, "\nSELECT")
		given := from.params(s)
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if _, ok := given[m[1]]; !ok {
				t.Errorf("%s: parameter %s is not given", name, m[1])
			}
			if !shared[m[1]] && !regexp.MustCompile(`-- .*\b`+m[1]+`\b`).MatchString(header) {
				t.Errorf("%s: the header does not name the parameter %s", name, m[1])
			}
		}
	}
}

func TestEveryQueryReadsTheTablesOfItsSource(t *testing.T) {
	migrations := migrationText(t)
	for name, from := range allSources() {
		text, err := statement(name, predicates{Fields: from.fields})
		if err != nil {
			t.Fatal(err)
		}
		var tables []string
		for _, m := range fromTable.FindAllStringSubmatch(text, -1) {
			if strings.Contains(migrations, "CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}."+m[1]+"\n") {
				tables = append(tables, m[1])
			}
		}
		slices.Sort(tables)
		if diff := cmp.Diff(slices.Compact(tables), from.tables); diff != "" {
			t.Errorf("%s: the query (-), the source (+):\n%s", name, diff)
		}
		for _, table := range from.tables {
			if !strings.Contains(text, "sorted by "+sortKey(t, migrations, table)) {
				t.Errorf("%s: the header does not give the sort key of %s, %s", name, table, sortKey(t, migrations, table))
			}
		}
	}
}

func sortKey(t *testing.T, migrations, table string) string {
	t.Helper()
	_, after, _ := strings.Cut(migrations, "CREATE TABLE IF NOT EXISTS ${IBARURA_DATABASE}."+table+"\n")
	_, after, found := strings.Cut(after, "ORDER BY ")
	if !found {
		t.Fatalf("no sort key of %s", table)
	}
	key, _, _ := strings.Cut(after, "\n")
	return key
}

func migrationText(t *testing.T) string {
	t.Helper()
	files, err := fs.Glob(schema.Migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := schema.Migrations.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestKindsOfContentAreThoseOfTheAggregates(t *testing.T) {
	migrations := migrationText(t)
	for column, types := range map[string][]string{
		"views": viewTypes, "comments": commentTypes, "reactions": reactionTypes, "shares": shareTypes,
	} {
		want := "toInt64(countIf(type IN ('" + strings.Join(types, "', '") + "'))) AS " + column
		if n := strings.Count(migrations, want); n != 3 { // content_day, and tag_day when it is filled and from then on
			t.Errorf("the migrations have %s %d times, want 3", want, n)
		}
	}
}
