package report

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
)

// RawKind is which raw rows are read.
type RawKind string

// The kinds of raw rows.
const (
	RawEvents    RawKind = "events"
	RawPageViews RawKind = "pageviews"
)

// Fields are the filters that rows of the kind can be narrowed down by.
func (k RawKind) Fields() Fields {
	if k == RawEvents {
		return eventFields
	}
	return visitFields
}

// maxRawRows bounds Question.Limit of raw rows, which by default are all.
const maxRawRows = 1_000_000_000

// RawPlace is where a row stands in the order in which raw rows are read. Label
// is the type of an event, or the path of a page view.
type RawPlace struct {
	Day    Date
	Label  string
	Person uint64
	At     int64 // Unix milliseconds
	Seq    uint64
	ID     string
}

// RawRead is how raw rows are read: columns as the statement names them, then
// person and seq, in the order of RawPlace.
type RawRead struct {
	Query    string // its name
	SQL      string
	Params   map[string]string
	Question Question // with its defaults
	kind     RawKind
}

var rawSources = map[RawKind]source{
	RawEvents:    {"raw_events", []string{"events"}, eventFields, always, scope.rawParams},
	RawPageViews: {"raw_page_views", []string{"page_views"}, visitFields, always, scope.rawParams},
}

// Raw plans the reading of raw rows of a range, in the order of their places:
// all, or as many as Question.Limit says, and behind Question.Cursor. What is
// wrong with the question is a *QuestionError.
func (s *Service) Raw(kind RawKind, q Question) (*RawRead, error) {
	now, limits := s.clock(), s.limits
	limits.MaxLimit, limits.MaxPeriods = maxRawRows, math.MaxInt
	if err := q.Validate(now, limits); err != nil {
		return nil, err
	}
	if unfit := q.Filter.Fields() &^ kind.Fields(); unfit != 0 {
		return nil, wrong(CodeUnsupported, unfit.Names()[0], "does not narrow down raw %s", kind)
	}
	r := &RawRead{Question: q.complete(now, 0), kind: kind}
	after, err := r.placeOf(q.Cursor)
	if err != nil {
		return nil, err
	}
	view := scope{r.Question, newCalendar(r.Question.Zone, whole, r.Question.From, r.Question.To), 0}
	plan := rawSources[kind].plan(view)
	r.Query, r.Params = plan.Query, view.behind(after)
	r.SQL, err = plan.statement()
	return r, err
}

func (s scope) rawParams() params { return s.behind(nowhere()) }

// behind asks for the rows of a range behind a place.
func (s scope) behind(p RawPlace) params {
	limit := uint64(math.MaxInt64)
	if s.Limit > 0 {
		limit = uint64(s.Limit)
	}
	return s.momentParams().with(params{
		"after_day": p.Day.String(), "after_label": one(p.Label), "after_person": strconv.FormatUint(p.Person, 10),
		"after_at": strconv.FormatInt(p.At, 10), "after_seq": strconv.FormatUint(p.Seq, 10), "after_id": one(p.ID),
		"limit": strconv.FormatUint(limit, 10),
	})
}

// nowhere is before every row.
func nowhere() RawPlace { return RawPlace{Day: firstDate, At: math.MinInt64} }

// rawCursor is what a cursor holds: whose it is, and the place.
type rawCursor struct {
	Of     []byte `json:"q"`
	Day    string `json:"d"`
	Label  string `json:"l"`
	Person uint64 `json:"p"`
	At     int64  `json:"a"`
	Seq    uint64 `json:"s"`
	ID     string `json:"i"`
}

// maxCursorBytes bounds a cursor that a client sends: labels and ids are
// bounded where rows come in, and base64 and JSON make them longer.
const maxCursorBytes = 32 << 10

// identity is that of the question, whatever its limit.
func (r *RawRead) identity() []byte {
	return r.Question.identity("raw/" + string(r.kind))[:cursorBytes-4]
}

// Cursor makes the cursor to the rows behind a place.
func (r *RawRead) Cursor(p RawPlace) string {
	text, err := json.Marshal(rawCursor{r.identity(), p.Day.String(), p.Label, p.Person, p.At, p.Seq, p.ID})
	if err != nil {
		panic(err) // texts and numbers
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (r *RawRead) placeOf(cursor string) (RawPlace, error) {
	if cursor == "" {
		return nowhere(), nil
	}
	var c rawCursor
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) > maxCursorBytes || json.Unmarshal(text, &c) != nil {
		return RawPlace{}, wrong(CodeInvalid, "cursor", "is none that an export gave")
	}
	day, err := ParseDate(c.Day)
	if err != nil || day.Before(firstDate) || lastDate.Before(day) {
		return RawPlace{}, wrong(CodeInvalid, "cursor", "is none that an export gave")
	}
	if string(c.Of) != string(r.identity()) {
		return RawPlace{}, wrong(CodeInvalid, "cursor", "belongs to another export: begin again without it")
	}
	return RawPlace{day, c.Label, c.Person, c.At, c.Seq, c.ID}, nil
}
