package httpapi

import (
	"net/http"

	"ibarura/internal/openapi"
)

// describeService documents what needs no key.
func (d *description) describeService() {
	status := func(is string) *openapi.Schema {
		return &openapi.Schema{Type: "object", AdditionalProperties: false, Required: []string{"status"},
			Properties: openapi.Map[*openapi.Schema]{{Name: "status", Value: openapi.Text(is)}}}
	}
	d.service("healthz", "/healthz", "It lives", "The process lives and answers. It asks nobody else.", inJSON(status("ok")))
	d.service("readyz", "/readyz", "It is ready", "Requests sent here now can be served.", inJSON(status("ready")), "not_ready")
	d.service("metrics", "/metrics", "Metrics", "For Prometheus; docs/operations.md says what each means.",
		media("text/plain", openapi.Text()))
	d.file("openapi", documentPath, "This document", "OpenAPI 3.1 of every route, compared with the routes and with the answers by tests.", inJSON(anyObject()))
	d.file("docs", docsPath, "The page about the API", "The same for people, without assets from elsewhere.", media("text/html", openapi.Text()))
	d.file("docs_style", docsStylePath, "Its style", "", media("text/css", openapi.Text()))
	d.file("docs_script", docsScriptPath, "Its search", "", media("text/javascript", openapi.Text()))
	d.file("script", "/js/ibarura.js", "The tracker", "The script that pages load to be counted; docs/tracker.md.", media("text/javascript", openapi.Text()))
	head := &openapi.Operation{
		Method: http.MethodHead, Path: "/js/ibarura.js", ID: "script_head", Tags: []string{tagService},
		Summary: "The tracker's headers", Responses: answers("As for GET, without the body."),
	}
	head.Responses = append(head.Responses, unchanged)
	d.add(head)
}

// unchanged is the answer to a client that has a file already.
var unchanged = openapi.Member[openapi.Response]{Name: "304", Value: openapi.Response{
	Description: "It is the one that `If-None-Match` names; there is no body."}}

// file documents what is the same for everybody until the next version.
func (d *description) file(id, path, summary, text string, content openapi.Member[openapi.Media]) {
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tags: []string{tagService}, Summary: summary, Description: text,
		Responses: append(answers(summary+".", content), unchanged),
	})
}

func (d *description) service(id, path, summary, text string, content openapi.Member[openapi.Media], codes ...string) {
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tags: []string{tagService}, Summary: summary, Description: text,
		Responses: answers(summary+".", content),
	}, codes...)
}
