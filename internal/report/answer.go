package report

import "time"

// Answer is what a question gets: the numbers, and what they mean.
type Answer struct {
	Data any `json:"data"`
	// Summary is what follows from the data and stands beside it, such as the
	// average of its rows; absent where the definition names none.
	Summary any `json:"summary,omitempty"`
	// Compare is the answer over the range that Question.Compare names; absent
	// if it names none, or that range begins before 1970.
	Compare *Comparison `json:"compare,omitempty"`
	Meta    Meta        `json:"meta"`
	// Explain has the statements instead of data, if asked for.
	Explain []Explained `json:"explain,omitempty"`
	// ETag names the data and what they mean: another answer with the same one
	// says the same. Moments and the way of reading are not part of it.
	ETag string `json:"-"`
}

// Explained is a statement that a question would be answered by.
type Explained struct {
	Query      string            `json:"query"` // its name
	Tables     []string          `json:"tables"`
	PassedOver []string          `json:"passed_over,omitempty"` // cheaper tables, and why they do not answer
	SQL        string            `json:"sql"`
	Parameters map[string]string `json:"parameters"` // bound by ClickHouse
}

// Meta is the contract of an answer.
type Meta struct {
	Definition Definition `json:"definition"`
	From       string     `json:"from"`               // first local date
	To         string     `json:"to"`                 // first local date after the range
	Interval   Interval   `json:"interval,omitempty"` // absent where there is no series
	Timezone   string     `json:"timezone"`
	Filters    Filter     `json:"filters"`
	// Options are what else was asked, with the defaults filled in.
	Options map[string]string `json:"options,omitempty"`
	Exact   bool              `json:"exact"`
	Source  []string          `json:"source"` // tables that were read
	AsOf    time.Time         `json:"as_of"`  // the numbers hold for this moment: what had landed by then is in them
	// Partial lists the labels of periods that the range cuts or that are not
	// over; an answer without a series is one period, labelled by From.
	Partial   []string `json:"partial"`
	ElapsedMs float64  `json:"elapsed_ms"`
	RowsRead  uint64   `json:"rows_read"` // by ClickHouse
	// Cached: the answer was kept, nothing has landed since that it is about, or
	// it is no older than the question allows.
	Cached bool     `json:"cached,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	// Beyond lists the parts of an overview that are null, since rows that they
	// are about were removed for their age.
	Beyond []Beyond `json:"beyond_retention,omitempty"`
	// NextCursor goes on behind the last row; absent where there is nothing.
	NextCursor string `json:"next_cursor,omitempty"`
	// Question is what a query asked, as it was understood.
	Question *Query `json:"question,omitempty"`
}
