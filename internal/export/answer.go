package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"ibarura/internal/report"
)

// Fact is a line of what a file says of itself.
type Fact struct{ Name, Value string }

// File is an answer that is to be written as a file.
type File struct {
	Format  Format
	Project string
	Path    string // of the question
	Answer  *report.Answer
	Tables  []Table
	table   string
}

// NewFile takes an answer apart. table names the tables that are wanted, see
// Select; of an answer that does not have it the error is an
// *UnknownTableError.
func NewFile(format Format, project, path, table string, a *report.Answer) (*File, error) {
	wanted := table
	if format == XLSX && table == "" {
		wanted = AllTables // a sheet more is in nobody's way
	}
	tables, err := Select(Tables(a), wanted)
	return &File{Format: format, Project: project, Path: path, Answer: a, Tables: tables, table: table}, err
}

// Name is the file's: project, question, table and range, whose end is out.
func (f *File) Name() string {
	parts := []string{f.Project, strings.ReplaceAll(f.Path, "/", "-")}
	if f.table != "" && f.table != AllTables {
		parts = append(parts, f.table)
	}
	parts = append(parts, f.Answer.Meta.From, f.Answer.Meta.To)
	return strings.Join(parts, "-") + "." + string(f.Format)
}

// Tag is the answer's, told apart by format and table; empty where it has none.
func (f *File) Tag() string {
	tag, tagged := strings.CutSuffix(f.Answer.ETag, `"`)
	if !tagged {
		return ""
	}
	return tag + "-" + string(f.Format) + "-" + f.table + `"`
}

// Write writes the file. A *LimitError says that the format cannot hold it.
func (f *File) Write(to io.Writer) error {
	if f.Format == XLSX {
		return writeXLSX(to, f.Tables, f.About())
	}
	table, err := union(f.Tables)
	if err != nil {
		return err
	}
	w, err := f.Format.open(to, table.Columns, true)
	if err != nil {
		return err
	}
	for _, row := range table.Rows {
		if err := w.write(row); err != nil {
			return err
		}
	}
	return w.close()
}

// About says what the numbers mean, as the envelope of the JSON answer does.
func (f *File) About() []Fact {
	m := f.Answer.Meta
	facts := []Fact{
		{"Question", m.Definition.Title}, {"Definition", m.Definition.Sentence}, {"Path", f.Path}, {"Project", f.Project},
		{"From", m.From}, {"To (not included)", m.To}, {"Interval", string(m.Interval)}, {"Time zone", m.Timezone},
		{"Filters", compact(m.Filters)}, {"Parameters", compact(m.Options)}, {"As of", m.AsOf.Format(time.RFC3339)},
		{"Exact", fmt.Sprint(m.Exact)}, {"Read from", strings.Join(m.Source, ", ")}, {"Partial periods", strings.Join(m.Partial, ", ")},
		{"Notes", strings.Join(m.Notes, " ")}, {"Next cursor", m.NextCursor},
	}
	if f.Answer.Compare != nil {
		facts = append(facts, Fact{"Compared from", f.Answer.Compare.From}, Fact{"Compared to (not included)", f.Answer.Compare.To})
	}
	if m.Question != nil {
		facts = append(facts, Fact{"Query", compact(m.Question)})
	}
	return facts
}

// compact writes a value of the envelope as JSON; nothing is empty.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil || string(text) == "{}" || string(text) == "null" {
		return ""
	}
	return string(text)
}
