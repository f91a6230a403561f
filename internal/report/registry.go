package report

import (
	"context"
	"time"
)

// Endpoint is a question that can be asked by its path. An entry in the
// registry and its queries are all that one needs: routes, the checking of
// parameters and the documentation are made from it.
type Endpoint struct {
	// Path is where the API answers it, under analytics/.
	Path       string
	Definition Definition
	// Fields are the filters that narrow it down; a question with another one
	// is refused.
	Fields Fields
	// Options are what else it can be asked with.
	Options []Option
	// Ranking: the answer is rows in order, of which there is a page, and a
	// cursor to the next one.
	Ranking bool
	// Series: the answer is by period.
	Series bool

	// calendar lays out the periods that Meta.Partial is about; nil: the whole
	// range is one.
	calendar func(zone *time.Location, interval Interval, from, to Date) *calendar
	// limit is the number of rows where the question names none; 0: the
	// service's default.
	limit int
	// build reads the data.
	build func(context.Context, *asking) (any, error)
}

// Option is a parameter that only some questions have.
type Option struct {
	Name    string
	Default string
	Help    string // what it says, its values and bounds
	// Check returns what is wrong with a value, to be read after the name.
	Check func(value string) error
}

// endpoints is the registry, in the order of the documentation.
var endpoints = []Endpoint{
	usersOverview, postsOverview, eventsOverview, summaryOverview,
	activeUsers, userGrowth,
	eventTypes,
	topPosts, topTags,
	postEngagement, onePost, tagEngagement,
	eventSeries, logins, funnel,
	pages, pagePaths, sessions,
	attendance, notifications, messaging,
}

// Endpoints returns every question that can be asked by a path.
func Endpoints() []Endpoint {
	list := make([]Endpoint, len(endpoints))
	for i, e := range endpoints {
		e.Series = e.calendar != nil
		list[i] = e
	}
	return list
}

// endpointAt returns the endpoint of a path.
func endpointAt(path string) (Endpoint, bool) {
	for _, e := range Endpoints() {
		if e.Path == path {
			return e, true
		}
	}
	return Endpoint{}, false
}

// option returns the value of an option: the question's, or its default.
func (e Endpoint) option(q Question, name string) string {
	if v := q.Options[name]; v != "" {
		return v
	}
	for _, o := range e.Options {
		if o.Name == name {
			return o.Default
		}
	}
	return ""
}
