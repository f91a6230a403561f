// Package oracle answers the questions of internal/report by brute force over
// events in memory: no SQL, no aggregates, no calendar arithmetic beyond the
// standard library's. It stands beside the way from POST to chart, as what the
// answers at its end are held against in tests.
package oracle

import (
	"cmp"
	"slices"
)

// Active is the number of active persons of a period.
type Active struct {
	Period string `json:"period"`
	Users  int    `json:"users"`
}

// Growth is the number of new persons of a period, and the running total.
type Growth struct {
	Period string `json:"period"`
	New    int    `json:"new"`
	Total  int    `json:"total"`
}

// Type is how often a type happened, and to how many persons.
type Type struct {
	Type   string `json:"type"`
	Events int    `json:"events"`
	Users  int    `json:"users"`
}

// Post is the engagement with a post.
type Post struct {
	Post   string `json:"post"`
	Users  int    `json:"users"`
	Events int    `json:"events"`
}

// Tag is the use of a tag.
type Tag struct {
	Tag    string `json:"tag"`
	Users  int    `json:"users"`
	Events int    `json:"events"`
}

// Role is the persons active in a role, and all events in it.
type Role struct {
	Role   string `json:"role"`
	Users  int    `json:"users"`
	Events int    `json:"events"`
}

// Count is the number of events of a period.
type Count struct {
	Period string `json:"period"`
	Events int    `json:"events"`
}

// ActiveUsers counts the persons with an event that is not passive, by period.
func ActiveUsers(events []Event, q Question) []Active {
	seen := map[string]set{}
	for _, e := range inside(events, q) {
		if q.active(e) {
			p := q.periodOf(e.At)
			seen[p] = seen[p].add(e.Person())
		}
	}
	answer := []Active{}
	for _, p := range q.periods() {
		answer = append(answer, Active{p, seen[p].people()})
	}
	return answer
}

// ActiveTotal counts the persons active in the range.
func ActiveTotal(events []Event, q Question) int {
	var seen set
	for _, e := range inside(events, q) {
		if q.active(e) {
			seen = seen.add(e.Person())
		}
	}
	return seen.people()
}

// UserGrowth counts persons by the whole period in which they were first seen.
func UserGrowth(events []Event, q Question) []Growth {
	born, total := map[string]int{}, 0
	for _, at := range firstSeen(events, q) {
		if q.date(at) < q.begin(q.From) {
			total++
		} else {
			born[q.periodOf(at)]++
		}
	}
	answer := []Growth{}
	for _, p := range q.periods() {
		total += born[p]
		answer = append(answer, Growth{p, born[p], total})
	}
	return answer
}

// NewUsers counts the persons first seen in the range.
func NewUsers(events []Event, q Question) int {
	n := 0
	for _, at := range firstSeen(events, q) {
		if date := q.date(at); q.From <= date && date < q.To {
			n++
		}
	}
	return n
}

// Types counts events and persons by type.
func Types(events []Event, q Question) []Type {
	count := map[string]int{}
	persons := map[string]set{}
	for _, e := range inside(events, q) {
		count[e.Type]++
		persons[e.Type] = persons[e.Type].add(e.Person())
	}
	answer := []Type{}
	for name, n := range count {
		answer = append(answer, Type{name, n, persons[name].people()})
	}
	slices.SortFunc(answer, func(a, b Type) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Type, b.Type))
	})
	return answer
}

// Posts ranks posts by the persons who acted on them.
func Posts(events []Event, q Question) []Post {
	return ranking(events, q, func(e Event) []string {
		if e.ObjectType != "post" || e.ObjectID == "" {
			return nil
		}
		return []string{e.ObjectID}
	})
}

// Tags ranks tags by the persons who used them.
func Tags(events []Event, q Question) []Tag {
	answer := []Tag{}
	for _, r := range ranking(events, q, func(e Event) []string {
		tags := slices.Clone(e.Tags)
		slices.Sort(tags)
		return slices.Compact(tags)
	}) {
		answer = append(answer, Tag{r.Post, r.Users, r.Events})
	}
	return answer
}

// ranking counts active events and their persons by key.
func ranking(events []Event, q Question, keys func(Event) []string) []Post {
	count := map[string]int{}
	persons := map[string]set{}
	for _, e := range inside(events, q) {
		if slices.Contains(q.Passive, e.Type) {
			continue
		}
		for _, key := range keys(e) {
			count[key]++
			persons[key] = persons[key].add(e.Person())
		}
	}
	list := []Post{}
	for key, n := range count {
		list = append(list, Post{key, persons[key].people(), n})
	}
	slices.SortFunc(list, func(a, b Post) int {
		return cmp.Or(cmp.Compare(b.Users, a.Users), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Post, b.Post))
	})
	return list[:min(q.Limit, len(list))]
}

// Roles counts active persons and all events by role.
func Roles(events []Event, q Question) []Role {
	count := map[string]int{}
	persons := map[string]set{}
	for _, e := range inside(events, q) {
		count[e.Role]++
		if q.active(e) {
			persons[e.Role] = persons[e.Role].add(e.Person())
		}
	}
	answer := []Role{}
	for role, n := range count {
		answer = append(answer, Role{role, persons[role].people(), n})
	}
	slices.SortFunc(answer, func(a, b Role) int {
		return cmp.Or(cmp.Compare(b.Users, a.Users), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Role, b.Role))
	})
	return answer
}

// Counts counts the events of the types by period; of all types if none is named.
func Counts(events []Event, q Question, types ...string) []Count {
	count := map[string]int{}
	for _, e := range inside(events, q) {
		if len(types) == 0 || slices.Contains(types, e.Type) {
			count[q.periodOf(e.At)]++
		}
	}
	answer := []Count{}
	for _, p := range q.periods() {
		answer = append(answer, Count{p, count[p]})
	}
	return answer
}

// People counts the distinct persons of all events that pass.
func People(events []Event, q Question, pass func(Event) bool) int {
	var seen set
	for _, e := range inside(events, q) {
		if pass(e) {
			seen = seen.add(e.Person())
		}
	}
	return seen.people()
}
