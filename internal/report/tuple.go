package report

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a condition.
const (
	maxConditions     = 50
	maxConditionDepth = 6
)

// ParseCondition reads a filter as the API writes it, decoded from JSON: a
// list whose first element is the operator, as in
//
//	["and", ["eq", "role", "core"], ["not", ["in", "type", ["login", "logout"]]]]
//
// The error is a *QuestionError, whose field is a path such as filters/1/2.
func ParseCondition(tuple any) (*Condition, error) {
	p := &tupleParser{}
	c, wrong := p.parse(tuple, "filters", 1)
	if wrong != nil {
		return nil, wrong
	}
	return c, nil
}

type tupleParser struct{ conditions int }

func (p *tupleParser) parse(tuple any, at string, depth int) (*Condition, *QuestionError) {
	p.conditions++
	if p.conditions > maxConditions {
		return nil, wrong(CodeOutOfRange, "filters", "has more than %d conditions", maxConditions)
	}
	if depth > maxConditionDepth {
		return nil, wrong(CodeOutOfRange, at, "is nested deeper than %d conditions", maxConditionDepth)
	}
	list, is := tuple.([]any)
	if !is || len(list) == 0 {
		return nil, wrong(CodeInvalid, at, "has to be a list that begins with an operator: %s", operatorNames())
	}
	name, _ := list[0].(string)
	switch name {
	case "and", "or", "not":
		return p.join(name, list[1:], at, depth)
	}
	op, known := operators[name]
	if !known {
		return nil, wrong(CodeInvalid, at+"/0", "is no operator; it is one of %s", operatorNames())
	}
	return compare(name, op, list[1:], at)
}

func (p *tupleParser) join(name string, list []any, at string, depth int) (*Condition, *QuestionError) {
	if len(list) == 0 || name == "not" && len(list) != 1 {
		return nil, wrong(CodeInvalid, at, "joins %d conditions; not takes one, and and or take one or more", len(list))
	}
	c := &Condition{Op: name}
	for i, element := range list {
		of, wrong := p.parse(element, fmt.Sprintf("%s/%d", at, i+1), depth+1)
		if wrong != nil {
			return nil, wrong
		}
		c.Of = append(c.Of, of)
	}
	return c, nil
}

func compare(name string, op operator, list []any, at string) (*Condition, *QuestionError) {
	if len(list) == 0 {
		return nil, wrong(CodeInvalid, at, "lacks the dimension that %s compares", name)
	}
	on, _ := list[0].(string)
	if key, d, known := dimensionOf(on); !known || !d.Filters || len(key.property) > maxFilterBytes {
		return nil, wrong(CodeInvalid, at+"/1", "is %s, by which nothing can be filtered; there are %s", quoted(on), dimensionNames(filterable()))
	}
	values, wrong := valuesOf(name, op, list[1:], at)
	return &Condition{Op: name, On: on, Values: values}, wrong
}

func filterable() []Dimension {
	var list []Dimension
	for _, d := range dimensions {
		if d.Filters {
			list = append(list, d)
		}
	}
	return list
}

func valuesOf(name string, op operator, list []any, at string) ([]string, *QuestionError) {
	if op.list {
		listed, is := []any(nil), len(list) == 1
		if is {
			listed, is = list[0].([]any)
		}
		if !is {
			return nil, wrong(CodeInvalid, at+"/2", "has to be a list of texts")
		}
		list, at = listed, at+"/2"
	}
	if len(list) < op.least || len(list) > op.most {
		return nil, wrong(CodeOutOfRange, at, "has %d values; %s takes %d to %d", len(list), name, op.least, op.most)
	}
	values := make([]string, len(list))
	for i, element := range list {
		text, wrong := valueOf(element, name, at)
		if wrong != nil {
			return nil, wrong
		}
		values[i] = text
	}
	return values, nil
}

func valueOf(element any, operator, at string) (string, *QuestionError) {
	var text string
	switch v := element.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return "", wrong(CodeInvalid, at, "has a value that is neither text nor number nor true or false")
	}
	switch operator {
	case "gt", "gte", "lt", "lte":
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "", wrong(CodeInvalid, at, "compares with %s, which is no number", quoted(text))
		}
	}
	switch {
	case len(text) > maxFilterBytes:
		return "", wrong(CodeOutOfRange, at, "has a value of %d bytes; the limit is %d", len(text), maxFilterBytes)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", wrong(CodeInvalid, at, "has a value that is not UTF-8, or that holds NUL")
	}
	return text, nil
}

// MarshalJSON writes the condition as ParseCondition reads it.
func (c *Condition) MarshalJSON() ([]byte, error) {
	tuple := []any{c.Op}
	for _, of := range c.Of {
		tuple = append(tuple, of)
	}
	if c.On != "" {
		tuple = append(tuple, c.On)
		switch {
		case operators[c.Op].list:
			tuple = append(tuple, c.Values)
		case len(c.Values) == 1:
			tuple = append(tuple, c.Values[0])
		}
	}
	return json.Marshal(tuple)
}
