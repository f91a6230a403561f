package main

import (
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// inquiry is a path of the API, and how random questions are asked there. A
// new question is one more row, beside its answer in oracle.Paths.
type inquiry struct {
	path  string
	whole bool   // its periods are counted whole, also where the range cuts them
	fixed string // interval that it always has; empty: the asked one

	// draw adds parameters of its own to a query, which oracle.Question.With
	// reads; nil: there are none.
	draw func(*rapid.T, url.Values)

	// laws are identities that hold within the answer, whatever the oracle says;
	// nil: none.
	laws func(answered) error
}

var inquiries = []inquiry{
	{path: "users", laws: newAreSomeOfAll},
	{path: "posts"},
	{path: "events", laws: typesAddUp},
	{path: "summary"},
	{path: "users/active"},
	{path: "users/growth", whole: true, laws: growthAddsUp},
	{path: "users/lifecycle", whole: true, laws: accountsBalance},
	{path: "users/rolling", fixed: "day", draw: drawOption("month_days", "", "28", "30"), laws: longerWindowsHoldMore},
	{path: "users/stickiness", fixed: "day", laws: daysAreThoseOfTheRange},
	{path: "users/retention", whole: true, draw: drawRetention, laws: cohortsDecay},
	{path: "users/timeline", draw: drawTimeline},
	{path: "events/types", laws: nobodyActsLessThanOnce},
	{path: "posts/top", laws: nobodyActsLessThanOnce},
	{path: "tags/top", laws: nobodyActsLessThanOnce},
	{path: "posts/engagement", laws: nobodyActsLessThanOnce},
	{path: "tags/engagement", laws: nobodyActsLessThanOnce},
	{path: "posts/one", draw: func(t *rapid.T, q url.Values) { q.Set("object_id", zipf(t, "post", "1", "2", "none")) }},
	{path: "events/series", draw: drawOption("by", "", "type", "role", "object_type")},
	{path: "users/logins"},
	{path: "funnel", draw: drawFunnel, laws: funnelNeverWidens},
	{path: "attendance"},
	{path: "notifications", draw: drawOption("by", "", "channel,campaign", "channel", "campaign")},
	{path: "messaging", draw: drawOption("by", "", "channel,campaign", "channel", "campaign")},
	{path: "pages", draw: drawPages},
	{path: "pages/paths", draw: drawPaths},
	{path: "sessions"},
}

// drawOption draws an option of a path, or leaves it to its default.
func drawOption(name string, values ...string) func(*rapid.T, url.Values) {
	return func(t *rapid.T, q url.Values) {
		if value := rapid.SampledFrom(values).Draw(t, name); value != "" {
			q.Set(name, value)
		}
	}
}

func drawRetention(t *rapid.T, q url.Values) {
	drawOption("kind", "", "on", "on_or_after", "streak")(t, q)
	drawOption("periods", "", "1", "3", "20")(t, q)
	drawOption("cohort", "", "first_seen", "login", "post_created", "notification_sent")(t, q)
}

// drawPages draws what is ranked; entries and exits are not told apart by what
// only some of a session's pages are about.
func drawPages(t *rapid.T, q url.Values) {
	drawOption("by", "", "path", "entry", "exit", "source", "utm_source", "utm_medium", "utm_campaign", "device", "browser", "country")(t, q)
	if by := q.Get("by"); by == "entry" || by == "exit" {
		q.Del("object_type")
		q.Del("property.plan")
	}
}

func drawPaths(t *rapid.T, q url.Values) {
	drawOption("start", "", "/", "/posts/1", "/nowhere")(t, q)
	drawOption("depth", "", "1", "20")(t, q)
}

func drawTimeline(t *rapid.T, q url.Values) {
	q.Set(zipf(t, "whose", "user_id", "anonymous_id"), zipf(t, "person", "ann", "bob", "browser", "nobody here"))
	drawOption("linked", "", "true", "false")(t, q)
}

func drawFunnel(t *rapid.T, q url.Values) {
	q.Set("steps", rapid.SampledFrom([]string{
		"login,post_created", "login,post_created,comment_added", "post_created,login,notification_sent,comment_added", "comment_added",
	}).Draw(t, "steps"))
	drawOption("window", "", "30m", "2h", "1d", "60d")(t, q)
	drawOption("order", "", "strict", "ordered")(t, q)
	drawOption("times", "", "true")(t, q)
	drawOption("breakdown", "", "role", "property.plan", "object_type")(t, q)
}

// endpoint is what the product says of the path.
func (i inquiry) endpoint() report.Endpoint {
	for _, e := range report.Endpoints() {
		if e.Path == i.path {
			return e
		}
	}
	return report.Endpoint{}
}

func TestEveryPathIsHeldAgainstTheOracle(t *testing.T) {
	t.Parallel()
	for _, e := range report.Endpoints() {
		if !slices.ContainsFunc(inquiries, func(i inquiry) bool { return i.path == e.Path }) {
			t.Errorf("%s has no row in inquiries", e.Path)
		}
		if oracle.Paths[e.Path] == nil {
			t.Errorf("%s has no answer in oracle.Paths", e.Path)
		}
	}
}
