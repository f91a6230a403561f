package main

import (
	"net/url"

	"pgregory.net/rapid"

	"ibarura/internal/oracle"
)

// inquiry is a path of the API beside the oracle's answer: a new question is
// one more row of inquiries.
type inquiry struct {
	path    string
	series  func(oracle.Question) []string // its partial periods; nil: it has none but the range
	filters []string                       // that it takes
	every   []string                       // intervals that it takes; empty: all

	// draw adds parameters of its own to a query; complete reads them for the
	// oracle. Both may be nil.
	draw     func(*rapid.T, url.Values)
	complete func(url.Values, *oracle.Question)

	oracle func([]oracle.Event, []oracle.View, oracle.Question) any
	// laws are identities that hold within the answer, whatever the oracle says.
	laws func(answered) error
}

var inquiries = []inquiry{
	{
		path: "users/active", series: oracle.Partial, filters: []string{"role", "type", "object_type"},
		oracle: func(e []oracle.Event, _ []oracle.View, q oracle.Question) any { return oracle.ActiveUsers(e, q) },
	},
	{
		path: "users/growth", series: oracle.Unfinished,
		oracle: func(e []oracle.Event, _ []oracle.View, q oracle.Question) any { return oracle.UserGrowth(e, q) },
		laws:   growthAddsUp,
	},
	{
		path: "events/types", filters: []string{"role", "type", "object_type"},
		oracle: func(e []oracle.Event, _ []oracle.View, q oracle.Question) any { return oracle.Types(e, q) },
		laws:   nobodyActsLessThanOnce,
	},
	{
		path: "posts/top", filters: []string{"role", "type"},
		oracle: func(e []oracle.Event, _ []oracle.View, q oracle.Question) any { return oracle.Posts(e, q) },
		laws:   nobodyActsLessThanOnce,
	},
	{
		path: "tags/top", filters: []string{"role", "type", "object_type"},
		oracle: func(e []oracle.Event, _ []oracle.View, q oracle.Question) any { return oracle.Tags(e, q) },
		laws:   nobodyActsLessThanOnce,
	},
}

func (i inquiry) intervals() []string {
	if len(i.every) > 0 {
		return i.every
	}
	return []string{"day", "week", "month", "hour", "quarter", "year"}
}
