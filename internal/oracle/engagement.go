package oracle

import "slices"

// Engagement is how many persons acted on something, and what they did.
type Engagement struct {
	Users  int `json:"users"`
	Events int `json:"events"`
	Done
}

// Trend is the engagement beside that of the range before.
type Trend struct {
	Engagement
	Previous *Engagement `json:"previous"`
	Trend    *float64    `json:"trend"`
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

// PostTrends ranks posts as Posts does.
func PostTrends(events []Event, pages []View, q Question) []PostEngagement {
	answer := []PostEngagement{}
	for _, p := range Posts(events, q) {
		meant := func(e Event) bool { return e.ObjectType == "post" && e.ObjectID == p.Post }
		answer = append(answer, PostEngagement{p.Post, q.trend(events, pages, meant)})
	}
	return answer
}

// TagTrends ranks tags as Tags does; page views carry none.
func TagTrends(events []Event, q Question) []TagEngagement {
	answer := []TagEngagement{}
	for _, p := range Tags(events, q) {
		meant := func(e Event) bool { return slices.Contains(e.Tags, p.Tag) }
		answer = append(answer, TagEngagement{p.Tag, q.trend(events, nil, meant)})
	}
	return answer
}

func (q Question) trend(events []Event, pages []View, meant func(Event) bool) Trend {
	t := Trend{Engagement: engaged(events, pages, q, meant)}
	if then := q.Previous(); then.From >= "1970-01-01" {
		before := engaged(events, pages, then, meant)
		t.Previous = &before
		if before.Users > 0 {
			grown := float64(t.Users-before.Users) / float64(before.Users)
			t.Trend = &grown
		}
	}
	return t
}

// engaged counts what was done in the range to what is meant.
func engaged(events []Event, pages []View, q Question, meant func(Event) bool) Engagement {
	var people set
	n := Engagement{Done: done(events, pages, q, meant)}
	for _, e := range inside(events, q) {
		if meant(e) && !slices.Contains(q.Passive, e.Type) {
			n.Events++
			people = people.add(e.Person())
		}
	}
	n.Users = people.people()
	return n
}

// PostReport is what was done to one post.
type PostReport struct {
	Totals Engagement        `json:"totals"`
	Series []EngagementPoint `json:"series"`
}

// EngagementPoint is what was done in a period.
type EngagementPoint struct {
	Period string `json:"period"`
	Engagement
}

// OnePost is about the post that is asked for.
func OnePost(events []Event, pages []View, q Question) PostReport {
	meant := func(e Event) bool { return e.ObjectType == "post" && e.ObjectID == q.Object }
	answer := PostReport{Totals: engaged(events, pages, q, meant)}
	byPeriod, looked := map[string][]Event{}, map[string][]View{}
	for _, e := range inside(events, q) {
		byPeriod[q.periodOf(e.At)] = append(byPeriod[q.periodOf(e.At)], e)
	}
	for _, v := range seen(pages, q) {
		looked[q.periodOf(v.At)] = append(looked[q.periodOf(v.At)], v)
	}
	for _, p := range q.periods() {
		answer.Series = append(answer.Series, EngagementPoint{p, engaged(byPeriod[p], looked[p], q, meant)})
	}
	return answer
}
