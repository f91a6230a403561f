package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"ibarura/internal/clickhouse"
	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// visits are events and page views of a few days about a moment: sessions with
// and without an id, over midnights and of several days, of robots, of nobody,
// with ties in time, of several persons, and ids that come again.
func visits(around time.Time, seed uint64) ([]oracle.Event, []oracle.View) {
	random := rand.New(rand.NewPCG(seed, 3))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	moment := func(i int) oracle.Event {
		at := around.Add(time.Duration(random.IntN(5*24*12)-30*12) * 5 * time.Minute)
		if i%2 == 0 { // half are within some hours
			at = around.Add(time.Duration(random.IntN(12*12)-6*12) * 5 * time.Minute)
		}
		e := oracle.Event{
			ID: fmt.Sprint(i), At: at, Role: pick("", "core", "member"),
			SessionID:  pick("", "", "", "s1", "s2", fmt.Sprint("t", random.IntN(40)), fmt.Sprint("u", at.Unix()/86400, random.IntN(9))),
			UserID:     pick("", "ann", "bob", "eve", fmt.Sprint("v", random.IntN(30)), fmt.Sprint("v", random.IntN(30))),
			Properties: map[string]string{"channel": pick("email", "push"), "campaign": pick("", "digest", "welcome"), "plan": pick("free", "it's")},
		}
		if e.UserID == "" {
			e.AnonymousID = pick("", "ann", "visitor")
		}
		if random.IntN(2) == 0 {
			e.ObjectType, e.ObjectID = pick("post", "event", "post", "notification"), pick("", "1", "2", "3")
		}
		return e
	}
	var events []oracle.Event
	var views []oracle.View
	for i := range 500 {
		e := moment(i)
		e.Type = pick("login", "user_login", "comment_added", "notification_sent", "notification_sent", "notification_delivered", "notification_opened",
			"notification_clicked", "message_sent", "message_opened", "event_registered", "event_registered", "event_attended", "event_cancelled",
			"post_created", "post_viewed", "post_liked", "post_shared")
		e.Tags = []string{pick("a", "b", "ü"), pick("a", "b"), pick("a", "c")}[:random.IntN(4)]
		events = append(events, e)
	}
	for i := range 500 {
		v := oracle.View{
			Event: moment(i), Path: pick("/", "/a", "/b", "/c/ü"), Host: pick("a.example", "b.example"), Source: pick("", "search", "social"),
			UTMSource: pick("", "mail"), UTMMedium: pick("", "email"), UTMCampaign: pick("", "digest"),
			Device: pick("desktop", "mobile"), Browser: pick("Firefox", "Chrome"), OS: pick("Linux", "iOS"), Country: pick("", "RW", "KE"),
			Bot: random.IntN(12) == 0, DurationMs: []int{0, 0, 700, 12_345}[random.IntN(4)],
		}
		v.Tags = nil
		views = append(views, v)
	}
	return events, views
}

// storeViews inserts page views with all that reports look at.
func storeViews(target clickhouse.Target, project string, zone *time.Location, views []oracle.View) error {
	conn, err := clickhouse.Open(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx := driver.Context(context.Background(), driver.WithSettings(driver.Settings{"max_partitions_per_insert_block": 0}))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO page_views ("+commonColumns+
		", bot, path, host, source, utm_source, utm_medium, utm_campaign, device, browser, os, country, duration_ms)")
	if err != nil {
		return err
	}
	for _, v := range views {
		if err := batch.Append(append(commonValues(project, zone, v.Event), v.Bot, v.Path, v.Host, v.Source, v.UTMSource, v.UTMMedium,
			v.UTMCampaign, v.Device, v.Browser, v.OS, v.Country, uint32(v.DurationMs))...); err != nil {
			return err
		}
	}
	return batch.Send()
}

// visitQuestions are the paths that are asked about visits, and how.
var visitQuestions = []struct {
	path    string
	options []map[string]string
	fields  report.Fields
}{
	{"sessions", []map[string]string{{}}, report.ByRole | report.ByDevice | report.ByBrowser | report.ByCountry | report.ByBot},
	{"pages", []map[string]string{
		{}, {"by": "source"}, {"by": "utm_source"}, {"by": "utm_medium"}, {"by": "utm_campaign"}, {"by": "device"}, {"by": "browser"},
		{"by": "os"}, {"by": "country"}, {"by": "host"},
	}, report.ByRole | report.ByDevice | report.ByBrowser | report.ByCountry | report.ByBot | report.ByObjectType | report.ByProperty},
	{"pages", []map[string]string{{"by": "entry"}, {"by": "exit"}}, report.ByRole | report.ByDevice | report.ByBot},
	{"pages/paths", []map[string]string{{}, {"start": "/a"}, {"start": "/", "depth": "1"}}, report.ByRole | report.ByCountry | report.ByBot},
	{"notifications", []map[string]string{{}, {"by": "channel"}, {"by": "campaign"}}, report.ByRole | report.ByProperty},
	{"messaging", []map[string]string{{}}, report.ByRole},
	{"attendance", []map[string]string{{}}, report.ByRole | report.ByTag},
	{"users/logins", []map[string]string{{}}, report.ByRole | report.ByTag},
	{"events/series", []map[string]string{{}, {"by": "role"}, {"by": "object_type"}}, report.ByType | report.ByProperty},
	{"posts/engagement", []map[string]string{{}}, report.ByRole | report.ByProperty},
	{"tags/engagement", []map[string]string{{}}, report.ByRole | report.ByObjectType},
	{"posts/one", []map[string]string{{"object_id": "1"}}, report.ByRole | report.ByProperty},
}

// narrowed are the filters that are asked with: none, and each of some.
func narrowed(fields report.Fields) []report.Filter {
	robots := true
	list := []report.Filter{{}}
	for field, filter := range map[report.Fields]report.Filter{
		report.ByRole: {Role: "core"}, report.ByDevice: {Device: "mobile"}, report.ByBrowser: {Browser: "Chrome"}, report.ByCountry: {Country: "RW"},
		report.ByBot: {Bot: &robots}, report.ByObjectType: {ObjectType: "post"}, report.ByTag: {Tag: "a"}, report.ByType: {Type: "login"},
		report.ByProperty: {Properties: []report.Property{{Name: "plan", Value: "it's"}}},
	} {
		if fields&field != 0 {
			list = append(list, filter)
		}
	}
	return list
}

// narrow sets the filter of an oracle's question.
func narrow(q oracle.Question, f report.Filter) oracle.Question {
	q.Role, q.Type, q.ObjectType, q.Tag, q.Device, q.Browser, q.Country = f.Role, f.Type, f.ObjectType, f.Tag, f.Device, f.Browser, f.Country
	if f.Bot != nil {
		q.Bot = fmt.Sprint(*f.Bot)
	}
	for _, p := range f.Properties {
		q.Properties = map[string]string{p.Name: p.Value}
	}
	return q
}

func TestVisitsEqualTheOracle(t *testing.T) {
	s, target := bare(t)
	for i, c := range []struct {
		project string // its zone
		around  time.Time
		asked   []asked
	}{
		{"Africa/Kigali", time.Date(2024, 2, 29, 22, 0, 0, 0, time.UTC), []asked{ // a leap day's midnight, and a month's
			{"Africa/Kigali", "day", "2024-02-28", "2024-03-03", ""},
			{"America/New_York", "hour", "2024-02-29", "2024-03-02", ""},
			{"Africa/Kigali", "month", "2024-03-01", "2024-04-01", ""},
			{"Asia/Kathmandu", "week", "2024-02-29", "2024-03-01", ""},
		}},
		{"Australia/Lord_Howe", time.Date(2014, 4, 5, 15, 0, 0, 0, time.UTC), []asked{ // 02:00 became 01:30
			{"Australia/Lord_Howe", "day", "2014-04-05", "2014-04-08", ""},
			{"UTC", "day", "2014-04-05", "2014-04-07", ""},
		}},
		{"Pacific/Apia", time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC), []asked{ // there was no 2011-12-30
			{"Pacific/Apia", "day", "2011-12-28", "2012-01-02", ""},
			{"Pacific/Apia", "month", "2011-12-01", "2012-01-01", ""},
		}},
		{"UTC", time.Date(1970, 1, 4, 0, 0, 0, 0, time.UTC), []asked{{"UTC", "year", "1970-01-01", "1971-01-01", ""}}},
	} {
		events, views := visits(c.around, uint64(i))
		project := fmt.Sprint("visits", i)
		if err := store(target, map[string]string{project: c.project}, events, nil); err != nil {
			t.Fatal(err)
		}
		if err := storeViews(target, project, location(t, c.project), views); err != nil {
			t.Fatal(err)
		}
		for _, a := range c.asked {
			t.Run(c.project+"/"+a.zone+"/"+a.interval, func(t *testing.T) {
				a.checkVisits(t, s, project, c.project, events, views)
			})
		}
	}
}

func (a asked) checkVisits(t *testing.T, s *report.Service, project, projectZone string, events []oracle.Event, views []oracle.View) {
	t.Helper()
	for _, v := range visitQuestions {
		for _, options := range v.options {
			for _, filter := range narrowed(v.fields) {
				q, o := a.forService(t, project, projectZone), narrow(a.forOracle(t).With(options), filter)
				q.Options, q.Filter, q.Limit = options, filter, 7
				o.Stored, o.Limit = location(t, projectZone), 7
				answer, err := s.Answer(t.Context(), v.path, q)
				if err != nil {
					t.Fatalf("%s %v %+v: %v", v.path, options, filter, err)
				}
				if diff := cmp.Diff(decode(t, oracle.Paths[v.path](events, views, o)), decode(t, answer.Data)); diff != "" {
					t.Errorf("%s %v %+v [%s, %s), from %v: oracle (-), service (+):\n%s", v.path, options, filter, a.from, a.to, answer.Meta.Source, diff)
				}
			}
		}
	}
}
