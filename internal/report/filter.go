package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Filter narrows down what is counted. Empty fields let everything through.
type Filter struct {
	Role       string     `json:"role,omitempty"`        // role that the person had when it happened
	Type       string     `json:"type,omitempty"`        // event type
	ObjectType string     `json:"object_type,omitempty"` // kind of the object acted on, or that a page shows
	Tag        string     `json:"tag,omitempty"`         // one of the event's tags
	Properties []Property `json:"properties,omitempty"`  // all of them have to hold
	Device     string     `json:"device,omitempty"`      // kind of device of a page view
	Browser    string     `json:"browser,omitempty"`     // browser family of a page view
	Country    string     `json:"country,omitempty"`     // ISO 3166-1 alpha-2 of a page view
	Bot        *bool      `json:"bot,omitempty"`         // page views of robots, or of people
}

// Property is a property's name and the text that it has to have.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Fields is a set of filters.
type Fields uint16

// The filters.
const (
	ByRole Fields = 1 << iota
	ByType
	ByObjectType
	ByTag
	ByProperty
	ByDevice
	ByBrowser
	ByCountry
	ByBot
)

// eventFields are the filters that raw events can be narrowed down by, and
// visitFields those of raw page views.
const (
	eventFields = ByRole | ByType | ByObjectType | ByTag | ByProperty
	visitFields = ByRole | ByObjectType | ByProperty | ByDevice | ByBrowser | ByCountry | ByBot
)

// fieldNames are the names of the filters in the API and in queries.
var fieldNames = []struct {
	field Fields
	name  string
}{
	{ByRole, "role"}, {ByType, "type"}, {ByObjectType, "object_type"}, {ByTag, "tag"}, {ByProperty, "property"},
	{ByDevice, "device"}, {ByBrowser, "browser"}, {ByCountry, "country"}, {ByBot, "bot"},
}

// By reports whether the filter of that name is in the set.
func (f Fields) By(name string) bool {
	for _, known := range fieldNames {
		if known.name == name {
			return f&known.field != 0
		}
	}
	return false
}

// Names lists the filters of the set as the API calls them.
func (f Fields) Names() []string {
	var names []string
	for _, known := range fieldNames {
		if f&known.field != 0 {
			names = append(names, known.name)
		}
	}
	return names
}

// Fields returns which filters are set.
func (f Filter) Fields() Fields {
	var set Fields
	for _, text := range f.texts() {
		if text.value != "" {
			set |= text.field
		}
	}
	if f.Bot != nil {
		set |= ByBot
	}
	return set
}

// filterText is a text that a filter holds: its name in the API, and that of
// the parameter that takes it.
type filterText struct {
	field              Fields
	name, param, value string
}

func (f Filter) texts() []filterText {
	list := []filterText{
		{ByRole, "role", "roles", f.Role}, {ByType, "type", "types", f.Type},
		{ByObjectType, "object_type", "object_types", f.ObjectType}, {ByTag, "tag", "tags", f.Tag},
		{ByDevice, "device", "devices", f.Device}, {ByBrowser, "browser", "browsers", f.Browser},
		{ByCountry, "country", "countries", f.Country},
	}
	for _, p := range f.Properties {
		list = append(list,
			filterText{ByProperty, "property", "", p.Name}, filterText{ByProperty, "property." + p.Name, "", p.Value})
	}
	return list
}

const (
	// maxFilterBytes bounds a filter's text, as event.Limits does what is stored.
	maxFilterBytes = 256
	// maxProperties bounds how many properties are asked for at once.
	maxProperties = 5
)

func (f Filter) check() *QuestionError {
	if len(f.Properties) > maxProperties {
		return wrong(CodeOutOfRange, "property", "filters are %d; the limit is %d", len(f.Properties), maxProperties)
	}
	for _, field := range f.texts() {
		if len(field.value) > maxFilterBytes {
			return wrong(CodeOutOfRange, field.name, "has %d bytes; the limit is %d", len(field.value), maxFilterBytes)
		}
		if !utf8.ValidString(field.value) {
			return wrong(CodeInvalid, field.name, "is not valid UTF-8")
		}
		if strings.ContainsRune(field.value, 0) {
			return wrong(CodeInvalid, field.name, "contains a NUL character")
		}
	}
	return nil
}

// params are the parameters of the filters that are set. Queries have the
// predicates of those alone: see sql/parts.
func (f Filter) params() params {
	p := params{}
	for _, text := range f.texts() {
		if text.value != "" && text.param != "" {
			p[text.param] = one(text.value)
		}
	}
	if len(f.Properties) > 0 {
		var names, values []string
		for _, property := range f.Properties {
			names, values = append(names, property.Name), append(values, property.Value)
		}
		p["property_names"], p["property_values"] = texts(names), texts(values)
	}
	if f.Bot != nil {
		p["bots"] = strconv.FormatBool(*f.Bot)
	}
	return p
}

// inOrder returns the filter with its properties by name, so that the same
// question is always the same text.
func (f Filter) inOrder() Filter {
	f.Properties = slices.Clone(f.Properties)
	slices.SortStableFunc(f.Properties, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
	return f
}
