package oracle

import (
	"cmp"
	"slices"
	"time"
)

// moment is something that a session is made of: an event, or a page view.
type moment struct {
	View
	isView bool
}

// session is what belongs together, in order.
type session []moment

// sessionsOf puts together what happened, as far as the role lets it through,
// and returns the sessions that began in the range and that match.
func sessionsOf(events []Event, pages []View, q Question) []session {
	var list []session
	for _, all := range q.streams(events, pages) {
		for _, s := range q.cut(all) {
			if q.within(s[0].At) && q.matches(s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// streams are all moments of one session_id, or of a person without one, in
// order.
func (q Question) streams(events []Event, pages []View) map[[2]string][]moment {
	streams := map[[2]string][]moment{}
	add := func(m moment) {
		key := [2]string{m.SessionID, ""}
		if m.SessionID == "" {
			key[1] = m.Person()
		}
		if key[0]+key[1] != "" && (q.Role == "" || m.Role == q.Role) {
			streams[key] = append(streams[key], m)
		}
	}
	for _, e := range events {
		if !slices.Contains(q.Passive, e.Type) {
			add(moment{View: View{Event: e}})
		}
	}
	for _, v := range pages {
		add(moment{View: v, isView: true})
	}
	for _, list := range streams {
		slices.SortFunc(list, func(a, b moment) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Path, b.Path))
		})
	}
	return streams
}

// cut cuts a stream into sessions, which are over with the day after the one on
// which they began.
func (q Question) cut(stream []moment) []session {
	if stream[0].SessionID != "" {
		return q.byDays(stream)
	}
	var list []session
	for i, m := range stream {
		if i == 0 || m.At.Sub(stream[i-1].At) >= 30*time.Minute {
			list = append(list, nil)
		}
		last := &list[len(list)-1]
		if len(*last) == 0 || q.stored(m) <= tomorrow(q.stored((*last)[0])) {
			*last = append(*last, m)
		}
	}
	return list
}

// byDays cuts what happened under a session_id: one begins on a day after a day
// without it.
func (q Question) byDays(stream []moment) []session {
	on := map[string]bool{}
	for _, m := range stream {
		on[q.stored(m)] = true
	}
	var list []session
	for day := range on {
		if on[yesterday(day)] {
			continue
		}
		var s session
		for _, m := range stream {
			if date := q.stored(m); date == day || date == tomorrow(day) {
				s = append(s, m)
			}
		}
		list = append(list, s)
	}
	return list
}

// stored is the date in the project's zone.
func (q Question) stored(m moment) string {
	if q.Stored == nil {
		return q.date(m.At)
	}
	return m.At.In(q.Stored).Format(layout)
}

// matches reports whether a session is one that is meant.
func (q Question) matches(s session) bool {
	var last View
	for _, m := range s {
		last.Bot = last.Bot || m.Bot
		last.Device, last.Browser, last.Country = max(last.Device, m.Device), max(last.Browser, m.Browser), max(last.Country, m.Country)
	}
	q.Role = "" // is that of its moments
	return q.looks(last)
}

// views are the session's pages.
func (s session) views() []View {
	var list []View
	for _, m := range s {
		if m.isView {
			list = append(list, m.View)
		}
	}
	return list
}

func (s session) bounces() bool { return len(s) == 1 && s[0].isView }

// SessionReport is the sessions of a range, and by period.
type SessionReport struct {
	Totals SessionNumbers `json:"totals"`
	Series []SessionPoint `json:"series"`
}

// SessionPoint is the sessions that began in a period.
type SessionPoint struct {
	Period string `json:"period"`
	SessionNumbers
}

// SessionNumbers are what sessions were like.
type SessionNumbers struct {
	Sessions int      `json:"sessions"`
	Bounces  int      `json:"bounces"`
	Rate     *float64 `json:"bounce_rate"`
	Views    int      `json:"page_views"`
	Pages    *float64 `json:"pages_per_session"`
	Average  *float64 `json:"average_seconds"`
	Median   *float64 `json:"median_seconds"`
}

// Sessions counts sessions by the period in which they began.
func Sessions(events []Event, pages []View, q Question) SessionReport {
	all := sessionsOf(events, pages, q)
	byPeriod := map[string][]session{}
	for _, s := range all {
		byPeriod[q.periodOf(s[0].At)] = append(byPeriod[q.periodOf(s[0].At)], s)
	}
	answer := SessionReport{Totals: numbersOf(all)}
	for _, p := range q.periods() {
		answer.Series = append(answer.Series, SessionPoint{p, numbersOf(byPeriod[p])})
	}
	return answer
}

func numbersOf(list []session) SessionNumbers {
	n := SessionNumbers{Sessions: len(list)}
	var lengths []time.Duration
	var sum int64
	for _, s := range list {
		n.Views += len(s.views())
		if s.bounces() {
			n.Bounces++
		}
		lengths = append(lengths, s[len(s)-1].At.Sub(s[0].At))
		sum += lengths[len(lengths)-1].Milliseconds()
	}
	slices.Sort(lengths)
	n.Rate, n.Pages, n.Median = rate(n.Bounces, n.Sessions), rate(n.Views, n.Sessions), within(lengths, 50)
	n.Average = mean(sum, n.Sessions)
	return n
}

// mean is the mean of milliseconds, in seconds; nil of none.
func mean(sum int64, n int) *float64 {
	if n == 0 {
		return nil
	}
	seconds := float64(sum) / float64(n) / 1000
	return &seconds
}
