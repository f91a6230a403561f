package oracle

// Cohort is the persons who began in a period, and how many of them were there
// in that period and in those after it; nil: not over yet.
type Cohort struct {
	Cohort string `json:"cohort"`
	Size   int    `json:"size"`
	Cells  []*int `json:"cells"`
}

// Retention follows the cohort of each period of the range.
func Retention(events []Event, q Question) []Cohort {
	active := activeIn(events, q)
	members := map[string]set{}
	for person, at := range firsts(events, q.begins) {
		p := q.periodOf(at)
		members[p] = members[p].add(person)
	}
	answer := []Cohort{}
	for _, p := range q.periods() {
		answer = append(answer, q.follow(p, members[p], active))
	}
	return answer
}

// begins reports whether an event puts its person into a cohort.
func (q Question) begins(e Event) bool {
	if q.Cohort != "" {
		return e.Type == q.Cohort
	}
	return q.active(e)
}

func (q Question) follow(period string, members set, active map[string]set) Cohort {
	c := Cohort{Cohort: period, Size: members.people(), Cells: []*int{}}
	passed := []string{} // from the cohort's own period on
	for n := range q.Periods + 1 {
		passed = append(passed, period)
		if n > 0 && !q.over(period) {
			c.Cells = append(c.Cells, nil)
		} else {
			kept := 0
			for person := range members {
				if q.kept(person, passed, active) {
					kept++
				}
			}
			c.Cells = append(c.Cells, &kept)
		}
		period = q.after(period)
	}
	return c
}

// kept reports whether a person of a cohort is still there in the last of the
// periods that have passed.
func (q Question) kept(person string, passed []string, active map[string]set) bool {
	last := passed[len(passed)-1]
	switch q.Kind {
	case "on_or_after":
		for period, persons := range active {
			if persons[person] && q.reaches(period, last) {
				return true
			}
		}
		return false
	case "streak":
		for _, period := range passed {
			if !active[period][person] {
				return false
			}
		}
		return true
	}
	return active[last][person]
}

// reaches reports whether a period is the other one, or comes after it.
func (q Question) reaches(period, other string) bool {
	if q.Interval == "hour" {
		return !q.startOf(period).Before(q.startOf(other))
	}
	return period >= other
}

// RetentionSummary is what follows from the cohorts.
type RetentionSummary struct {
	Average []*float64 `json:"average"`
}

// RetentionOf has the cohorts and their average. Without a number of periods it
// is 12.
func RetentionOf(events []Event, q Question) Summed {
	if q.Periods == 0 {
		q.Periods = 12
	}
	cohorts := Retention(events, q)
	return Summed{cohorts, RetentionSummary{Average(cohorts, q.Periods)}}
}

// Average is the share of all persons of the cohorts that are old enough who
// were there after each number of periods, 0 to 1; nil: none is.
func Average(cohorts []Cohort, periods int) []*float64 {
	average := make([]*float64, periods+1)
	for n := range average {
		kept, size := 0, 0
		for _, c := range cohorts {
			if c.Cells[n] != nil {
				kept += *c.Cells[n]
				size += c.Size
			}
		}
		average[n] = rate(kept, size)
	}
	return average
}
