package openapi

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Schema is a JSON Schema of draft 2020-12, as far as answers need it.
type Schema struct {
	Ref                  string       `json:"$ref,omitempty"`
	Type                 any          `json:"type,omitempty"` // a name, or several
	Format               string       `json:"format,omitempty"`
	Description          string       `json:"description,omitempty"`
	Enum                 []any        `json:"enum,omitempty"`
	Const                any          `json:"const,omitempty"`
	Default              any          `json:"default,omitempty"`
	Minimum              *int64       `json:"minimum,omitempty"`
	Maximum              *int64       `json:"maximum,omitempty"`
	MaxLength            int          `json:"maxLength,omitempty"`
	MinItems             int          `json:"minItems,omitempty"`
	MaxItems             int          `json:"maxItems,omitempty"`
	Items                *Schema      `json:"items,omitempty"`
	Properties           Map[*Schema] `json:"properties,omitempty"`
	Required             []string     `json:"required,omitempty"`
	AdditionalProperties any          `json:"additionalProperties,omitempty"` // a Schema, or false
	AnyOf                []*Schema    `json:"anyOf,omitempty"`
	AllOf                []*Schema    `json:"allOf,omitempty"`
}

// Text is a text; values, if there are any, are the only ones.
func Text(values ...string) *Schema {
	s := &Schema{Type: "string"}
	for _, value := range values {
		s.Enum = append(s.Enum, value)
	}
	return s
}

// Integer is a whole number, from least on, and up to most unless that is 0.
func Integer(least, most int64) *Schema {
	s := &Schema{Type: "integer", Minimum: &least}
	if most != 0 {
		s.Maximum = &most
	}
	return s
}

// Number is any number.
func Number() *Schema { return &Schema{Type: "number"} }

// Bool is true or false.
func Bool() *Schema { return &Schema{Type: "boolean"} }

// List is an array.
func List(of *Schema) *Schema { return &Schema{Type: "array", Items: of} }

// OrNull allows null beside what a schema allows.
func OrNull(s *Schema) *Schema {
	name, plain := s.Type.(string)
	if !plain || s.Enum != nil {
		return &Schema{AnyOf: []*Schema{s, {Type: "null"}}}
	}
	either := *s
	either.Type = []string{name, "null"}
	return &either
}

// Described returns the schema with a description.
func (s *Schema) Described(text string) *Schema {
	said := *s
	said.Description = text
	return &said
}

// Schemas makes schemas of Go types, as encoding/json writes their values: a
// nil pointer is null, omitempty and an embedded pointer leave fields out, and
// no other field is there. No library at hand does all of that with a named
// component for each type. Types with a name become components.
type Schemas struct {
	components Map[*Schema]
	types      map[string]reflect.Type
	own        map[reflect.Type]*Schema
}

// NewSchemas returns a collection without components. own are the schemas of
// types that write themselves.
func NewSchemas(own map[reflect.Type]*Schema) *Schemas {
	return &Schemas{types: map[string]reflect.Type{}, own: own}
}

// Components are the schemas of the types met so far, by name.
func (c *Schemas) Components() Map[*Schema] {
	sorted := slices.Clone(c.components)
	slices.SortFunc(sorted, func(a, b Member[*Schema]) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}

// Types are the types met so far, by the names of their components.
func (c *Schemas) Types() map[string]reflect.Type { return c.types }

// Of returns the schema of a value's type; nil is anything.
func (c *Schemas) Of(value any) *Schema {
	if value == nil {
		return &Schema{}
	}
	return c.of(reflect.TypeOf(value))
}

// Struct returns the schema of a struct's type in place, not as a component,
// with some of its fields replaced, by their names in JSON.
func (c *Schemas) Struct(value any, replaced map[string]*Schema) *Schema {
	return c.object(reflect.TypeOf(value), replaced)
}

var timeType = reflect.TypeFor[time.Time]()

func (c *Schemas) of(t reflect.Type) *Schema {
	if s, found := c.own[t]; found {
		return s
	}
	if t == timeType {
		return &Schema{Type: "string", Format: "date-time"}
	}
	switch t.Kind() { //nolint:exhaustive // the kinds that JSON has no value for end in the panic
	case reflect.Pointer:
		return OrNull(c.of(t.Elem()))
	case reflect.Struct:
		return c.named(t)
	case reflect.Slice:
		return List(c.of(t.Elem()))
	case reflect.Map:
		return &Schema{Type: "object", AdditionalProperties: c.of(t.Elem())}
	case reflect.Interface:
		return &Schema{}
	case reflect.String:
		return Text()
	case reflect.Bool:
		return Bool()
	case reflect.Float32, reflect.Float64:
		return Number()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Integer(0, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &Schema{Type: "integer"}
	}
	panic(fmt.Sprintf("openapi: no schema for %s", t)) // at start, in every test: a type of ours that JSON cannot hold
}

// named makes the component of a struct, and refers to it.
func (c *Schemas) named(t reflect.Type) *Schema {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	switch other, found := c.types[name]; {
	case !found:
		c.types[name] = t
		c.components.Set(name, nil) // a type may refer to itself
		c.components.Set(name, c.object(t, nil))
	case other != t:
		panic(fmt.Sprintf("openapi: %s and %s have the same name", t, other))
	}
	return &Schema{Ref: "#/components/schemas/" + name}
}

func (c *Schemas) object(t reflect.Type, replaced map[string]*Schema) *Schema {
	s := &Schema{Type: "object", Description: comment(t, ""), AdditionalProperties: false}
	c.addFields(s, t, replaced, true)
	return s
}

// addFields adds the fields of a struct. Those of an embedded pointer may all
// be absent.
func (c *Schemas) addFields(s *Schema, t reflect.Type, replaced map[string]*Schema, present bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Pointer:
			c.addFields(s, f.Type.Elem(), replaced, false)
		case f.Anonymous && name == "":
			c.addFields(s, f.Type, replaced, present)
		case f.IsExported() && name != "-":
			required := present && !strings.Contains(options, "omit")
			if name == "" {
				name = f.Name
			}
			field := replaced[name]
			if field == nil {
				field = c.field(f, strings.Contains(options, "omit"))
			}
			s.addField(name, field, comment(t, f.Name), required)
		}
	}
}

func (s *Schema) addField(name string, field *Schema, text string, required bool) {
	if text != "" && field.Description == "" {
		field = field.Described(text)
	}
	s.Properties.Set(name, field)
	if required && !slices.Contains(s.Required, name) {
		s.Required = append(s.Required, name)
	}
}

// field is the schema of a field. One that may be omitted is left out instead of
// being null; the tag schema:"null" is for lists that are null where they are
// not known.
func (c *Schemas) field(f reflect.StructField, omitted bool) *Schema {
	t := f.Type
	if omitted && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if f.Tag.Get("schema") == "null" {
		return OrNull(c.of(t))
	}
	return c.of(t)
}

func lower(method string) string { return strings.ToLower(method) }
