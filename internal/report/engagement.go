package report

import (
	"context"
	"math"
	"strconv"
	"time"
)

// Engagement is how many persons acted on something, and what they did.
type Engagement struct {
	Users     uint64 `json:"users"`
	Events    uint64 `json:"events"`
	Views     uint64 `json:"views"`
	Comments  uint64 `json:"comments"`
	Reactions uint64 `json:"reactions"`
	Shares    uint64 `json:"shares"`
}

func (e *Engagement) columns() []any {
	return []any{&e.Users, &e.Events, &e.Views, &e.Comments, &e.Reactions, &e.Shares}
}

// Trend is the engagement beside that of the range before.
type Trend struct {
	Engagement
	// Previous is that of the range of equal length before, and before whole
	// calendar months of as many months; null where that begins before 1970,
	// or rows of it were removed for their age.
	Previous *Engagement `json:"previous"`
	// Trend is by how much the persons have grown, as a share of those before;
	// null if there were none.
	Trend *float64 `json:"trend" column:"share"`
}

// PostEngagement is that of a post.
type PostEngagement struct {
	Post string `json:"post"`
	Trend
}

// TagEngagement is that of what carries a tag.
type TagEngagement struct {
	Tag string `json:"tag"`
	Trend
}

// postEngagement answers with []PostEngagement: most persons first, then most
// events, then by name.
var postEngagement = Endpoint{
	Path: "posts/engagement", Definition: define("post_engagement"), Fields: ByRole | ByProperty,
	Ranking: true,
	build: func(ctx context.Context, a *asking) (any, error) {
		return trends(ctx, a, postEngagementSources, func(name string, t Trend) PostEngagement { return PostEngagement{name, t} })
	},
}

// tagEngagement answers with []TagEngagement in the same order.
var tagEngagement = Endpoint{
	Path: "tags/engagement", Definition: define("tag_engagement"), Fields: eventFields,
	Ranking: true,
	build: func(ctx context.Context, a *asking) (any, error) {
		return trends(ctx, a, tagEngagementSources, func(name string, t Trend) TagEngagement { return TagEngagement{name, t} })
	},
}

// trend is a row as it is read.
type trend struct {
	name      string
	now, then Engagement
}

func trends[T any](ctx context.Context, a *asking, sources []source, row func(string, Trend) T) ([]T, error) {
	s, before := a.withBefore()
	if before && !s.answers(sources) {
		a.leaveOut("previous trend", s.beyond(sources))
		s, before = a.total(), false
	}
	rows, err := ranking(ctx, a, s, s.plan(sources), func(t *trend) []any {
		return append(append([]any{&t.name}, t.now.columns()...), t.then.columns()...)
	})
	list := make([]T, len(rows))
	for i, t := range rows {
		result := Trend{Engagement: t.now}
		if before {
			result.Previous = &rows[i].then
			result.Trend = change(t.now.Users, t.then.Users)
		}
		list[i] = row(t.name, result)
	}
	return list, err
}

// change is by how much a number has grown, as a share of what it was; nil if
// that was nothing.
func change(now, then uint64) *float64 {
	if then == 0 {
		return nil
	}
	grown := (float64(now) - float64(then)) / float64(then)
	return &grown
}

// withBefore is the question over its range and over the one before it, as a
// period each; false if there is none before, and the range is the only one.
func (a *asking) withBefore() (scope, bool) {
	q := a.question
	q.Compare = Previous
	then, exists := q.compared()
	if !exists {
		return a.total(), false
	}
	return scope{a.question, beforeAndNow(q.Zone, then.From, q.From, q.To), a.offset}, true
}

// beforeAndNow lays out two ranges that meet at from.
func beforeAndNow(zone *time.Location, before, from, to Date) *calendar {
	c := &calendar{zone: zone, interval: whole, from: before, to: to}
	c.pieces = []piece{{math.MinInt64, beforeRange}}
	c.periods = []period{{label: before.String(), first: before, end: from}, {label: from.String(), first: from, end: to}}
	c.addPieces()
	return c
}

// currentParams say which of the periods is the asked range.
func (s scope) currentParams() params {
	return s.pageParams().with(contentParams()).with(params{"current": strconv.Itoa(len(s.periods) - 1)})
}

func (s scope) trendParams() params    { return s.momentParams().with(s.currentParams()) }
func (s scope) trendDayParams() params { return s.dayParams().with(s.currentParams()) }

// trendStitchedParams ask tables of days, and those of months for the whole
// months in each of the two ranges.
func (s scope) trendStitchedParams() params {
	from, to := monthsWithin(s.now().first, s.now().end)
	fromBefore, toBefore := monthsWithin(s.calendar.from, s.now().first)
	return s.stitchedRankParams().with(params{
		"day_now":           s.now().first.String(),
		"month_from":        from.String(),
		"month_to":          to.String(),
		"month_from_before": fromBefore.String(),
		"month_to_before":   toBefore.String(),
	})
}
