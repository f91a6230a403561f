package oracle

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// StepWay is how many persons reached a step; of which value and in which time,
// if that was asked for.
type StepWay struct {
	Value *string `json:"value,omitempty"`
	Step
	*Waits
}

// Waits are how long it took from the first step.
type Waits struct {
	Median *float64 `json:"median_seconds"`
	P90    *float64 `json:"p90_seconds"`
}

// AnyFunnel is the plain one, unless more is asked for. The window is 14 days
// if there is none.
func AnyFunnel(events []Event, q Question) any {
	if q.Window == 0 {
		q.Window = 14 * 24 * time.Hour
	}
	if q.Breakdown == "" && !q.Times {
		return Funnel(events, q)
	}
	return FunnelWays(events, q)
}

// FunnelWays tells the persons of a funnel apart by their first step, those of
// the value with most persons first. Without a breakdown there is one value.
func FunnelWays(events []Event, q Question) []StepWay {
	ways := map[string][]way{}
	if q.Breakdown == "" {
		ways[""] = nil
	}
	for _, acts := range q.acts(events) {
		// Of starts at one moment that of the first value counts.
		slices.SortStableFunc(acts, func(a, b act) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.step, b.step), cmp.Compare(q.valueOf(a.event), q.valueOf(b.event)))
		})
		if w := q.furthest(acts); len(w.at) > 0 {
			value := q.valueOf(w.start)
			ways[value] = append(ways[value], w)
		}
	}
	values := make([]string, 0, len(ways))
	for value := range ways {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(ways[b]), len(ways[a])), cmp.Compare(a, b))
	})
	answer := []StepWay{}
	for _, value := range top(q, values) {
		for i, name := range q.Steps {
			answer = append(answer, q.stepWay(ways[value], value, name, i))
		}
	}
	return answer
}

// valueOf is what a first step is told apart by.
func (q Question) valueOf(e Event) string {
	if property, is := strings.CutPrefix(q.Breakdown, "property."); is {
		return e.Properties[property]
	}
	return map[string]string{"role": e.Role, "object_type": e.ObjectType}[q.Breakdown]
}

func (q Question) stepWay(ways []way, value, name string, step int) StepWay {
	s := StepWay{Step: Step{Step: name}}
	if q.Breakdown != "" {
		s.Value = &value
	}
	var waits []time.Duration
	for _, w := range ways {
		if step < len(w.at) {
			waits = append(waits, w.at[step].Sub(w.at[0]))
		}
	}
	slices.Sort(waits)
	s.Users = len(waits)
	if q.Times {
		s.Waits = &Waits{within(waits, 50), within(waits, 90)}
	}
	return s
}

// within returns the least of the sorted times, in seconds, that so many in a
// hundred of them do not exceed.
func within(waits []time.Duration, percent int) *float64 {
	for i, wait := range waits {
		if (i+1)*100 >= percent*len(waits) {
			seconds := float64(wait.Milliseconds()) / 1000
			return &seconds
		}
	}
	return nil
}
