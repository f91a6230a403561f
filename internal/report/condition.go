package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Condition is a filter of a query: a comparison of a dimension, or others
// joined by and, or and not.
type Condition struct {
	Op     string       // one of the operators
	On     string       // dimension that a comparison is about
	Values []string     // what it is compared with
	Of     []*Condition // what and, or and not join
}

// operator is what a comparison does.
type operator struct {
	least, most int // values
	list        bool
	// sql makes the predicate of an expression and the parameter of the values.
	sql func(expr, values string) string
}

// maxListed bounds the values of in and not_in.
const maxListed = 100

func each(function string) func(expr, values string) string {
	return func(expr, values string) string { return function + "(" + expr + ", " + values + "[1])" }
}

func numeric(sign string) func(expr, values string) string {
	return func(expr, values string) string {
		return "ifNull(toFloat64OrNull(" + expr + ") " + sign + " toFloat64(" + values + "[1]), false)"
	}
}

func within(expr, values string) string  { return "has(" + values + ", " + expr + ")" }
func without(expr, values string) string { return "NOT has(" + values + ", " + expr + ")" }

// operators are the comparisons.
var operators = map[string]operator{
	"eq":       {1, 1, false, within},
	"ne":       {1, 1, false, without},
	"in":       {1, maxListed, true, within},
	"not_in":   {1, maxListed, true, without},
	"contains": {1, 1, false, func(expr, values string) string { return "position(" + expr + ", " + values + "[1]) > 0" }},
	"prefix":   {1, 1, false, each("startsWith")},
	"suffix":   {1, 1, false, each("endsWith")},
	"gt":       {1, 1, false, numeric(">")},
	"gte":      {1, 1, false, numeric(">=")},
	"lt":       {1, 1, false, numeric("<")},
	"lte":      {1, 1, false, numeric("<=")},
	"set":      {0, 0, false, func(expr, _ string) string { return expr + " != ''" }},
	"not_set":  {0, 0, false, func(expr, _ string) string { return expr + " = ''" }},
}

// Operators lists every operator by name.
func Operators() []string {
	names := append(slices.Collect(maps.Keys(operators)), "and", "or", "not")
	slices.Sort(names)
	return names
}

func operatorNames() string { return strings.Join(Operators(), ", ") }

// dimensions lists every dimension that a condition names, once.
func (c *Condition) dimensions() []dimensionKey {
	if c == nil {
		return nil
	}
	var list []dimensionKey
	if c.On != "" {
		key, _, _ := dimensionOf(c.On)
		list = append(list, key)
	}
	for _, of := range c.Of {
		for _, key := range of.dimensions() {
			if !slices.Contains(list, key) {
				list = append(list, key)
			}
		}
	}
	return list
}

// predicate writes the condition over a source's columns, its values as
// parameters.
func (c *Condition) predicate(b *binder, source *cubeSource) string {
	switch c.Op {
	case "not":
		return "NOT (" + c.Of[0].predicate(b, source) + ")"
	case "and", "or":
		parts := make([]string, len(c.Of))
		for i, of := range c.Of {
			parts[i] = "(" + of.predicate(b, source) + ")"
		}
		return strings.Join(parts, " "+strings.ToUpper(c.Op)+" ")
	}
	key, _, _ := dimensionOf(c.On)
	values := ""
	if len(c.Values) > 0 {
		values = b.texts(c.Values)
	}
	op := operators[c.Op]
	if key.kind == "tag" && source.raw() {
		return c.ofTags(op, values)
	}
	return op.sql(b.column(source, key), values)
}

// ofTags is about the tags of an event as a whole: one of them has to fit, or,
// where the operator denies, none may.
func (c *Condition) ofTags(op operator, values string) string {
	switch c.Op {
	case "ne":
		return "NOT hasAny(tags, " + values + ")"
	case "not_in":
		return "NOT hasAny(tags, " + values + ")"
	case "not_set":
		return "empty(tags)"
	}
	return "arrayExists(tag -> " + op.sql("toString(tag)", values) + ", tags)"
}

// binder gives the values of a statement names as parameters.
type binder struct{ params params }

// texts binds a list of texts.
func (b *binder) texts(values []string) string {
	name := fmt.Sprintf("v%d", len(b.params))
	b.params[name] = texts(values)
	return "{" + name + ":Array(String)}"
}

// column is the expression of a dimension in a source.
func (b *binder) column(source *cubeSource, key dimensionKey) string {
	expr := source.columns[key.kind]
	if key.kind == "property" {
		return fmt.Sprintf(expr, b.texts([]string{key.property})+"[1]")
	}
	return expr
}
