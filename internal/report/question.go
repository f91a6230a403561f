package report

import "time"

// Question is what a caller wants to know. Fields left at their zero value
// take the defaults that they name.
type Question struct {
	// Project is whose rows are counted.
	Project string
	// ProjectZone is the zone in which the project's local days are stored.
	ProjectZone *time.Location
	// Zone is the zone whose calendar the answer follows. Default: ProjectZone.
	Zone *time.Location
	// From (in) and To (out) are local dates in Zone. Default: the last 30
	// local days, today included; where only one is given, 30 days from it,
	// but never less than up to today.
	From, To Date
	// Interval is the length of the periods of series. Default: Day.
	Interval Interval
	// Limit is the number of rows of a ranking. Default: Limits.DefaultLimit,
	// and all of them for event types.
	Limit int
	// Cursor goes on with a ranking behind the rows of an answer that gave it
	// as Meta.NextCursor.
	Cursor string
	// Compare asks for the same of another range beside it.
	Compare Comparing
	// MaxAge is how old the tables may be that the answer is read from.
	// Default: 0, so that everything loaded before the question counts.
	MaxAge time.Duration
	// Options are what else a question can be asked with, by name, as text. Which ones there
	// are says Endpoint.Options.
	Options map[string]string
	// Explain asks for the statements that would be run, instead of their
	// answer.
	Explain bool
	// query is what a Query asks, as text: a part of the question's identity.
	query string
	// Filter narrows down what is counted.
	Filter

	fromRaw  bool      // of Service.FromRaw
	standing *standing // what has landed; nil: it is not known
	borders  borders   // from where on rows are left
}

// defaultDays is the length of a range that nobody gave.
const defaultDays = 30

// complete returns the question with its defaults filled in, seen at now.
func (q Question) complete(now time.Time, defaultLimit int) Question {
	if q.Zone == nil {
		q.Zone = q.ProjectZone
	}
	if q.Interval == "" {
		q.Interval = Day
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	tomorrow := DateIn(now, q.Zone).AddDays(1)
	switch {
	case q.From.IsZero() && q.To.IsZero():
		q.From, q.To = tomorrow.AddDays(-defaultDays), tomorrow
	case q.From.IsZero():
		q.From = later(q.To.AddDays(-defaultDays), firstDate)
	case q.To.IsZero():
		q.To = earlier(later(q.From.AddDays(defaultDays), tomorrow), lastDate)
	}
	return q
}

// localDays reports whether the days of the answer are the days that are
// stored: only then can the tables keyed by day answer.
func (q Question) localDays() bool { return q.Zone.String() == q.ProjectZone.String() }
