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
	whole bool     // its periods are counted whole, also where the range cuts them
	every []string // intervals that it takes; empty: all

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
	{path: "events/types", laws: nobodyActsLessThanOnce},
	{path: "posts/top", laws: nobodyActsLessThanOnce},
	{path: "tags/top", laws: nobodyActsLessThanOnce},
	{path: "posts/engagement", laws: nobodyActsLessThanOnce},
	{path: "tags/engagement", laws: nobodyActsLessThanOnce},
	{path: "posts/one", draw: func(t *rapid.T, q url.Values) { q.Set("object_id", zipf(t, "post", "1", "2", "none")) }},
	{path: "events/series", draw: drawBy("type", "role", "object_type")},
	{path: "users/logins"},
	{path: "funnel", draw: drawFunnel, laws: funnelNeverWidens},
	{path: "attendance"},
	{path: "notifications", draw: drawBy("channel,campaign", "channel", "campaign")},
	{path: "messaging", draw: drawBy("channel,campaign", "channel", "campaign")},
	{path: "pages", draw: drawPages},
	{path: "pages/paths", draw: drawPaths},
	{path: "sessions"},
}

// drawBy draws what rows are told apart by, or leaves it to the default.
func drawBy(values ...string) func(*rapid.T, url.Values) {
	return func(t *rapid.T, q url.Values) {
		if by := zipf(t, "by", append([]string{""}, values...)...); by != "" {
			q.Set("by", by)
		}
	}
}

// drawPages draws what is ranked; entries and exits are not told apart by what
// only some of a session's pages are about.
func drawPages(t *rapid.T, q url.Values) {
	drawBy("path", "entry", "exit", "source", "utm_source", "utm_medium", "utm_campaign", "device", "browser", "country")(t, q)
	if by := q.Get("by"); by == "entry" || by == "exit" {
		q.Del("object_type")
		q.Del("property.plan")
	}
}

func drawPaths(t *rapid.T, q url.Values) {
	if start := rapid.SampledFrom([]string{"", "/", "/posts/1", "/nowhere"}).Draw(t, "start"); start != "" {
		q.Set("start", start)
	}
	if depth := rapid.SampledFrom([]string{"", "1", "20"}).Draw(t, "depth"); depth != "" {
		q.Set("depth", depth)
	}
}

func drawFunnel(t *rapid.T, q url.Values) {
	q.Set("steps", rapid.SampledFrom([]string{
		"login,post_created", "login,post_created,comment_added", "post_created,login,notification_sent,comment_added", "comment_added",
	}).Draw(t, "steps"))
	for _, o := range []struct {
		name   string
		values []string
	}{
		{"window", []string{"", "30m", "2h", "1d", "60d"}}, {"order", []string{"", "strict", "ordered"}},
		{"times", []string{"", "true"}}, {"breakdown", []string{"", "role", "property.plan", "object_type"}},
	} {
		if value := rapid.SampledFrom(o.values).Draw(t, o.name); value != "" {
			q.Set(o.name, value)
		}
	}
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

func (i inquiry) intervals() []string {
	if len(i.every) > 0 {
		return i.every
	}
	return []string{"day", "week", "month", "hour", "quarter", "year"}
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
