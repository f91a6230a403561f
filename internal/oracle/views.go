package oracle

import "slices"

// looks reports whether the filters let a page view through. Those of robots
// are let through if they are asked for.
func (q Question) looks(v View) bool {
	return q.passes(v.Event) && v.Bot == (q.Bot == "true") &&
		(q.Device == "" || v.Device == q.Device) &&
		(q.Browser == "" || v.Browser == q.Browser) &&
		(q.Country == "" || v.Country == q.Country)
}

// seen returns the page views of the range that the filters let through.
func seen(views []View, q Question) []View {
	var list []View
	for _, v := range views {
		if q.looks(v) && q.within(v.At) {
			list = append(list, v)
		}
	}
	return list
}

// ViewCounts counts the page views by period.
func ViewCounts(views []View, q Question) []PageViewCount {
	count := map[string]int{}
	for _, v := range seen(views, q) {
		count[q.periodOf(v.At)]++
	}
	answer := []PageViewCount{}
	for _, p := range q.periods() {
		answer = append(answer, PageViewCount{p, count[p]})
	}
	return answer
}

// PageViewCount is the number of page views of a period.
type PageViewCount struct {
	Period    string `json:"period"`
	PageViews int    `json:"page_views"`
}

// number counts the events of the range that are of one of the types.
func number(events []Event, q Question, types []string) int {
	n := 0
	for _, e := range inside(events, q) {
		if slices.Contains(types, e.Type) {
			n++
		}
	}
	return n
}
