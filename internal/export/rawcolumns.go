package export

import (
	"time"

	"ibarura/internal/report"
)

// rawColumns are the columns of raw rows as the statements name them.
var rawColumns = map[report.RawKind][]Column{
	report.RawEvents: {
		{Name: "day", Kind: Date}, {Name: "occurred_at", Kind: Moment}, {Name: "received_at", Kind: Moment}, {Name: "id", Kind: Text},
		{Name: "type", Kind: Text}, {Name: "user_id", Kind: Text}, {Name: "anonymous_id", Kind: Text}, {Name: "session_id", Kind: Text},
		{Name: "role", Kind: Text}, {Name: "object_type", Kind: Text}, {Name: "object_id", Kind: Text}, {Name: "tags", Kind: List},
		{Name: "properties", Kind: Pairs}, {Name: "active", Kind: Flag},
	},
	report.RawPageViews: {
		{Name: "day", Kind: Date}, {Name: "occurred_at", Kind: Moment}, {Name: "received_at", Kind: Moment}, {Name: "id", Kind: Text},
		{Name: "path", Kind: Text}, {Name: "user_id", Kind: Text}, {Name: "anonymous_id", Kind: Text}, {Name: "session_id", Kind: Text},
		{Name: "role", Kind: Text}, {Name: "object_type", Kind: Text}, {Name: "object_id", Kind: Text}, {Name: "url", Kind: Text},
		{Name: "host", Kind: Text}, {Name: "title", Kind: Text}, {Name: "referrer", Kind: Text}, {Name: "source", Kind: Text},
		{Name: "utm_source", Kind: Text}, {Name: "utm_medium", Kind: Text}, {Name: "utm_campaign", Kind: Text}, {Name: "utm_term", Kind: Text},
		{Name: "utm_content", Kind: Text}, {Name: "duration_ms", Kind: Integer}, {Name: "device", Kind: Text}, {Name: "browser", Kind: Text},
		{Name: "os", Kind: Text}, {Name: "country", Kind: Text}, {Name: "bot", Kind: Flag}, {Name: "properties", Kind: Pairs},
	},
}

// Columns of raw rows that are parts of their place.
const (
	dayAt   = 0
	timeAt  = 1
	idAt    = 3
	labelAt = 4
)

// rawRow is where a row is read into, one after the other.
type rawRow struct {
	dest  []any // pointers, one a column, then those of next
	cells []any
	// The rest of the place of the row in cells; and of one that is being read.
	key, next struct{ person, seq uint64 }
}

func newRawRow(columns []Column) *rawRow {
	r := &rawRow{cells: make([]any, len(columns))}
	for _, c := range columns {
		r.dest = append(r.dest, roomFor(c.Kind))
	}
	r.dest = append(r.dest, &r.next.person, &r.next.seq)
	return r
}

func roomFor(kind Kind) any {
	switch kind {
	case Integer:
		return new(int64)
	case Flag:
		return new(bool)
	case Date, Moment:
		return new(time.Time)
	case List:
		return new([]string)
	case Pairs:
		return new(map[string]string)
	default:
		return new(string)
	}
}

// scan reads the next row.
func (r *rawRow) scan(scan func(dest ...any) error) error {
	if err := scan(r.dest...); err != nil {
		return err
	}
	r.key = r.next
	for i := range r.cells {
		switch v := r.dest[i].(type) {
		case *string:
			r.cells[i] = *v
		case *int64:
			r.cells[i] = *v
		case *bool:
			r.cells[i] = *v
		case *time.Time:
			r.cells[i] = *v
		case *[]string:
			r.cells[i] = *v
		case *map[string]string:
			r.cells[i] = *v
		}
	}
	return nil
}

func (r *rawRow) at() time.Time { return r.cells[timeAt].(time.Time) }

// place is where the row stands.
func (r *rawRow) place() report.RawPlace {
	return report.RawPlace{
		Day: report.DateIn(r.cells[dayAt].(time.Time), time.UTC), Label: r.cells[labelAt].(string), Person: r.key.person,
		At: r.at().UnixMilli(), Seq: r.key.seq, ID: r.cells[idAt].(string),
	}
}
