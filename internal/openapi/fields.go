package openapi

import (
	"fmt"
	"slices"
	"strings"
)

// field is a line of a table of fields.
type field struct {
	Name, Type, Link, Description string
	Depth                         int
	Optional                      bool
}

// sharedFrom is from how many operations on a component is shown once, instead
// of within each.
const sharedFrom = 10

// fields writes schemas as tables.
type fields struct {
	schemas Map[*Schema]
	shared  []string
}

func newFields(d *Document) *fields {
	f := &fields{schemas: d.Components.Schemas}
	uses := map[string]int{}
	for _, op := range d.Operations() {
		seen := map[string]bool{}
		for _, r := range op.Responses {
			for _, media := range r.Value.Content {
				f.count(media.Value.Schema, seen)
			}
		}
		for name := range seen {
			uses[name]++
		}
	}
	for _, s := range f.schemas {
		if uses[s.Name] >= sharedFrom {
			f.shared = append(f.shared, s.Name)
		}
	}
	return f
}

// count notes the components that a schema refers to directly.
func (f *fields) count(s *Schema, seen map[string]bool) {
	if s == nil {
		return
	}
	if name := s.component(); name != "" {
		seen[name] = true
		return
	}
	for _, other := range slices.Concat(s.AnyOf, s.AllOf, []*Schema{s.Items}) {
		f.count(other, seen)
	}
	for _, property := range s.Properties {
		f.count(property.Value, seen)
	}
}

func (s *Schema) component() string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") }

// content returns the media types, and fields and example of the one that has
// them.
func (f *fields) content(content Map[Media]) (kinds []string, list []field, example string) {
	for _, media := range content {
		kinds = append(kinds, media.Name)
		if media.Value.Schema != nil && list == nil {
			list = f.of(media.Value.Schema)
		}
		if media.Value.Example != nil {
			example = indented(media.Value.Example)
		}
	}
	return kinds, list, example
}

// of lists the fields of a schema.
func (f *fields) of(s *Schema) []field {
	t := table{fields: f, shown: map[string]bool{}}
	t.add(s, 0)
	return t.list
}

// table is a list of fields in the making. A component is written out where it
// comes first.
type table struct {
	*fields
	shown map[string]bool
	list  []field
}

// add appends the fields of an object, or of the objects that a list or a
// choice has.
func (t *table) add(s *Schema, depth int) {
	if s == nil {
		return
	}
	if name := s.component(); name != "" {
		if t.shown[name] || depth > 0 && slices.Contains(t.fields.shared, name) {
			return
		}
		t.shown[name] = true
		s, _ = t.schemas.Get(name)
	}
	for _, property := range s.Properties {
		t.list = append(t.list, field{
			Name: property.Name, Depth: depth, Type: t.typeOf(property.Value), Link: t.link(property.Value),
			Description: property.Value.Description, Optional: !slices.Contains(s.Required, property.Name),
		})
		t.add(property.Value, depth+1)
	}
	t.add(s.Items, depth)
	for _, other := range slices.Concat(s.AnyOf, s.AllOf) {
		t.add(other, depth)
	}
	if of, is := s.AdditionalProperties.(*Schema); is {
		t.add(of, depth)
	}
}

// link is the shared component that a schema is, or is a list of.
func (t *table) link(s *Schema) string {
	if s.Items != nil {
		s = s.Items
	}
	if name := s.component(); slices.Contains(t.fields.shared, name) {
		return name
	}
	return ""
}

func (t *table) typeOf(s *Schema) string {
	switch {
	case s.Ref != "":
		return s.component()
	case len(s.AnyOf) > 0:
		return t.choice(s.AnyOf)
	case len(s.Enum) > 0:
		return oneOf(s.Enum)
	case s.Items != nil:
		return "list of " + t.typeOf(s.Items) + orNull(s.Type)
	case s.Format != "":
		return s.Format
	}
	switch kind := s.Type.(type) {
	case string:
		return kind
	case []string:
		return strings.Join(kind, " or ")
	}
	return "any"
}

func (t *table) choice(of []*Schema) string {
	var names []string
	for _, s := range of {
		if name := t.typeOf(s); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

func orNull(kind any) string {
	if kinds, several := kind.([]string); several && slices.Contains(kinds, "null") {
		return " or null"
	}
	return ""
}

func oneOf(values []any) string {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = fmt.Sprint(value)
	}
	return strings.Join(names, " | ")
}

// Kind is the type of a parameter, for people.
func (p Parameter) Kind() string { return (&table{fields: &fields{}}).typeOf(p.Schema) }

// Default is what a parameter is where it is absent; empty: nothing.
func (p Parameter) Default() string {
	if p.Schema.Default == nil {
		return ""
	}
	return fmt.Sprint(p.Schema.Default)
}
