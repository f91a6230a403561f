package main

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/report"
)

// question is one that is measured.
type question struct {
	report.Question
	path  string
	about string        // its range and filters, for the tables
	bar   time.Duration // that its p95 is to stay below; 0: none
}

// span is a range that is asked for.
type span struct {
	about    string
	from, to string
	interval report.Interval
	maxAge   time.Duration
	bar      time.Duration
}

// The bars of a dashboard over the year: from derived tables, which may be a
// minute old, and from what is loaded now.
const (
	dashboardAge = time.Minute
	dashboardBar = 50 * time.Millisecond
	freshBar     = time.Second
)

var spans = []span{
	{"12 months", "2025-01-01", "2026-01-01", report.Month, dashboardAge, dashboardBar},
	{"12 months, fresh", "2025-01-01", "2026-01-01", report.Month, 0, freshBar},
	{"10 months and 9 days, by week, fresh", "2025-02-20", "2025-12-30", report.Week, 0, 0},
	{"30 days", "2025-12-02", "2026-01-01", report.Day, dashboardAge, 0},
}

// last30 is the range of the questions that are asked of raw rows.
var last30 = span{"30 days", "2025-12-02", "2026-01-01", report.Day, 0, 0}

// examples are options by what there is in the history, where those of the
// registry are of another one.
var examples = map[string]string{
	"steps": "user_signup,post_viewed,comment_added", "user_id": "user-7",
}

// rawBars are the bars of questions that only raw rows answer, over 30 days.
var rawBars = map[string]time.Duration{"funnel": 300 * time.Millisecond, "users/timeline": 50 * time.Millisecond}

const filterBar = 200 * time.Millisecond

// questions lists what is asked: every endpoint over every span, and some with
// filters that no aggregate has.
func questions(zone *time.Location, only []string) ([]question, error) {
	var list []question
	for _, e := range report.Endpoints() {
		if !wanted(e.Path, only) {
			continue
		}
		for _, s := range spans {
			q, err := s.ask(e, zone)
			if err != nil {
				return nil, err
			}
			if s.about == last30.about && rawBars[e.Path] > 0 {
				q.bar = rawBars[e.Path]
			}
			list = append(list, q)
		}
	}
	more, err := filtered(zone, only)
	return append(list, more...), err
}

// filtered are questions with filters.
func filtered(zone *time.Location, only []string) ([]question, error) {
	var list []question
	for _, f := range []struct {
		path, about string
		filter      report.Filter
	}{
		{"users/active", "property.surface=search", report.Filter{Properties: []report.Property{{Name: "surface", Value: "search"}}}},
		{"events/types", "property.app=ios 3.0", report.Filter{Properties: []report.Property{{Name: "app", Value: "ios 3.0"}}}},
		{"posts/top", "tag=topic-3", report.Filter{Tag: "topic-3"}},
		{"users/active", "role=moderator", report.Filter{Role: "moderator"}},
	} {
		e, found := endpoint(f.path)
		if !found || !wanted(f.path, only) {
			continue
		}
		q, err := last30.ask(e, zone)
		if err != nil {
			return nil, err
		}
		q.Filter, q.about, q.bar = f.filter, q.about+", "+f.about, filterBar
		list = append(list, q)
	}
	return list, nil
}

func endpoint(path string) (report.Endpoint, bool) {
	list := report.Endpoints()
	at := slices.IndexFunc(list, func(e report.Endpoint) bool { return e.Path == path })
	if at < 0 {
		return report.Endpoint{}, false
	}
	return list[at], true
}

func wanted(path string, only []string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}

// ask makes the question of an endpoint over the span.
func (s span) ask(e report.Endpoint, zone *time.Location) (question, error) {
	q := question{path: e.Path, about: s.about, bar: s.bar}
	q.Question = report.Question{
		Project: project, ProjectZone: zone, Interval: s.interval, MaxAge: s.maxAge, Options: map[string]string{},
	}
	var err error
	if q.From, err = report.ParseDate(s.from); err != nil {
		return q, err
	}
	if q.To, err = report.ParseDate(s.to); err != nil {
		return q, err
	}
	for _, o := range e.Options {
		if o.Example == "" {
			continue // the default will do
		}
		q.Options[o.Name] = cmp.Or(examples[o.Name], o.Example)
		if err := o.Check(q.Options[o.Name]); err != nil {
			return q, fmt.Errorf("%s cannot be asked: the example of its option %s %w", e.Path, o.Name, err)
		}
	}
	return q, nil
}

// target is the path and query of the question.
func (q *question) target(explain bool) string {
	values := url.Values{"from": {q.From.String()}, "to": {q.To.String()}, "interval": {string(q.Interval)}}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("role", q.Role)
	set("type", q.Type)
	set("tag", q.Tag)
	for _, p := range q.Properties {
		set("property."+p.Name, p.Value)
	}
	for name, value := range q.Options {
		set(name, value)
	}
	if q.MaxAge > 0 {
		set("max_age", strconv.Itoa(int(q.MaxAge.Seconds())))
	}
	if explain {
		set("explain", "true")
	}
	return "/api/v1/analytics/" + q.path + "/?" + values.Encode()
}
