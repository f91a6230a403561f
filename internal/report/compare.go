package report

import "fmt"

// Comparing says which other range is answered beside the asked one.
type Comparing string

// The ranges to compare with.
const (
	// Previous is the range of equal length before; before whole calendar
	// months, as many months.
	Previous Comparing = "previous"
	// LastYear is the same dates a year before; the 29th of February becomes
	// the 28th.
	LastYear Comparing = "year"
)

// ParseComparing reads the name of a comparison.
func ParseComparing(s string) (Comparing, error) {
	switch c := Comparing(s); c {
	case Previous, LastYear:
		return c, nil
	default:
		return "", fmt.Errorf("%q is no comparison; it is one of previous, year", s)
	}
}

// Comparison is the same answer over another range.
type Comparison struct {
	From string `json:"from"`
	To   string `json:"to"`
	Data any    `json:"data"`
	// Summary is as in the answer.
	Summary any `json:"summary,omitempty"`
}

// compared returns the question about the range to compare with, and false if
// that begins before there were days.
func (q Question) compared() (Question, bool) {
	switch {
	case q.Compare == LastYear:
		q.From, q.To = q.From.addYears(-1), q.To.addYears(-1)
	case q.wholeMonths():
		months := q.To.months() - q.From.months()
		q.From, q.To = q.From.addMonths(-months), q.From
	default:
		q.From, q.To = q.From.AddDays(-int(q.To.days()-q.From.days())), q.From
	}
	q.Compare, q.Cursor = "", ""
	return q, !q.From.Before(firstDate) && q.From.Before(q.To)
}

func (q Question) wholeMonths() bool { return q.From.Day == 1 && q.To.Day == 1 }
