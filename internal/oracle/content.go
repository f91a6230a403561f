package oracle

import "slices"

// PostsOverview is the overview of content.
type PostsOverview struct {
	Totals  PostsTotals   `json:"totals"`
	Created []Created     `json:"created"`
	Top     []PostContent `json:"top"`
	Tags    []Tag         `json:"tags"`
}

// PostsTotals are over the range.
type PostsTotals struct {
	Posts   int `json:"posts"`
	Created int `json:"created"`
	People  int `json:"people"`
	Done
}

// Done is what was done to content.
type Done struct {
	Views     int `json:"views"`
	Comments  int `json:"comments"`
	Reactions int `json:"reactions"`
	Shares    int `json:"shares"`
}

// Created is the number of posts created in a period.
type Created struct {
	Period string `json:"period"`
	Posts  int    `json:"posts"`
}

// PostContent is a post's rank with what was done to it.
type PostContent struct {
	Post
	Done
}

// PostsOf puts the overview together.
func PostsOf(events []Event, pages []View, q Question) PostsOverview {
	isPost := func(e Event) bool { return e.ObjectType == "post" && e.ObjectID != "" }
	acted := func(e Event) bool { return isPost(e) && !slices.Contains(q.Passive, e.Type) }
	all := q
	all.Limit = 0
	answer := PostsOverview{
		Totals: PostsTotals{
			Posts: len(Posts(events, all)), Created: number(events, q, creations),
			People: People(events, q, acted), Done: done(events, pages, q, isPost),
		},
		Created: []Created{}, Top: []PostContent{}, Tags: Tags(events, q),
	}
	for _, p := range Counts(events, q, creations...) {
		answer.Created = append(answer.Created, Created{p.Period, p.Events})
	}
	for _, p := range Posts(events, q) {
		isThis := func(e Event) bool { return isPost(e) && e.ObjectID == p.Post }
		answer.Top = append(answer.Top, PostContent{p, done(events, pages, q, isThis)})
	}
	return answer
}

// done counts what was done, by active events, to what is meant; page views
// that show it are views.
func done(events []Event, pages []View, q Question, meant func(Event) bool) Done {
	var d Done
	for _, e := range inside(events, q) {
		if !meant(e) || slices.Contains(q.Passive, e.Type) {
			continue
		}
		for _, count := range []struct {
			types []string
			n     *int
		}{{views, &d.Views}, {comments, &d.Comments}, {reactions, &d.Reactions}, {shares, &d.Shares}} {
			if slices.Contains(count.types, e.Type) {
				*count.n++
			}
		}
	}
	for _, v := range seen(pages, q) {
		if meant(v.Event) {
			d.Views++
		}
	}
	return d
}
