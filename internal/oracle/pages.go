package oracle

import (
	"cmp"
	"slices"
	"strings"
)

// PageRank is how often pages of one value were seen.
type PageRank struct {
	Value     string   `json:"value"`
	PageViews int      `json:"page_views"`
	Visitors  int      `json:"visitors"`
	Average   *float64 `json:"average_seconds"`
}

// EdgeRank is how many sessions began, or ended, at a page.
type EdgeRank struct {
	Value     string   `json:"value"`
	Sessions  int      `json:"sessions"`
	Bounces   int      `json:"bounces"`
	Rate      *float64 `json:"bounce_rate"`
	PageViews int      `json:"page_views"`
	Visitors  int      `json:"visitors"`
}

// Pages ranks pages, or the entries and exits of sessions.
func Pages(events []Event, pages []View, q Question) any {
	if q.By == "entry" || q.By == "exit" {
		return Edges(events, pages, q)
	}
	views := map[string][]View{}
	for _, v := range seen(pages, q) {
		views[q.ranked(v)] = append(views[q.ranked(v)], v)
	}
	answer := []PageRank{}
	for value, list := range views {
		row := PageRank{Value: value, PageViews: len(list)}
		var people set
		var told int64
		tellers := 0
		for _, v := range list {
			people = people.add(v.Person())
			told += int64(v.DurationMs)
			if v.DurationMs > 0 {
				tellers++
			}
		}
		row.Visitors, row.Average = people.people(), mean(told, tellers)
		answer = append(answer, row)
	}
	slices.SortFunc(answer, func(a, b PageRank) int {
		return cmp.Or(cmp.Compare(b.PageViews, a.PageViews), cmp.Compare(b.Visitors, a.Visitors), cmp.Compare(a.Value, b.Value))
	})
	return top(q, answer)
}

// ranked is what a page view is ranked by.
func (q Question) ranked(v View) string {
	switch q.By {
	case "source":
		return v.Source
	case "utm_source":
		return v.UTMSource
	case "utm_medium":
		return v.UTMMedium
	case "utm_campaign":
		return v.UTMCampaign
	case "device":
		return v.Device
	case "browser":
		return v.Browser
	case "os":
		return v.OS
	case "country":
		return v.Country
	case "host":
		return v.Host
	}
	return v.Path
}

// Edges ranks the first, or last, pages of sessions.
func Edges(events []Event, pages []View, q Question) []EdgeRank {
	rows := map[string]*EdgeRank{}
	people := map[string]set{}
	for _, s := range sessionsOf(events, pages, q) {
		views := s.views()
		if len(views) == 0 {
			continue
		}
		page := views[0].Path
		if q.By == "exit" {
			page = views[len(views)-1].Path
		}
		if rows[page] == nil {
			rows[page] = &EdgeRank{Value: page}
		}
		r := rows[page]
		r.Sessions++
		r.PageViews += len(views)
		if s.bounces() {
			r.Bounces++
		}
		for _, m := range s {
			people[page] = people[page].add(m.Person())
		}
	}
	answer := []EdgeRank{}
	for page, r := range rows {
		r.Visitors, r.Rate = people[page].people(), rate(r.Bounces, r.Sessions)
		answer = append(answer, *r)
	}
	slices.SortFunc(answer, func(a, b EdgeRank) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(b.PageViews, a.PageViews), cmp.Compare(a.Value, b.Value))
	})
	return top(q, answer)
}

// PathRank is how often sessions went from a page to another.
type PathRank struct {
	Step     *int   `json:"step,omitempty"`
	From     string `json:"from"`
	To       string `json:"to"`
	Count    int    `json:"count"`
	Sessions int    `json:"sessions"`
}

// PagePaths ranks the ways from page to page.
func PagePaths(events []Event, pages []View, q Question) []PathRank {
	if q.Depth == 0 {
		q.Depth = 5
	}
	type way struct {
		step     int
		from, to string
	}
	count, visits := map[way]int{}, map[way]int{}
	for _, s := range sessionsOf(events, pages, q) {
		taken := map[way]bool{}
		for i, pair := range q.pairs(s) {
			w := way{i + 1, pair[0], pair[1]}
			if q.Start == "" {
				w.step = 0
			}
			count[w]++
			taken[w] = true
		}
		for w := range taken {
			visits[w]++
		}
	}
	answer := []PathRank{}
	for w, n := range count {
		answer = append(answer, PathRank{&w.step, w.from, w.to, n, visits[w]})
	}
	slices.SortFunc(answer, func(a, b PathRank) int {
		return cmp.Or(cmp.Compare(*a.Step, *b.Step), cmp.Compare(b.Count, a.Count), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	for i := range answer {
		if q.Start == "" {
			answer[i].Step = nil
		}
	}
	return top(q, answer)
}

// pairs are the ways of a session from the start on.
func (q Question) pairs(s session) [][2]string {
	var list [][2]string
	before, begun := "", q.Start == ""
	for i, v := range s.views() {
		switch {
		case !begun:
			begun = v.Path == q.Start
		case i > 0 && v.Path != before:
			list = append(list, [2]string{before, v.Path})
		}
		before = v.Path
	}
	return list[:min(q.Depth, len(list))]
}
