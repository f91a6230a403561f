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
	d.service("openapi", documentPath, "This document", "OpenAPI 3.1 of every route, compared with the routes and with the answers by tests.", inJSON(anyObject()))
	d.service("docs", docsPath, "The page about the API", "The same for people, without assets from elsewhere.", media("text/html", openapi.Text()))
	d.service("docs_style", docsStylePath, "Its style", "", media("text/css", openapi.Text()))
	d.service("docs_script", docsScriptPath, "Its search", "", media("text/javascript", openapi.Text()))
	d.service("script", "/js/ibarura.js", "The tracker", "The script that pages load to be counted; docs/tracker.md.", media("text/javascript", openapi.Text()))
	head := &openapi.Operation{
		Method: http.MethodHead, Path: "/js/ibarura.js", ID: "script_head", Tags: []string{tagService},
		Summary: "The tracker's headers", Responses: answers("As for GET, without the body."),
	}
	d.add(head)
}

func (d *description) service(id, path, summary, text string, content openapi.Member[openapi.Media], codes ...string) {
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tags: []string{tagService}, Summary: summary, Description: text,
		Responses: answers(summary+".", content),
	}, codes...)
}
