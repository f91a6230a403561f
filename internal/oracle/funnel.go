package oracle

import (
	"cmp"
	"slices"
	"time"
)

// Step is how many persons reached a step of a funnel.
type Step struct {
	Step  string `json:"step"`
	Users int    `json:"users"`
}

// act is an event that is a step: when, and which.
type act struct {
	at    time.Time
	step  int
	event Event
}

// Funnel counts each person by the furthest step reached from any start.
func Funnel(events []Event, q Question) []Step {
	answer := []Step{}
	for _, name := range q.Steps {
		answer = append(answer, Step{Step: name})
	}
	for _, acts := range q.acts(events) {
		for i := range q.furthest(acts).at {
			answer[i].Users++
		}
	}
	return answer
}

// acts returns the steps of each person in order; ties in time are in the
// order of the steps.
func (q Question) acts(events []Event) map[string][]act {
	acts := map[string][]act{}
	for _, e := range inside(events, q) {
		if step := slices.Index(q.Steps, e.Type); step >= 0 && e.Person() != "" {
			acts[e.Person()] = append(acts[e.Person()], act{e.At, step, e})
		}
	}
	for _, list := range acts {
		slices.SortStableFunc(list, func(a, b act) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.step, b.step))
		})
	}
	return acts
}

// way is how far somebody came: when each step was reached.
type way struct {
	at    []time.Time
	start Event
}

// furthest tries every start; of those that reach equally far the earliest is
// taken.
func (q Question) furthest(acts []act) way {
	var best way
	for i, a := range acts {
		if a.step == 0 {
			if w := q.walk(acts[i:]); len(w.at) > len(best.at) {
				best = w
			}
		}
	}
	return best
}

// walk takes the first event as the start, and each next step as soon as it
// comes.
func (q Question) walk(acts []act) way {
	w := way{at: []time.Time{acts[0].at}, start: acts[0].event}
	for _, a := range acts[1:] {
		if a.at.Sub(acts[0].at) > q.Window || len(w.at) == len(q.Steps) {
			break
		}
		switch {
		case a.step == len(w.at):
			w.at = append(w.at, a.at)
		case q.Strict:
			return w
		}
	}
	return w
}
