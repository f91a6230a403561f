package report

import (
	"context"
	"fmt"
	"time"

	"ibarura/internal/freshness"
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
	// keyset: its cursor is a place among the rows, which build reads, instead of
	// a number of rows.
	keyset bool
	// Series: the answer is by period.
	Series bool

	// interval is that of every answer, whatever is asked; empty: the
	// question's.
	interval Interval
	// check returns what is wrong with the options as a whole; nil: nothing can be.
	check func(Question) *QuestionError
	// Personal: the answer names a person, and is not kept.
	Personal bool

	// days are those whose rows the answer depends on; nil: all, whenever.
	days func(Question) freshness.Days
	// calendar lays out the periods that Meta.Partial is about; nil: the whole
	// range is one.
	calendar func(zone *time.Location, interval Interval, from, to Date) *calendar
	// limit is the number of rows where the question names none; 0: the
	// service's default.
	limit int
	// asked is the query that it is made of; nil: it has a path.
	asked *Query
	// build reads the data.
	build func(context.Context, *asking) (any, error)
}

// Option is a parameter that only some questions have.
type Option struct {
	Name    string
	Default string
	Help    string // what it says, its values and bounds
	// Example is a value for the documentation, and for tests: empty where the
	// default will do.
	Example string
	// Check returns what is wrong with a value, to be read after the name.
	Check func(value string) error
}

// endpoints is the registry, in the order of the documentation.
var endpoints = []Endpoint{
	usersOverview, postsOverview, eventsOverview, summaryOverview,
	activeUsers, userGrowth, userLifecycle, rollingUsers, userStickiness, userRetention,
	userLogins,
	userTimeline,
	eventTypes,
	topPosts, topTags,
	postEngagement, onePost, tagEngagement,
	eventSeries, funnel,
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

// settle returns the question with every option of the endpoint, and with the
// interval that it has.
func (e Endpoint) settle(q Question) Question {
	options := map[string]string{}
	for _, o := range e.Options {
		options[o.Name] = e.option(q, o.Name)
	}
	q.Options = options
	if e.interval != "" {
		q.Interval = e.interval
	}
	return q
}

// fixed returns what to say of an interval that was asked for and is not had.
func (e Endpoint) fixed(asked Interval) string {
	if e.interval == "" || asked == "" || asked == e.interval {
		return ""
	}
	return fmt.Sprintf("The answer is by %s, whatever interval is asked for.", e.interval)
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
