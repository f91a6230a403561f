package openapi

import "encoding/json"

// Version is the version of the specification that documents follow.
const Version = "3.1.1"

// Document is what an API can be asked, and what it answers.
type Document struct {
	OpenAPI    string         `json:"openapi"`
	Info       Info           `json:"info"`
	Servers    []Server       `json:"servers"`
	Tags       []Tag          `json:"tags"`
	Paths      Map[*PathItem] `json:"paths"`
	Components Components     `json:"components"`
	// Problems are the codes of every answer that is not the one asked for.
	Problems []Problem `json:"x-problem-codes"`
}

// Info says what the API is.
type Info struct {
	Title       string  `json:"title"`
	Summary     string  `json:"summary,omitempty"`
	Description string  `json:"description"`
	License     License `json:"license"`
	Version     string  `json:"version"`
}

// License is what the program may be used under, by its SPDX name.
type License struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

// Server is where the API is.
type Server struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// Tag is a group of operations.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// PathItem is the operations of a path, by method in lower case.
type PathItem = Map[*Operation]

// Components are what operations refer to.
type Components struct {
	Schemas         Map[*Schema]        `json:"schemas"`
	SecuritySchemes Map[SecurityScheme] `json:"securitySchemes"`
}

// SecurityScheme is a way to present a key.
type SecurityScheme struct {
	Type        string `json:"type"`
	Scheme      string `json:"scheme,omitempty"`
	In          string `json:"in,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

// Security is one of the ways that suffice: schemes, with the scopes that a key
// may have.
type Security map[string][]string

// Operation is a method of a path.
type Operation struct {
	Tags        []string      `json:"tags"`
	Summary     string        `json:"summary"`
	Description string        `json:"description,omitempty"`
	ID          string        `json:"operationId"`
	Parameters  []Parameter   `json:"parameters,omitempty"`
	Body        *Body         `json:"requestBody,omitempty"`
	Responses   Map[Response] `json:"responses"`
	Security    []Security    `json:"security"` // empty: no key is needed

	Method string `json:"-"` // in capitals
	Path   string `json:"-"` // with {name} where a value stands
	Try    Try    `json:"-"`
}

// Try is a request that shows the operation at work.
type Try struct {
	// Path is the operation's with its values filled in; empty: as it is.
	Path        string
	Query       string // encoded
	Headers     [][2]string
	ContentType string
	Body        string
	// Key is the scope of the key to send; empty: none.
	Key string
	// Status is what it is answered with; 0: 200.
	Status int
	// Comment says what to know before it is sent.
	Comment string
}

// Parameter is what stands in an address or a header.
type Parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"` // query, path, header
	Description string  `json:"description"`
	Required    bool    `json:"required,omitempty"`
	Schema      *Schema `json:"schema"`
	Example     any     `json:"example,omitempty"`
}

// Body is what a request carries.
type Body struct {
	Description string     `json:"description,omitempty"`
	Required    bool       `json:"required"`
	Content     Map[Media] `json:"content"`
}

// Response is an answer.
type Response struct {
	Description string      `json:"description"`
	Headers     Map[Header] `json:"headers,omitempty"`
	Content     Map[Media]  `json:"content,omitempty"`
}

// Header is a header of an answer.
type Header struct {
	Description string  `json:"description"`
	Schema      *Schema `json:"schema"`
}

// Media is a body in one media type.
type Media struct {
	Schema  *Schema         `json:"schema,omitempty"`
	Example json.RawMessage `json:"example,omitempty"`
}

// Problem is a code, and what to make of it.
type Problem struct {
	Code   string `json:"code"`
	Status int    `json:"status"` // 0: it is a code of items, within an answer
	Means  string `json:"means"`
	Do     string `json:"do"`
}

// Add puts an operation into the document.
func (d *Document) Add(op *Operation) {
	item, found := d.Paths.Get(op.Path)
	if !found {
		item = &PathItem{}
		d.Paths.Set(op.Path, item)
	}
	item.Set(lower(op.Method), op)
}

// Operations lists every operation, in the document's order.
func (d *Document) Operations() []*Operation {
	var list []*Operation
	for _, path := range d.Paths {
		for _, op := range *path.Value {
			list = append(list, op.Value)
		}
	}
	return list
}
