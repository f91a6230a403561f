package main

import (
	"fmt"
	"net/url"
	"time"

	"pgregory.net/rapid"

	"ibarura/internal/oracle"
)

// world is what happened in a project, as the oracle knows it, and in the order
// and with the repetitions in which it is sent.
type world struct {
	zone   string    // of the project
	around time.Time // most of it happened about then
	events [][]oracle.Event
	views  [][]sentView
}

// sentView is a page view as producers send it; what follows from it is known,
// since address, referrer, browser and country are taken from small tables.
type sentView struct {
	oracle.Event
	URL       string `json:"url"`
	Referrer  string `json:"referrer,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	IP        string `json:"ip,omitempty"`
	Duration  int    `json:"duration_ms,omitempty"`

	implied oracle.View
}

// known are the events that count: of those with one id the first.
func (w world) known() []oracle.Event {
	var all []oracle.Event
	for _, batch := range w.events {
		all = append(all, batch...)
	}
	return oracle.Once(all)
}

// seen are the page views that count.
func (w world) seen() []oracle.View {
	var all []oracle.View
	for _, batch := range w.views {
		for _, v := range batch {
			all = append(all, v.implied)
		}
	}
	return oracle.Once(all)
}

// until is the world as far as so many parts of it have been sent.
func (w world) until(parts int) world {
	w.events, w.views = w.events[:parts], w.views[:parts]
	return w
}

// size is the number of items that count.
func (w world) size() int { return len(w.known()) + len(w.seen()) }

// moments are times at which calendars go wrong, where they do.
var moments = []struct {
	zone string
	at   time.Time
}{
	{"UTC", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)},                  // a leap day
	{"Africa/Kigali", time.Date(2020, 12, 31, 22, 0, 0, 0, time.UTC)},       // New Year in week 53
	{"America/New_York", time.Date(2014, 11, 2, 6, 0, 0, 0, time.UTC)},      // 01:00 to 02:00 came twice
	{"America/New_York", time.Date(2014, 3, 9, 7, 0, 0, 0, time.UTC)},       // 02:00 to 03:00 did not come
	{"America/St_Johns", time.Date(2010, 11, 7, 2, 31, 0, 0, time.UTC)},     // 00:01 became 23:01 of the day before
	{"Australia/Lord_Howe", time.Date(2014, 4, 5, 15, 0, 0, 0, time.UTC)},   // 02:00 became 01:30
	{"Australia/Lord_Howe", time.Date(2014, 10, 4, 15, 30, 0, 0, time.UTC)}, // 02:00 became 02:30
	{"America/Sao_Paulo", time.Date(2014, 10, 19, 3, 0, 0, 0, time.UTC)},    // there was no midnight
	{"Pacific/Apia", time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)},        // there was no 2011-12-30
	{"Asia/Kathmandu", time.Date(1985, 12, 31, 18, 30, 0, 0, time.UTC)},     // from 5:30 to 5:45
	{"Africa/Monrovia", time.Date(1972, 1, 7, 0, 44, 30, 0, time.UTC)},      // offsets had seconds before
	{"Africa/Casablanca", time.Date(2019, 5, 5, 2, 0, 0, 0, time.UTC)},      // Ramadan
}

func genWorld(t *rapid.T) world {
	moment := rapid.SampledFrom(moments).Draw(t, "moment")
	w := world{zone: moment.zone, around: moment.at}
	if rapid.IntRange(0, 3).Draw(t, "now") == 3 { // some periods are not over
		w.around = time.Now().UTC().Truncate(time.Hour)
	}
	if rapid.IntRange(0, 2).Draw(t, "abroad") == 2 {
		w.zone = rapid.SampledFrom(moments).Draw(t, "zone").zone
	}
	act := rapid.Custom(func(t *rapid.T) oracle.Event { return genEvent(t, w.around) })
	look := rapid.Custom(func(t *rapid.T) sentView { return genView(t, w.around) })
	for range rapid.IntRange(1, 2).Draw(t, "sends") { // what comes in the second is late
		w.events = append(w.events, rapid.SliceOfN(act, 1, 100).Draw(t, "events"))
		w.views = append(w.views, rapid.SliceOfN(look, 0, 60).Draw(t, "views"))
	}
	w.number()
	return w
}

// number gives ids. What has the mark of a repetition becomes one: within a
// request the same item once more, in a later request anything with the id of
// what has come before, which must not count, whatever else it says.
func (w world) number() {
	events, views := 0, 0
	for i := range w.events {
		events += repeat(w.events[:i], w.events[i], "e", events, func(e *oracle.Event) *string { return &e.ID })
		views += repeat(w.views[:i], w.views[i], "v", views, func(v *sentView) *string { return &v.ID })
		for k := range w.views[i] {
			w.views[i][k].implied.Event = w.views[i][k].Event
		}
	}
}

const again = "again"

// repeat numbers the items of a request, of which from have been before it, and
// returns how many there are.
func repeat[T any](before [][]T, items []T, prefix string, from int, id func(*T) *string) int {
	for k := range items {
		switch repeated := *id(&items[k]) == again; {
		case repeated && k%2 == 1:
			items[k] = items[k/2]
		case repeated && len(before) > 0 && len(before[0]) > 0:
			*id(&items[k]) = *id(&before[0][k%len(before[0])])
		default:
			*id(&items[k]) = fmt.Sprint(prefix, from+k)
		}
	}
	return len(items)
}

// zipf draws one of the values, the first most often, the second half as often.
func zipf[T any](t *rapid.T, label string, values ...T) T {
	var tickets []T
	for i, v := range values {
		for range max(len(values)/(i+1), 1) {
			tickets = append(tickets, v)
		}
	}
	return rapid.SampledFrom(tickets).Draw(t, label)
}

var spreads = []time.Duration{time.Hour, 24 * time.Hour, 12 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 400 * 24 * time.Hour}

// genTime draws a moment: most are near, many are equal or half an hour apart,
// and few are at a millisecond of their own.
func genTime(t *rapid.T, around time.Time) time.Time {
	spread := zipf(t, "spread", spreads...)
	unit := rapid.SampledFrom([]time.Duration{spread / 8, 15 * time.Minute, time.Millisecond}).Draw(t, "unit")
	steps := int64(spread / unit)
	at := around.Add(time.Duration(rapid.Int64Range(-steps, steps).Draw(t, "steps")) * unit)
	if latest := time.Now().UTC().Truncate(time.Minute); at.After(latest) {
		at = at.Add(-2 * at.Sub(latest).Truncate(time.Millisecond))
	}
	if earliest := time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC); at.Before(earliest) {
		return earliest
	}
	return at.Truncate(time.Millisecond)
}

// genWho draws an identity, a session and a role, which one person has several
// of.
func genWho(t *rapid.T, around time.Time) oracle.Event {
	e := oracle.Event{At: genTime(t, around)}
	name := zipf(t, "person", "ann", "bob", "eve", "kim", "lea", "moe", "\u00fcnal", "u8", "u9", "u10", "u11", "u12")
	switch zipf(t, "known as", "user", "visitor", "both", "nobody") {
	case "user":
		e.UserID = name
	case "visitor":
		e.AnonymousID = name
	case "both":
		e.UserID, e.AnonymousID = name, "browser"
	}
	e.SessionID = zipf(t, "session", "", "s1", "s2", "s3")
	e.Role = zipf(t, "role", "member", "", "core")
	if rapid.IntRange(0, 9).Draw(t, "repeated") == 9 {
		e.ID = again
	}
	return e
}

// kinds are the types of events, with the kind of object that they are about.
var kinds = []struct{ name, object string }{
	{"login", ""}, {"post_created", "post"}, {"comment_added", "post"}, {"notification_sent", "notification"},
	{"post_viewed", "post"}, {"post_liked", "post"}, {"event_registered", "event"}, {"event_attended", "event"},
	{"notification_opened", "notification"}, {"notification_delivered", "notification"}, {"notification_clicked", "notification"},
	{"message_sent", "message"}, {"message_opened", "message"}, {"message_delivered", "message"}, {"message_clicked", "message"},
	{"post_shared", "post"}, {"event_cancelled", "event"}, {"user_signup", ""}, {"user_login", ""}, {"identify", ""}, {"alias", ""}, {"reaction_added", "post"},
	{"reply_added", "comment"}, {"event_shared", "event"}, {"anything else", "thing"},
}

// passiveTypes are the types of kinds that make nobody active.
var passiveTypes = []string{"notification_sent", "identify", "alias"}

func genEvent(t *rapid.T, around time.Time) oracle.Event {
	e := genWho(t, around)
	kind := zipf(t, "type", kinds...)
	e.Type, e.ObjectType = kind.name, kind.object
	if e.ObjectType != "" {
		e.ObjectID = zipf(t, "object", "1", "2", "3", "4", "")
	}
	e.Tags = rapid.SliceOfN(rapid.SampledFrom([]string{"go", "sql", "\u00fc", "a b"}), 0, 3).Draw(t, "tags")
	e.Properties = genProperties(t)
	return e
}

// labels are properties and their values; an empty one is left out.
var labels = []struct {
	name   string
	values []string
}{
	{"channel", []string{"", "email", "push"}}, {"campaign", []string{"", "spring", "summer"}}, {"plan", []string{"", "free", "pro", "it's"}},
}

func genProperties(t *rapid.T) map[string]string {
	properties := map[string]string{}
	for _, l := range labels {
		if value := zipf(t, l.name, l.values...); value != "" {
			properties[l.name] = value
		}
	}
	return properties
}

// agents are browsers and a robot, and what is known of them.
var agents = []struct {
	header, device, browser string
	bot                     bool
}{
	{header: chromeOnWindows, device: "desktop", browser: "Chrome"},
	{header: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15", device: "mobile", browser: "Firefox"},
	{header: googlebot, device: "bot", browser: "Googlebot", bot: true},
}

// addresses are in countries of the test's own file.
var addresses = []struct{ ip, country string }{{"198.51.100.7", "RW"}, {"203.0.113.7", "KE"}, {"192.0.2.1", ""}}

// sites are where visitors come from.
var sites = []struct{ referrer, source string }{
	{"", ""}, {"https://www.google.com/search?q=x", "google"}, {"https://blog.example.com/a", "blog.example.com"}, {"https://www.example.org/a", ""},
}

// campaigns are ends of addresses.
var campaigns = []struct{ query, source, medium, campaign string }{
	{}, {"?utm_source=letter&utm_medium=email&utm_campaign=spring", "letter", "email", "spring"}, {"?utm_source=ad&page=2", "ad", "", ""},
}

func genView(t *rapid.T, around time.Time) sentView {
	v := sentView{Event: genWho(t, around)}
	v.Properties = genProperties(t)
	path := zipf(t, "path", "/", "/posts/1", "/about", "/posts/2", "/a b")
	agent, address := zipf(t, "agent", agents...), zipf(t, "address", addresses...)
	site, campaign := zipf(t, "site", sites...), zipf(t, "campaign", campaigns...)
	if path == "/posts/1" {
		v.ObjectType, v.ObjectID = "post", "1"
	}
	v.URL = "https://example.org" + (&url.URL{Path: path}).EscapedPath() + campaign.query
	v.Referrer, v.UserAgent, v.IP = site.referrer, agent.header, address.ip
	v.Duration = zipf(t, "duration", 0, 1500, 60_000)
	v.implied = oracle.View{
		Path: path, Source: site.source, UTMSource: campaign.source, UTMMedium: campaign.medium, UTMCampaign: campaign.campaign,
		Device: agent.device, Browser: agent.browser, Country: address.country, Bot: agent.bot, DurationMs: v.Duration,
	}
	return v
}
