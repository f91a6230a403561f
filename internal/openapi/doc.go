// Package openapi describes the API to programs and people: an OpenAPI 3.1
// document whose schemas are made from the Go types of the answers, and the page
// and the request file that are made from the document. httpapi, the front door
// on the way from POST to chart, says what its routes are; nothing here knows one
// by name.
package openapi
