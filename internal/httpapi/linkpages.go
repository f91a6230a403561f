package httpapi

import "slices"

// linkQuestion is one that a page asks, besides what is looked at, with values
// of its own: as the page's file in dashboards/web/src/pages has it.
type linkQuestion struct {
	path  string
	with  string // a parameter of the view without which it is not asked
	extra func(v linkView, q map[string]string)
}

// linkPage is a page that a link may show. What names persons (person, keys) or
// is not about a range of days (live, health) is not among them.
type linkPage struct {
	own       []string // parameters of this page alone
	needs     string   // one of own that has to be there
	questions []linkQuestion
}

// fixed are values that a question always has.
func fixed(pairs ...string) func(linkView, map[string]string) {
	return func(_ linkView, q map[string]string) {
		for i := 0; i < len(pairs); i += 2 {
			q[pairs[i]] = pairs[i+1]
		}
	}
}

// ofView is a value that the address chooses; one that is none is the first.
func ofView(name string, values ...string) func(linkView, map[string]string) {
	return func(v linkView, q map[string]string) {
		q[name] = values[0]
		if slices.Contains(values, v.params[name]) {
			q[name] = v.params[name]
		}
	}
}

func together(all ...func(linkView, map[string]string)) func(linkView, map[string]string) {
	return func(v linkView, q map[string]string) {
		for _, one := range all {
			one(v, q)
		}
	}
}

// pageKinds are what the page about pages ranks.
var pageKinds = []string{"path", "entry", "exit", "source", "utm_source", "utm_medium", "utm_campaign", "device", "browser", "os", "country", "host"}

var linkPages = map[string]linkPage{
	"overview": {questions: []linkQuestion{
		{path: "summary"}, {path: "sessions"}, {path: "posts"},
		{path: "posts/engagement", extra: fixed("limit", "8")}, {path: "tags/engagement", extra: fixed("limit", "8")},
	}},
	"users": {own: []string{"kind"}, questions: []linkQuestion{
		{path: "users"}, {path: "users/active"}, {path: "users/growth"}, {path: "users/lifecycle"}, {path: "users/stickiness"}, {path: "users/logins"},
		{path: "users/retention", extra: together(fixed("periods", "12"), ofView("kind", "on", "on_or_after", "streak"), cohorts)},
		{path: "users/rolling", extra: func(_ linkView, q map[string]string) { delete(q, "interval") }},
	}},
	"content": {questions: []linkQuestion{
		{path: "posts"}, {path: "users/active", with: "tag"},
		{path: "posts/engagement", extra: fixed("limit", "25")}, {path: "tags/engagement", extra: fixed("limit", "25")},
		{path: "posts/top", with: "tag", extra: fixed("limit", "10")},
	}},
	"post": {own: []string{"object_id"}, needs: "object_id", questions: []linkQuestion{{path: "posts/one", extra: given("object_id", "")}}},
	"events": {own: []string{"by"}, questions: []linkQuestion{
		{path: "events"}, {path: "events/types"},
		{path: "events/series", extra: together(fixed("limit", "8"), ofView("by", "type", "role", "object_type"))},
	}},
	"pages": {own: []string{"by"}, questions: []linkQuestion{
		{path: "sessions"}, {path: "pages", extra: together(fixed("limit", "25"), ofView("by", pageKinds...))}, {path: "pages/paths", extra: fixed("limit", "15")},
	}},
	"attendance": {questions: []linkQuestion{{path: "attendance", extra: fixed("limit", "50")}}},
	"messaging": {own: []string{"by"}, questions: []linkQuestion{
		{path: "notifications", extra: together(fixed("limit", "50"), byDelivery)}, {path: "messaging", extra: together(fixed("limit", "50"), byDelivery)},
	}},
	"funnel": {own: []string{"steps", "window", "order", "breakdown"}, needs: "steps", questions: []linkQuestion{
		{path: "funnel", extra: together(fixed("times", "true"), given("steps", ""), given("window", "14d"), given("order", "ordered"), given("breakdown", ""))},
	}},
}

var byDelivery = ofView("by", "channel,campaign", "channel", "campaign")

// given is a value of the address, whatever it is, or another without one.
func given(name, without string) func(linkView, map[string]string) {
	return func(v linkView, q map[string]string) {
		if q[name] = v.params[name]; q[name] == "" {
			q[name] = without
		}
		if q[name] == "" {
			delete(q, name)
		}
	}
}

// cohorts are of periods long enough for people to come back in.
func cohorts(v linkView, q map[string]string) {
	chosen := v.params["interval"]
	days := daysBetween(q["from"], q["to"])
	switch {
	case chosen != "" && chosen != "hour":
		q["interval"] = chosen
	case days <= 21:
		q["interval"] = "day"
	case days <= 200:
		q["interval"] = "week"
	default:
		q["interval"] = "month"
	}
}
