package report_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
	"ibarura/internal/report"
)

// fact is a raw row as the brute force of this test sees it: what it is called
// by, and nothing of how it is stored.
type fact struct {
	page    bool
	at      time.Time
	person  string // u: or a: and the id; empty: nobody
	active  bool
	bot     bool
	columns map[string]string
	tags    []string
}

// facts are events and page views that every dimension tells apart, around a
// change of clocks and over a new year.
func facts() []fact {
	var list []fact
	kinds := []string{"post_created", "login", "comment_added", "post_liked", "post_shared", "user_signup", "notification_sent", "other"}
	start := time.Date(2025, 10, 20, 7, 0, 0, 0, time.UTC)
	for i := range 900 {
		f := fact{at: start.Add(time.Duration(i*i%9973) * 13 * time.Minute), columns: map[string]string{
			"role": pick(i/3, "", "core", "member"), "object_type": pick(i/2, "", "post", "event"), "property.plan": pick(i/5, "", "7", "12.5", "free"),
		}}
		if i%4 > 0 {
			f.columns["object_id"] = fmt.Sprintf("o%d", i%7)
		}
		if i%6 > 0 {
			f.columns["user_id"] = fmt.Sprintf("user %d", i*i%17)
			f.person = "u:" + f.columns["user_id"]
		}
		if f.page = i%3 == 0; f.page {
			f.bot = i%10 == 0
			for column, values := range map[string][]string{
				"path": {"/", "/a", "/b"}, "host": {"x.test", "y.test"}, "source": {"", "search"}, "utm_source": {"", "mail"}, "utm_medium": {"", "link"},
				"utm_campaign": {"", "spring"}, "utm_term": {"", "t"}, "utm_content": {"", "c"}, "device": {"desktop", "mobile"},
				"browser": {"Firefox", "Chrome"}, "os": {"Linux", "iOS"}, "country": {"RW", "NP", ""},
			} {
				f.columns[column] = pick(i/len(column), values...)
			}
			f.columns["bot"] = fmt.Sprint(f.bot)
		} else {
			f.columns["type"] = kinds[i%len(kinds)]
			f.active = f.columns["type"] != "notification_sent"
			f.tags = [][]string{nil, {"go"}, {"go", "sql", "go"}}[i/4%3]
		}
		list = append(list, f)
	}
	return list
}

func pick(i int, values ...string) string { return values[i%len(values)] }

var factsOnce sync.Once

// storeFacts puts the facts into a project of each of two zones.
func storeFacts(t *testing.T) {
	t.Helper()
	var err error
	factsOnce.Do(func() { err = insertFacts(t.Context()) })
	if err != nil {
		t.Fatal(err)
	}
}

var factZones = []string{"America/New_York", "Asia/Kathmandu"}

func insertFacts(ctx context.Context) error {
	conn, err := clickhouse.Open(stand.target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx = driver.Context(ctx, driver.WithSettings(driver.Settings{"max_partitions_per_insert_block": 0}))
	for _, name := range factZones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return err
		}
		for _, pages := range []bool{false, true} {
			if err := insertKind(ctx, conn, "facts "+name, zone, pages); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	factColumns = []string{"role", "object_type", "object_id", "user_id"}
	pageColumns = append(slices.Clone(factColumns), "path", "host", "source", "utm_source", "utm_medium", "utm_campaign", "utm_term",
		"utm_content", "device", "browser", "os", "country")
)

// insertKind stores the events, or the page views, in one block.
func insertKind(ctx context.Context, conn driver.Conn, project string, zone *time.Location, pages bool) error {
	table, columns, own := "events", append(slices.Clone(factColumns), "type"), "active, tags"
	if pages {
		table, columns, own = "page_views", pageColumns, "bot"
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" (project, day, person, occurred_at, properties, "+strings.Join(columns, ", ")+", "+own+")")
	if err != nil {
		return err
	}
	for _, f := range facts() {
		if f.page != pages {
			continue
		}
		values := []any{
			project, event.DayOf(event.MillisOf(f.at), zone).Time(), event.PersonOf(event.Identity{UserID: f.columns["user_id"]}), f.at,
			map[string]string{"plan": f.columns["property.plan"]},
		}
		for _, column := range columns {
			values = append(values, f.columns[column])
		}
		if pages {
			values = append(values, f.bot)
		} else {
			values = append(values, f.active, f.tags)
		}
		if err := batch.Append(values...); err != nil {
			return err
		}
	}
	return batch.Send()
}

// measure is a metric by brute force, over the facts of one group.
var measure = map[string]func(group []fact) any{
	"events":                 func(g []fact) any { return number(g, isEvent) },
	"active_events":          func(g []fact) any { return number(g, isActive) },
	"active_users":           func(g []fact) any { return people(g, isActive) },
	"named_users":            func(g []fact) any { return people(g, isEvent) },
	"event_objects":          func(g []fact) any { return objects(g) },
	"signups":                func(g []fact) any { return number(g, ofType("user_signup")) },
	"logins":                 func(g []fact) any { return number(g, ofType("login", "user_login")) },
	"posts_created":          func(g []fact) any { return number(g, ofType("post_created")) },
	"comments":               func(g []fact) any { return number(g, ofType("comment_added")) },
	"reactions":              func(g []fact) any { return number(g, ofType("post_liked")) },
	"shares":                 func(g []fact) any { return number(g, ofType("post_shared")) },
	"object_events":          func(g []fact) any { return number(g, and(isActive, onObject)) },
	"object_comments":        func(g []fact) any { return number(g, and(ofType("comment_added"), onObject)) },
	"object_reactions":       func(g []fact) any { return number(g, and(ofType("post_liked"), onObject)) },
	"object_shares":          func(g []fact) any { return number(g, and(ofType("post_shared"), onObject)) },
	"page_views":             func(g []fact) any { return number(g, isSeen) },
	"bot_page_views":         func(g []fact) any { return number(g, func(f fact) bool { return f.page && f.bot }) },
	"visitors":               func(g []fact) any { return people(g, isSeen) },
	"active_user_events":     func(g []fact) any { return number(g, and(isActive, named)) },
	"visitor_page_views":     func(g []fact) any { return number(g, and(isSeen, named)) },
	"events_per_active_user": func(g []fact) any { return quotient(number(g, and(isActive, named)), people(g, isActive)) },
	"page_views_per_visitor": func(g []fact) any { return quotient(number(g, and(isSeen, named)), people(g, isSeen)) },
}

func isEvent(f fact) bool  { return !f.page }
func isActive(f fact) bool { return !f.page && f.active }
func isSeen(f fact) bool   { return f.page && !f.bot }
func onObject(f fact) bool { return f.columns["object_id"] != "" }
func named(f fact) bool    { return f.person != "" }

func ofType(types ...string) func(fact) bool {
	return func(f fact) bool { return !f.page && slices.Contains(types, f.columns["type"]) }
}

func and(a, b func(fact) bool) func(fact) bool { return func(f fact) bool { return a(f) && b(f) } }

func number(group []fact, counts func(fact) bool) int64 {
	n := int64(0)
	for _, f := range group {
		if counts(f) {
			n++
		}
	}
	return n
}

func people(group []fact, counts func(fact) bool) int64 {
	seen := map[string]bool{}
	for _, f := range group {
		if counts(f) && f.person != "" {
			seen[f.person] = true
		}
	}
	return int64(len(seen))
}

func objects(group []fact) int64 {
	seen := map[[2]string]bool{}
	for _, f := range group {
		if isEvent(f) && onObject(f) {
			seen[[2]string{f.columns["object_type"], f.columns["object_id"]}] = true
		}
	}
	return int64(len(seen))
}

func quotient(a, b int64) any {
	if b == 0 {
		return nil
	}
	return float64(a) / float64(b)
}

// cell is a value of a dimension for a fact; several for tags, none where the
// fact is left out.
func cells(f fact, dimension, interval string, zone *time.Location) []string {
	local := f.at.In(zone)
	switch dimension {
	case "period":
		return []string{labelOf(local, interval)}
	case "weekday":
		return []string{strings.ToLower(local.Weekday().String())}
	case "hour_of_day":
		return []string{local.Format("15")}
	case "tag":
		return slices.Compact(slices.Sorted(slices.Values(f.tags)))
	case "object_id":
		if f.columns["object_id"] == "" {
			return nil
		}
	}
	return []string{f.columns[dimension]}
}

func labelOf(local time.Time, interval string) string {
	date := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	switch interval {
	case "hour":
		begun := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
		return local.Add(-begun).Format(time.RFC3339)
	case "week":
		date = date.AddDate(0, 0, -(int(date.Weekday())+6)%7)
	case "month":
		date = date.AddDate(0, 0, 1-date.Day())
	}
	return date.Format(time.DateOnly)
}

// bruteForce answers a query without filters as rows by the text of their
// dimensions; rows in which nothing happened are not there.
func bruteForce(list []fact, metric string, dims []string, a asked, zone *time.Location, keep func(fact) bool) map[string]any {
	groups := map[string][]fact{}
	for _, f := range list {
		date := f.at.In(zone).Format(time.DateOnly)
		if date < a.from || date >= a.to || !keep(f) {
			continue
		}
		keys := []string{""}
		for _, d := range dims {
			var longer []string
			for _, key := range keys {
				for _, cell := range cells(f, d, a.interval, zone) {
					longer = append(longer, key+"|"+cell)
				}
			}
			keys = longer
		}
		for _, key := range keys {
			groups[key] = append(groups[key], f)
		}
	}
	answer := map[string]any{}
	for key, group := range groups {
		if value := measure[metric](group); value != any(int64(0)) && value != nil && !(len(dims) == 0) {
			answer[key] = value
		}
	}
	if len(dims) == 0 {
		answer[""] = measure[metric](groups[""])
	}
	return answer
}

// asRows turns an answer into the same form.
func asRows(t *testing.T, answer *report.Answer, metric string, dims []string) map[string]any {
	t.Helper()
	rows := map[string]any{}
	for _, row := range answer.Data.([]report.Row) {
		key := ""
		for _, d := range dims {
			key += "|" + row[d].(string)
		}
		if _, twice := rows[key]; twice {
			t.Errorf("%s by %v: %s is there twice", metric, dims, key)
		}
		if row[metric] != any(int64(0)) && row[metric] != nil || len(dims) == 0 {
			rows[key] = row[metric]
		}
	}
	return rows
}

var nearly = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })

func TestEveryMetricByEveryDimensionEqualsBruteForce(t *testing.T) {
	s, _ := service(t)
	storeFacts(t)
	list := facts()
	asks := []asked{
		{"America/New_York", "month", "2025-10-21", "2026-01-12", ""}, // cut months, both ends
		{"America/New_York", "week", "2025-10-29", "2026-01-05", ""},
		{"Asia/Kathmandu", "hour", "2025-11-01", "2025-11-03", ""},
		{"America/New_York", "hour", "2025-11-02", "2025-11-03", ""}, // 25 hours
	}
	for _, m := range report.Metrics() {
		if m.Key == "new_users" {
			continue // of the persons' whole history: see below
		}
		t.Run(m.Key, func(t *testing.T) {
			t.Parallel()
			for i, dims := range breakdowns(m) {
				a := asks[i%len(asks)]
				for _, project := range factZones {
					q := a.forService(t, "facts "+project, project)
					q.Limit = 10_000
					answer, err := s.Query(t.Context(), q, report.Query{Metrics: []string{m.Key}, Dimensions: dims})
					if err != nil {
						t.Fatalf("by %v: %v", dims, err)
					}
					want := bruteForce(list, m.Key, dims, a, location(t, a.zone), func(fact) bool { return true })
					if diff := cmp.Diff(want, asRows(t, answer, m.Key, dims), nearly); diff != "" {
						t.Errorf("%s by %v of %s, %+v, from %v: brute force (-), query (+):\n%s", m.Key, dims, project, a, answer.Meta.Source, diff)
					}
				}
			}
		})
	}
}

// breakdowns are none, each dimension alone, and each beside time.
func breakdowns(m report.Metric) [][]string {
	names := slices.Clone(m.Dimensions)
	for i, name := range names {
		if name == "property" {
			names[i] = "property.plan"
		}
	}
	list := [][]string{{}, {}, {"period"}, {"period"}, {"period"}, {"weekday"}, {"hour_of_day"}, {"weekday", "hour_of_day"}}
	for i, name := range names {
		list = append(list, []string{name}, []string{"period", name}, []string{name, names[(i+1)%len(names)]}[:min(2, len(names))])
	}
	return list
}

func TestAQueryOfManyMetricsHasEachOfThem(t *testing.T) {
	s, _ := service(t)
	storeFacts(t)
	a := asked{"America/New_York", "month", "2025-10-21", "2026-01-12", ""}
	ask := report.Query{Dimensions: []string{"period", "role"}, Metrics: []string{
		"page_views", "events", "active_users", "visitors", "signups", "events_per_active_user", "page_views_per_visitor", "bot_page_views",
	}}
	for _, project := range factZones {
		q := a.forService(t, "facts "+project, project)
		answer, err := s.Query(t.Context(), q, ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range ask.Metrics {
			want := bruteForce(facts(), metric, ask.Dimensions, a, location(t, a.zone), func(fact) bool { return true })
			if diff := cmp.Diff(want, asRows(t, answer, metric, ask.Dimensions), nearly); diff != "" {
				t.Errorf("%s of %s: brute force (-), query (+):\n%s", metric, project, diff)
			}
		}
	}
}

func TestNewUsersOfAQueryAreThoseOfGrowth(t *testing.T) {
	s, _ := service(t)
	for _, project := range []string{"UTC", "Pacific/Apia"} {
		q := asked{"UTC", "month", "2012-01-01", "2014-01-01", ""}.forService(t, project, project)
		answer, err := s.Query(t.Context(), q, report.Query{Metrics: []string{"new_users"}, Dimensions: []string{"period"}})
		if err != nil {
			t.Fatal(err)
		}
		growth, err := s.Answer(t.Context(), "users/growth", q)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range growth.Data.([]report.GrowthPoint) {
			want := report.Row{"period": p.Period, "new_users": int64(p.New)}
			if diff := cmp.Diff(want, answer.Data.([]report.Row)[i]); diff != "" {
				t.Errorf("%s: growth (-), query (+):\n%s", project, diff)
			}
		}
	}
}

// TestTheOtherQuestionsAreQueriesToo asks the same through both.
func TestTheOtherQuestionsAreQueriesToo(t *testing.T) {
	s, _ := service(t)
	for _, project := range []string{"Africa/Kigali", "America/New_York"} {
		for _, interval := range []string{"day", "week", "month", "quarter", "year"} {
			q := asked{"Africa/Kigali", interval, "2011-12-30", "2012-08-10", ""}.forService(t, project, project)
			rows := queried(t, s, q, report.Query{Metrics: []string{"active_users", "events", "posts_created", "signups"}, Dimensions: []string{"period"}})
			active, err := s.Answer(t.Context(), "users/active", q)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range active.Data.([]report.ActivePoint) {
				if rows[i]["period"] != p.Period || rows[i]["active_users"] != int64(p.Users) {
					t.Errorf("users/active says %+v, the query %v", p, rows[i])
				}
			}
			summary, err := s.Answer(t.Context(), "summary", q)
			if err != nil {
				t.Fatal(err)
			}
			got := queried(t, s, q, report.Query{Metrics: []string{"active_users", "new_users", "events", "page_views", "posts_created", "comments", "signups", "logins"}})
			if diff := cmp.Diff(decode(t, summary.Data.(*report.SummaryOverview).Totals), decode(t, got[0])); diff != "" {
				t.Errorf("%s: totals of the summary (-), of the query (+):\n%s", project, diff)
			}
		}
		q := asked{"Africa/Kigali", "day", "2011-12-30", "2012-08-10", ""}.forService(t, project, project)
		types, err := s.Answer(t.Context(), "events/types", q)
		if err != nil {
			t.Fatal(err)
		}
		q.Limit = 1000
		rows := queried(t, s, q, report.Query{Metrics: []string{"events", "named_users"}, Dimensions: []string{"type"}, Order: []string{"-events", "type"}})
		for i, c := range types.Data.([]report.TypeCount) {
			want := report.Row{"type": c.Type, "events": int64(c.Events), "named_users": int64(c.Users)}
			if diff := cmp.Diff(want, rows[i]); diff != "" {
				t.Errorf("%s: events/types (-), query (+):\n%s", project, diff)
			}
		}
	}
}

func queried(t *testing.T, s *report.Service, q report.Question, ask report.Query) []report.Row {
	t.Helper()
	answer, err := s.Query(t.Context(), q, ask)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Data.([]report.Row)
}

func TestAQueryIsPagedToItsEnd(t *testing.T) {
	s, _ := service(t)
	storeFacts(t)
	q := asked{"America/New_York", "day", "2025-10-21", "2026-01-12", ""}.forService(t, "facts America/New_York", "America/New_York")
	ask := report.Query{Metrics: []string{"events"}, Dimensions: []string{"period", "type"}}
	q.Limit = 10_000
	whole := queried(t, s, q, ask)
	q.Limit = 40
	var paged []report.Row
	for {
		answer, err := s.Query(t.Context(), q, ask)
		if err != nil {
			t.Fatal(err)
		}
		paged = append(paged, answer.Data.([]report.Row)...)
		if q.Cursor = answer.Meta.NextCursor; q.Cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(whole, paged); diff != "" || len(whole) < 100 {
		t.Errorf("%d rows; at once (-), by pages (+):\n%s", len(whole), diff)
	}
	_, err := s.Query(t.Context(), q, report.Query{Metrics: []string{"events"}, Dimensions: []string{"type"}})
	if err != nil {
		t.Error(err)
	}
	q.Cursor = "AAAAAAAAAAAAAAAAAAAAAA"
	var wrong *report.QuestionError
	if _, err := s.Query(t.Context(), q, ask); !errors.As(err, &wrong) || wrong.Field != "cursor" {
		t.Errorf("a foreign cursor: %v", err)
	}
}
