package oracle

// Lifecycle is the growth accounting of a period.
type Lifecycle struct {
	Period      string `json:"period"`
	Active      int    `json:"active"`
	New         int    `json:"new"`
	Retained    int    `json:"retained"`
	Resurrected int    `json:"resurrected"`
	Churned     int    `json:"churned"`
}

// LifecycleOf compares each period, whole, with the one before it. Who is new
// is told by first seen, which knows no filter.
func LifecycleOf(events []Event, q Question) []Lifecycle {
	born := map[string]string{}
	for person, at := range firstSeen(events, q) {
		born[person] = q.periodOf(at)
	}
	active := activeIn(events, q)
	answer := []Lifecycle{}
	for _, p := range q.periods() {
		answer = append(answer, accounts(p, active[p], active[q.before(p)], born))
	}
	return answer
}

// accounts counts everybody once. Where clocks went back over a midnight (St.
// John's, until 2011) the first moment may be of a later date than the next
// one; who was there on both is retained on the later.
func accounts(period string, now, before set, born map[string]string) Lifecycle {
	l := Lifecycle{Period: period, Active: now.people()}
	for person := range now {
		switch {
		case before[person]:
			l.Retained++
		case born[person] == period:
			l.New++
		default:
			l.Resurrected++
		}
	}
	l.Churned = before.people() - l.Retained
	return l
}
