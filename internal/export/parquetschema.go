package export

import (
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// group is a Parquet group with its fields in the order given: the library's
// own sorts them by name.
type group struct {
	parquet.Node
	fields []parquet.Field
}

func (g group) Fields() []parquet.Field { return g.fields }

// field is a named node of a group.
type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value is asked for only when Go values are taken apart, which we do ourselves.
func (f field) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func newGroup(columns []Column) group {
	g := group{Node: parquet.Group{}}
	for _, c := range columns {
		g.fields = append(g.fields, field{nodeOf(c), c.Name})
	}
	return g
}

func nodeOf(c Column) parquet.Node {
	node := map[Kind]parquet.Node{
		Text: parquet.String(), Integer: parquet.Int(64), Number: parquet.Leaf(parquet.DoubleType), Share: parquet.Leaf(parquet.DoubleType),
		Flag: parquet.Leaf(parquet.BooleanType), Date: parquet.Date(), Moment: parquet.Timestamp(parquet.Millisecond),
		List: parquet.List(parquet.String()), Pairs: parquet.Map(parquet.String(), parquet.String()),
	}[c.Kind]
	if c.Nullable && !c.many() {
		return parquet.Optional(node)
	}
	return node
}

// many reports whether a cell is several values; nothing is none of them.
func (c Column) many() bool { return c.Kind == List || c.Kind == Pairs }

// leaves is the number of Parquet's columns that a column is stored in.
func (c Column) leaves() int {
	if c.Kind == Pairs {
		return 2
	}
	return 1
}
