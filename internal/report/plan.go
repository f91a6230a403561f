package report

import (
	"slices"
	"time"

	"ibarura/internal/freshness"
)

// Plan is how one part of an answer is read. It is data: a pure function makes
// it from a question, and tests need no database for it.
type Plan struct {
	Query  string            // name of the file in sql/, without its suffix
	Tables []string          // tables that it reads
	Exact  bool              // no approximation is involved
	Params map[string]string // server-side parameters
	Fields Fields            // filters whose predicates the query has
	Days   bool              // the stored days tell whether a row is in the range
	SQL    string            // statement of a query that has no file
	Unfit  []string          // cheaper tables, and why they were passed over
	// AsOf is the moment for which a derived table holds; zero: it has seen
	// everything, as tables have that are not derived.
	AsOf time.Time
	// Beyond, if it is not nil, says that no table has all rows of the range any
	// more; the plan must not be run.
	Beyond *RetentionError
}

// source is one way to answer.
type source struct {
	query  string
	tables []string
	fields Fields // filters that it can apply, or that do not apply to its numbers
	fits   func(scope) bool
	params func(scope) params
}

// The ways to answer each kind of question, the cheapest first. The first one
// that fits is taken; the last one always fits.
var (
	activeSources = []source{
		{"active_gaps", []string{"gap_day"}, ByRole, scope.wholeDays, scope.gapParams},
		{"active_user_month", []string{"user_month"}, ByRole, scope.wholeMonths, scope.dayParams},
		{"active_user_day", []string{"user_day"}, ByRole, scope.wholeDays, scope.dayParams},
		{"active_raw", []string{"events"}, eventFields, always, scope.momentParams},
	}
	growthSources = []source{
		{"growth", []string{"persons"}, ByRole, always, scope.growthParams},
	}
	sumSources = []source{
		{"sums_monthly", []string{"metrics_monthly"}, ByRole, scope.wholeMonths, scope.sumDayParams},
		{"sums_weekly", []string{"metrics_weekly"}, ByRole, scope.wholeWeeks, scope.sumDayParams},
		{"sums_daily", []string{"metrics_daily"}, ByRole, scope.wholeDays, scope.sumDayParams},
		{"sums_15m", []string{"counters_15m"}, ByRole, scope.quarterHours, scope.sumMomentParams},
		{"sums_raw", []string{"events", "page_views"}, ByRole, always, scope.sumMomentParams},
	}
	roleSources = []source{
		{"roles_user_month", []string{"metrics_monthly", "user_month"}, ByRole, scope.wholeMonths, scope.dayParams},
		{"roles_user_day", []string{"metrics_daily", "user_day"}, ByRole, scope.wholeDays, scope.dayParams},
		{"roles_raw", []string{"events"}, ByRole, always, scope.momentParams},
	}
	typeSources = []source{
		{"event_types", []string{"events"}, eventFields, always, scope.rankedParams},
	}
	peopleSources = []source{
		{"event_people_days", []string{"events", "metrics_daily", "user_day"}, ByRole, scope.wholeDays, scope.dayParams},
		{"event_people", []string{"events"}, eventFields, always, scope.momentParams},
	}
	postSources = []source{
		{"posts_top_days", stitched, 0, scope.holdsMonths, scope.stitchedRankParams},
		{"posts_top_raw", []string{"events"}, eventFields, always, scope.rankedParams},
	}
	tagSources = []source{
		{"tags_top_days", stitchedTags, 0, scope.holdsMonths, scope.stitchedRankParams},
		{"tags_top", []string{"events"}, eventFields, always, scope.rankedParams},
	}
	contentSources = []source{
		{"posts_content_days", stitched, 0, scope.holdsMonths, scope.stitchedRankParams},
		{"posts_content", []string{"events", "page_views"}, ByRole, always, scope.contentRankParams},
	}
	postTotalSources = []source{
		{"posts_totals_days", stitched, 0, scope.holdsMonths, scope.stitchedParams},
		{"posts_totals", []string{"events", "page_views"}, ByRole, always, scope.contentTotalParams},
	}
	funnelSources = []source{
		{"funnel", []string{"events"}, eventFields, scope.plainFunnel, scope.funnelParams},
		{"funnel_strict", []string{"events"}, eventFields, scope.strict, scope.funnelWaysParams},
		{"funnel_ways", []string{"events"}, eventFields, always, scope.funnelWaysParams},
	}
	eventSeriesSources = []source{
		{"event_series", []string{"events"}, eventFields, always, scope.eventSeriesParams},
	}
	attendanceEventSources = []source{
		{"attendance_events", []string{"events"}, eventFields, always, scope.rankedParams},
	}
	notificationSources   = deliveriesBySource(notificationTypes)
	messagingSources      = deliveriesBySource(messageTypes)
	postEngagementSources = []source{
		{"posts_engagement_months", []string{"content_day", "object_person"}, 0, scope.wholeMonths, scope.trendDayParams},
		{"posts_engagement", []string{"events", "page_views"}, ByRole | ByProperty, always, scope.trendParams},
	}
	tagEngagementSources = []source{
		{"tags_engagement_days", stitchedTags, 0, scope.holdsMonthsNow, scope.trendStitchedParams},
		{"tags_engagement", []string{"events"}, eventFields, always, scope.trendParams},
	}
	onePostSources = []source{
		{"post_months", []string{"content_day", "object_person"}, 0, scope.wholeMonths, scope.postDayParams},
		{"post", []string{"events", "page_views"}, ByRole | ByProperty, always, scope.postParams},
	}
	sessionSources = []source{
		{"sessions_stored", []string{"events", "page_views", "sessions"}, sessionMarks, always, scope.sessionParams},
		{"sessions_raw", []string{"events", "page_views"}, sessionFields, always, scope.sessionParams},
	}
	edgeSources = []source{
		{"edges_stored", []string{"events", "page_views", "sessions"}, sessionMarks, always, scope.rankedSessionParams},
		{"edges_raw", []string{"events", "page_views"}, sessionFields, always, scope.rankedSessionParams},
	}
	pathSources = []source{
		{"paths", []string{"events", "page_views"}, sessionFields, always, scope.pathParams},
	}
	pageSources = []source{
		{"pages_by", []string{"page_views"}, visitFields, always, scope.pageRankParams},
	}
	attendanceSources = []source{
		{"attendance", []string{"events"}, eventFields, always, scope.momentParams},
	}
)

// The tables of posts, and of tags: counts by day, persons by month, and raw
// where the range cuts a month.
var (
	stitched     = []string{"content_day", "events", "object_person"}
	stitchedTags = []string{"events", "tag_day", "tag_person"}
)

// plan takes the first source that fits and has all rows that it needs. The
// first one of those that merely fit is the plan if none has.
func (s scope) plan(sources []source) Plan {
	fitting := s.fitting(sources)
	for _, from := range fitting {
		if _, _, gone := from.lacks(s); !gone {
			return from.plan(s)
		}
	}
	p := fitting[0].plan(s)
	p.Beyond = s.beyond(sources)
	return p
}

// fitting are the sources that give the exact answer if no rows were removed, the
// cheapest first: one at least.
func (s scope) fitting(sources []source) []source {
	last := len(sources) - 1
	var list []source
	for _, from := range sources[:last] {
		if from.can(s) && (from.isRaw() || !s.fromRaw) {
			list = append(list, from)
		}
	}
	return append(list, sources[last])
}

// answers reports whether some source fits and has all rows that it needs.
func (s scope) answers(sources []source) bool {
	return slices.ContainsFunc(s.fitting(sources), func(from source) bool {
		_, _, gone := from.lacks(s)
		return !gone
	})
}

// can reports whether the source gives the exact answer.
func (f source) can(s scope) bool {
	if s.Filter.Fields()&^f.fields != 0 || !f.fits(s) {
		return false
	}
	_, fresh := f.asOf(s)
	return fresh
}

// derivation is the derived table that a query reads, and the days of which it
// must have seen everything.
type derivation struct {
	part freshness.Part
	days func(scope) freshness.Days
}

// derivations are the queries that read derived tables. How many were active in
// a range depends on its own days alone: what lands before it moves gaps that
// reach out of it either way.
var derivations = map[string]derivation{
	"active_gaps":  {freshness.Gaps, scope.rangeDays},
	"rolling_gaps": {freshness.Gaps, scope.rangeDays},
	// Who comes back after the range counts, too.
	"retention_cells": {freshness.Cells, func(scope) freshness.Days { return allDays }},
	"lifecycle_gaps":  {freshness.Gaps, scope.daysUpTo}, // who is new depends on all days before
}

// asOf returns the moment for which the source's table holds, zero for now, and
// false if that is too long ago.
func (f source) asOf(s scope) (time.Time, bool) {
	from, is := derivations[f.query]
	if !is {
		return time.Time{}, true
	}
	return s.standing.asOf(from.part, s.Role, from.days(s), s.MaxAge)
}

// isRaw reports whether the source reads nothing but raw rows.
func (f source) isRaw() bool {
	return !slices.ContainsFunc(f.tables, func(table string) bool { return table != "events" && table != "page_views" })
}

func (f source) plan(s scope) Plan {
	asOf, _ := f.asOf(s)
	return Plan{Query: f.query, Tables: f.tables, Exact: true, Params: f.params(s), Fields: s.Filter.Fields() & f.fields, Days: s.wholeDays(), AsOf: asOf}
}

func always(scope) bool { return true }
