package openapi_test

import (
	"encoding/json"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"ibarura/internal/httpapi"
)

// The library brings the specification's own schema. It is large, so that only
// this test is built with it.
func TestTheDocumentIsOpenAPI31(t *testing.T) {
	text, err := json.Marshal(httpapi.Document())
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	check, wrong := validator.NewValidator(document)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if _, invalid := check.ValidateDocument(); len(invalid) > 0 {
		for _, e := range invalid {
			t.Errorf("%s: %s", e.Message, e.Reason)
			for _, failure := range e.SchemaValidationErrors {
				t.Errorf("%s: %s", failure.FieldPath, failure.Reason)
			}
		}
	}
}
