// Package openapitest holds answers against the OpenAPI document, for the tests
// of everything that stands on the way from POST to chart and answers requests.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ibarura/internal/openapi"
)

// Validator compares answers with a document. It is safe for concurrent use.
type Validator struct {
	document *openapi.Document

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by their place in the document; each is compiled once
}

// resource is the name that the compiler knows the document by.
const resource = "openapi.json"

// New returns a validator.
func New(d *openapi.Document) (*Validator, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	v := &Validator{document: d, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	return v, v.compiler.AddResource(resource, parsed)
}

// Answer returns what is wrong with an answer: a status, a media type or a body
// that the document does not know. A path or method that is not in it has to be
// answered with a problem that says so.
func (v *Validator) Answer(req *http.Request, status int, header http.Header, body []byte) error {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if req.Method == http.MethodOptions || kind == "text/event-stream" || status == http.StatusSwitchingProtocols {
		return nil // preflights are not documented one by one, and streams have no end
	}
	path := req.URL.Path
	if path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	op := v.operation(req.Method, path)
	if op == nil {
		return unmatched(req, status, kind, body)
	}
	if err := v.answer(op, status, kind, body); err != nil {
		return fmt.Errorf("%s %s answered %d %s: %w\n%s", op.Method, op.Path, status, kind, err, body[:min(len(body), 2000)])
	}
	return nil
}

func (v *Validator) answer(op *openapi.Operation, status int, kind string, body []byte) error {
	response, found := op.Responses.Get(strconv.Itoa(status))
	switch {
	case !found:
		return fmt.Errorf("the status is not documented")
	case len(response.Content) == 0 && len(body) == 0, op.Method == http.MethodHead:
		return nil
	}
	media, found := response.Content.Get(kind)
	switch {
	case !found:
		return fmt.Errorf("the media type is not documented")
	case kind != "application/json" && !strings.HasSuffix(kind, "+json"):
		return nil
	case media.Schema == nil:
		return fmt.Errorf("the body has no schema")
	}
	schema, err := v.schema("paths", op.Path, strings.ToLower(op.Method), "responses", strconv.Itoa(status), "content", kind, "schema")
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

var pointer = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")

// schema returns the schema at a place of the document.
func (v *Validator) schema(place ...string) (*jsonschema.Schema, error) {
	at := resource + "#"
	for _, name := range place {
		at += "/" + pointer.Replace(name)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if known, found := v.schemas[at]; found {
		return known, nil
	}
	compiled, err := v.compiler.Compile(at)
	v.schemas[at] = compiled
	return compiled, err
}

// operation returns the documented operation of a method and path, nil if there
// is none.
func (v *Validator) operation(method, path string) *openapi.Operation {
	for _, op := range v.document.Operations() {
		if op.Method == method && matches(op.Path, path) {
			return op
		}
	}
	return nil
}

// matches reports whether a path is one of a template such as /a/{b}.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !(strings.HasPrefix(want[i], "{") && got[i] != "") {
			return false
		}
	}
	return true
}

// unmatched checks the answer of what is not in the document.
func unmatched(req *http.Request, status int, kind string, body []byte) error {
	var problem struct {
		Status int
		Code   string
	}
	err := json.Unmarshal(body, &problem)
	saysSo := problem.Code == "not_found" && status == http.StatusNotFound || problem.Code == "method_not_allowed" && status == http.StatusMethodNotAllowed
	if req.Method == http.MethodHead && status == http.StatusMethodNotAllowed || err == nil && saysSo && kind == "application/problem+json" {
		return nil
	}
	return fmt.Errorf("%s %s is not documented and was answered %d %s", req.Method, req.URL.Path, status, kind)
}
