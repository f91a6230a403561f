package oracle

// Rolling is the number of persons active on a day, and within the 7 days and
// the month that end with it.
type Rolling struct {
	Period string `json:"period"`
	DAU    int    `json:"dau"`
	WAU    int    `json:"wau"`
	MAU    int    `json:"mau"`
}

// RollingUsers counts for each day of the range, looking back before it.
func RollingUsers(events []Event, q Question) []Rolling {
	q.Interval = "day"
	month := q.Month
	if month == 0 {
		month = 28
	}
	active := activeIn(events, q)
	answer := []Rolling{}
	for _, day := range q.periods() {
		answer = append(answer, Rolling{day, trailing(active, day, 1), trailing(active, day, 7), trailing(active, day, month)})
	}
	return answer
}

// RollingSummary is what follows from rolling users.
type RollingSummary struct {
	Stickiness []Ratio `json:"stickiness"`
}

// Ratio is the share of the month's persons who were there on a day.
type Ratio struct {
	Period string   `json:"period"`
	Ratio  *float64 `json:"ratio"`
}

// RollingOf has rolling users and the ratio of stickiness.
func RollingOf(events []Event, q Question) Summed {
	points := RollingUsers(events, q)
	ratios := []Ratio{}
	for _, p := range points {
		ratios = append(ratios, Ratio{p.Period, rate(p.DAU, p.MAU)})
	}
	return Summed{points, RollingSummary{ratios}}
}

// trailing counts the distinct persons of the n days that end with a day.
func trailing(active map[string]set, day string, n int) int {
	var seen set
	for range n {
		for person := range active[day] {
			seen = seen.add(person)
		}
		day = yesterday(day)
	}
	return seen.people()
}

// Stickiness is how many persons were active on so many days of the range.
type Stickiness struct {
	Days  int `json:"days"`
	Users int `json:"users"`
}

// StickinessHistogram lists the numbers of days that somebody was active on.
func StickinessHistogram(events []Event, q Question) []Stickiness {
	days := map[string]map[string]bool{}
	most := 0
	for _, e := range inside(events, q) {
		if q.active(e) {
			if days[e.Person()] == nil {
				days[e.Person()] = map[string]bool{}
			}
			days[e.Person()][q.date(e.At)] = true
			most = max(most, len(days[e.Person()]))
		}
	}
	answer := []Stickiness{}
	for n := 1; n <= most; n++ {
		users := 0
		for _, on := range days {
			if len(on) == n {
				users++
			}
		}
		if users > 0 {
			answer = append(answer, Stickiness{n, users})
		}
	}
	return answer
}
