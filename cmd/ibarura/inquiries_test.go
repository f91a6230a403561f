package main

import (
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ibarura/internal/oracle"
	"ibarura/internal/report"
)

// inquiry is a path of the API beside the oracle's answer: a new question is
// one more row of inquiries.
type inquiry struct {
	path  string
	whole bool     // its periods are counted whole, also where the range cuts them
	every []string // intervals that it takes; empty: all

	// draw adds parameters of its own to a query; complete reads them for the
	// oracle. Both may be nil.
	draw     func(*rapid.T, url.Values)
	complete func(url.Values, *oracle.Question)

	oracle func([]oracle.Event, []oracle.View, oracle.Question) any
	// laws are identities that hold within the answer, whatever the oracle says;
	// nil: none.
	laws func(answered) error
}

var inquiries = []inquiry{
	{path: "users", oracle: ofEvents(oracle.Users), laws: growthIsWithinTheTotals},
	{path: "posts", oracle: ofAll(oracle.PostsOf)},
	{path: "events", oracle: ofAll(oracle.Events), laws: typesAddUp},
	{path: "summary", oracle: ofAll(oracle.Summary)},
	{path: "users/active", oracle: ofEvents(oracle.ActiveUsers)},
	{path: "users/growth", oracle: ofEvents(oracle.UserGrowth), whole: true, laws: growthAddsUp},
	{path: "events/types", oracle: ofEvents(oracle.Types), laws: nobodyActsLessThanOnce},
	{path: "posts/top", oracle: ofEvents(oracle.Posts), laws: nobodyActsLessThanOnce},
	{path: "tags/top", oracle: ofEvents(oracle.Tags), laws: nobodyActsLessThanOnce},
}

// ofEvents is a question that page views have no part in.
func ofEvents[A any](answer func([]oracle.Event, oracle.Question) A) func([]oracle.Event, []oracle.View, oracle.Question) any {
	return func(events []oracle.Event, _ []oracle.View, q oracle.Question) any { return answer(events, q) }
}

// ofAll is a question about events and page views.
func ofAll[A any](answer func([]oracle.Event, []oracle.View, oracle.Question) A) func([]oracle.Event, []oracle.View, oracle.Question) any {
	return func(events []oracle.Event, views []oracle.View, q oracle.Question) any {
		return answer(events, views, q)
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
	}
}
