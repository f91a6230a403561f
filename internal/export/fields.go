package export

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/report"
)

// columnTag is the tag by which a field of report's structs says what its type
// does not: period, date, moment, share, cell.
const columnTag = "column"

// leaf is a value within a row's struct: a column, or of a list of numbers as
// many columns as the longest one has.
type leaf struct {
	Column
	tag   string
	path  []int // fields from the row to it
	maybe bool  // the column is there only where some row has a value
	list  bool
}

// leavesOf lists the leaves of a struct in the order of its fields; structs
// within it are flattened, the name of the field before those of its own.
func leavesOf(t reflect.Type, before string, path []int, nullable, maybe bool) []leaf {
	var list []leaf
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		at := append(append([]int(nil), path...), i)
		of, pointer := f.Type, f.Type.Kind() == reflect.Pointer
		if pointer {
			of = of.Elem()
		}
		l := leaf{
			Column: Column{Name: before + name, Nullable: nullable || pointer}, tag: f.Tag.Get(columnTag), path: at,
			maybe: maybe || pointer && (f.Anonymous || options == "omitempty"),
		}
		if of.Kind() == reflect.Struct {
			list = append(list, leavesOf(of, before+prefix(name), at, l.Nullable, l.maybe)...)
			continue
		}
		list = append(list, l.typed(of))
	}
	return list
}

func prefix(name string) string {
	if name == "" {
		return ""
	}
	return name + "_"
}

// typed settles the kind by the type and the tag.
func (l leaf) typed(t reflect.Type) leaf {
	switch l.tag {
	case "cell":
		l.list, l.Kind, l.Nullable = true, Integer, true
	case "share":
		l.Kind = Share
	case "date", "period":
		l.Kind = Date
	case "moment":
		l.Kind = Moment
	default:
		l.Kind = kindOf(t)
	}
	return l
}

func kindOf(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.Bool:
		return Flag
	case reflect.Float64:
		return Number
	case reflect.Slice:
		return List
	case reflect.Map:
		return Pairs
	case reflect.String:
		return Text
	default:
		return Integer
	}
}

// value reads a leaf of a row; invalid where a pointer on the way is nil.
func (l leaf) value(row reflect.Value) reflect.Value {
	for _, i := range l.path {
		if row = direct(row); !row.IsValid() {
			return row
		}
		row = row.Field(i)
	}
	return direct(row)
}

// direct follows a pointer.
func direct(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer {
		return v.Elem()
	}
	return v
}

// cellOf makes a cell of a value of report's.
func cellOf(kind Kind, v reflect.Value) any {
	if v = direct(v); !v.IsValid() {
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		return ofText(kind, v.String())
	case reflect.Int64, reflect.Int32, reflect.Int:
		return v.Int()
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		return int64(v.Uint())
	case reflect.Float64:
		return v.Float()
	default:
		return v.Interface()
	}
}

// ofText reads the texts of times back; what is none stays as it is, which a
// test would see.
func ofText(kind Kind, text string) any {
	layout := ""
	switch kind {
	case Date:
		layout = time.DateOnly
	case Moment:
		layout = time.RFC3339
	default:
		return text
	}
	if t, err := time.Parse(layout, text); err == nil {
		return t
	}
	return text
}

// ofQuery are the columns of a query's rows: what it was broken down by, then
// its metrics.
func ofQuery(q *report.Query) []Column {
	columns := make([]Column, 0, len(q.Dimensions)+len(q.Metrics))
	for _, name := range q.Dimensions {
		kind := Text
		if name == "period" {
			kind = Date
		}
		columns = append(columns, Column{Name: name, Kind: kind})
	}
	for _, name := range q.Metrics {
		columns = append(columns, Column{Name: name, Kind: kindOfMetric(name), Nullable: true})
	}
	return columns
}

func kindOfMetric(name string) Kind {
	for _, m := range report.Metrics() {
		if m.Key == name && m.Unit == "ratio" {
			return Number
		}
	}
	return Integer
}

func cellName(name string, n int) string {
	return strings.TrimSuffix(name, "s") + "_" + strconv.Itoa(n)
}
