package export

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ibarura/internal/report"
)

// Names of tables that an answer has beside its own parts.
const (
	onlyTable    = "data"
	summaryTable = "summary"
	compareTable = "compare"
	// AllTables asks for every table, derived ones too.
	AllTables = "all"
)

// Tables takes an answer apart: a table for each list in it, and one of a single
// row for totals. An answer that is a list is the table data; what stands beside
// it begins with summary or compare. Tables by period have a column partial.
func Tables(a *report.Answer) []Table {
	p := parts{partial: a.Meta.Partial, query: a.Meta.Question, period: Date}
	if a.Meta.Interval == report.Hour {
		p.period = Moment
	}
	p.add("", reflect.ValueOf(a.Data))
	p.derived = true
	p.add(summaryTable, reflect.ValueOf(a.Summary))
	if a.Compare != nil {
		p.partial, p.derived = nil, false // what is partial is said of the asked range alone
		p.add(compareTable, reflect.ValueOf(a.Compare.Data))
		p.derived = true
		p.add(compareTable+"_"+summaryTable, reflect.ValueOf(a.Compare.Summary))
	}
	return p.tables
}

// parts collects the tables of an answer.
type parts struct {
	partial []string
	query   *report.Query
	period  Kind // of the labels of periods: dates, or moments at which hours begin
	derived bool
	tables  []Table
}

// add takes a part of an answer apart under a name; empty for the data.
func (p *parts) add(name string, v reflect.Value) {
	if v = direct(v); !v.IsValid() {
		return
	}
	switch {
	case v.Kind() == reflect.Slice:
		p.addList(name, v)
	case hasScalars(v.Type()):
		rows := reflect.MakeSlice(reflect.SliceOf(v.Type()), 0, 1)
		p.addList(name, reflect.Append(rows, v))
	default:
		p.addFields(name, v)
	}
}

func (p *parts) addFields(name string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		part, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if list := v.Field(i); list.Kind() == reflect.Slice && list.Type().Elem().Kind() != reflect.Struct {
			p.tables = append(p.tables, p.numbered(prefix(name)+part, f.Tag.Get(columnTag), list))
			continue
		}
		if f.Type.Kind() == reflect.Pointer && v.Field(i).IsNil() {
			p.addList(prefix(name)+part, reflect.MakeSlice(reflect.SliceOf(f.Type.Elem()), 0, 0))
			continue
		}
		p.add(prefix(name)+part, v.Field(i))
	}
}

// hasScalars reports whether a struct is a row, and not made of lists.
func hasScalars(t reflect.Type) bool {
	for i := range t.NumField() {
		of := t.Field(i).Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct && !t.Field(i).Anonymous || of.Kind() == reflect.Slice {
			return false
		}
	}
	return true
}

// numbered is a list of numbers: each with its place, from 0 on.
func (p *parts) numbered(name, tag string, list reflect.Value) Table {
	value := leaf{tag: tag, Column: Column{Name: "value", Nullable: true}}.typed(direct(reflect.New(list.Type().Elem().Elem())).Type())
	table := Table{Name: name, Columns: []Column{{Name: "cell", Kind: Integer}, value.Column}, Derived: p.derived}
	for i := range list.Len() {
		table.Rows = append(table.Rows, []any{int64(i), cellOf(value.Kind, list.Index(i))})
	}
	return table
}

// addList makes a table of a list of structs, or of a query's rows.
func (p *parts) addList(name string, list reflect.Value) {
	if name == "" || name == compareTable && list.Type().Elem().Kind() == reflect.Map {
		name = strings.TrimSuffix(prefix(name)+onlyTable, "_"+onlyTable)
	}
	table := Table{Name: name, Derived: p.derived}
	var labels []string
	if rows, is := list.Interface().([]report.Row); is {
		labels = table.fillQuery(p.query, p.period, rows)
	} else {
		labels = table.fill(p.period, list)
	}
	if labels != nil && p.partial != nil {
		table.mark(labels, p.partial)
	}
	p.tables = append(p.tables, table)
}

// fill reads the rows of structs, and returns the labels of their periods; nil
// if they have none.
func (t *Table) fill(period Kind, list reflect.Value) (labels []string) {
	leaves := present(leavesOf(list.Type().Elem(), "", nil, false, false), list)
	t.Rows = make([][]any, list.Len())
	for _, l := range leaves {
		if l.tag == "period" {
			labels = textsOf(l, list)
			l.Kind = period
		}
		n := 1
		if l.list {
			n = longest(l, list)
		}
		for cell := range n {
			t.Columns = append(t.Columns, l.column(cell))
		}
		for i := range t.Rows {
			t.Rows[i] = append(t.Rows[i], l.cells(list.Index(i), n)...)
		}
	}
	return labels
}

func (l leaf) column(cell int) Column {
	c := l.Column
	if l.list {
		c.Name = cellName(c.Name, cell)
	}
	return c
}

// cells are those of a row: one, or of a list n.
func (l leaf) cells(row reflect.Value, n int) []any {
	v := l.value(row)
	if !l.list {
		return []any{cellOf(l.Kind, v)}
	}
	cells := make([]any, n)
	for i := range v.Len() {
		cells[i] = cellOf(l.Kind, v.Index(i))
	}
	return cells
}

// present leaves out the leaves that are there only where some row has them.
func present(leaves []leaf, list reflect.Value) []leaf {
	return slices.DeleteFunc(leaves, func(l leaf) bool {
		if !l.maybe {
			return false
		}
		for i := range list.Len() {
			if l.value(list.Index(i)).IsValid() {
				return false
			}
		}
		return true
	})
}

func longest(l leaf, list reflect.Value) int {
	n := 0
	for i := range list.Len() {
		n = max(n, l.value(list.Index(i)).Len())
	}
	return n
}

// textsOf are the texts of a leaf; never nil.
func textsOf(l leaf, list reflect.Value) []string {
	texts := make([]string, list.Len())
	for i := range texts {
		texts[i] = l.value(list.Index(i)).String()
	}
	return texts
}

// fillQuery reads the rows of a query.
func (t *Table) fillQuery(q *report.Query, period Kind, rows []report.Row) (labels []string) {
	t.Columns = ofQuery(q)
	for i, c := range t.Columns {
		if c.Name == "period" && i < len(q.Dimensions) {
			labels = make([]string, len(rows))
			for n, row := range rows {
				labels[n], _ = row[c.Name].(string)
			}
			t.Columns[i].Kind = period
		}
	}
	for _, row := range rows {
		cells := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			if v := row[c.Name]; v != nil {
				cells[i] = cellOf(c.Kind, reflect.ValueOf(v))
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return labels
}

// mark adds the column that says which periods are partial.
func (t *Table) mark(labels, partial []string) {
	t.Columns = append(t.Columns, Column{Name: "partial", Kind: Flag})
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], slices.Contains(partial, labels[i]))
	}
}

// UnknownTableError names a table that an answer does not have.
type UnknownTableError struct {
	Known []string
}

func (e *UnknownTableError) Error() string {
	return fmt.Sprintf("the answer has no such table; it has %s, and %s", strings.Join(e.Known, ", "), AllTables)
}

// Select returns the tables of a name: empty, all but what is derived; AllTables,
// all.
func Select(tables []Table, name string) ([]Table, error) {
	var chosen []Table
	var known []string
	for _, t := range tables {
		known = append(known, t.Name)
		if t.Name == name || name == AllTables || name == "" && !t.Derived {
			chosen = append(chosen, t)
		}
	}
	if len(chosen) == 0 {
		return nil, &UnknownTableError{known}
	}
	return chosen, nil
}
