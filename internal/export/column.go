package export

// Kind is what the cells of a column are. A cell is nil where nothing is known.
type Kind string

// The kinds, and the Go types of their cells.
const (
	Text    Kind = "text"    // string
	Integer Kind = "integer" // int64
	Number  Kind = "number"  // float64
	Share   Kind = "share"   // float64, 1 is all
	Flag    Kind = "flag"    // bool
	Date    Kind = "date"    // time.Time, midnight UTC of a local date
	Moment  Kind = "moment"  // time.Time, in the zone in which it is shown
	List    Kind = "list"    // []string
	Pairs   Kind = "pairs"   // map[string]string
)

// Column is a column of a table.
type Column struct {
	Name string
	Kind Kind
	// Nullable: cells may be nil.
	Nullable bool
}

// Table is a part of an answer as rows and columns.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]any // a cell a column
	// Derived: its numbers follow from those of the other tables.
	Derived bool
}

// rowWriter writes rows in one format. write may keep neither the row nor its
// cells; close completes the file and leaves what is under it open.
type rowWriter interface {
	write(row []any) error
	close() error
}
