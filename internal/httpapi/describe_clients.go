package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"ibarura/internal/access"
	"ibarura/internal/ingest"
	"ibarura/internal/openapi"
	"ibarura/internal/protocol/cloudevents"
	"ibarura/internal/protocol/otlp"
)

// anyObject is a body whose form another product's documentation says.
func anyObject() *openapi.Schema { return &openapi.Schema{Type: "object"} }

// posted is what operations of other products' clients have in common.
func (d *description) posted(id, path, summary, text string) *openapi.Operation {
	return &openapi.Operation{
		Method: http.MethodPost, Path: path, ID: id, Tags: []string{tagProtocol}, Summary: summary, Description: text,
		Parameters: writeParameters[:1:1], Security: needs(access.Write),
		Body: body("As the client sends it; see docs/protocols.md.", inJSON(anyObject())),
		Try:  openapi.Try{ContentType: "application/json", Key: access.Write.String()},
	}
}

// describeSegment documents the routes of Segment's and RudderStack's clients.
func (d *description) describeSegment() {
	calls := map[string]string{
		"track": `"event": "Post Created"`, "page": `"name": "Home"`, "screen": `"name": "Home"`, "identify": `"traits": {"plan": "pro"}`,
		"group": `"groupId": "g1"`, "alias": `"previousId": "browser-1"`,
	}
	for _, path := range slices.Sorted(maps.Keys(segmentPaths)) {
		kind := segmentPaths[path]
		call, single := calls[kind]
		text := `{"userId": "ann", "messageId": "docs-` + kind + `", ` + call + `}`
		if !single {
			text = `{"batch": [{"type": "track", "userId": "ann", "messageId": "docs-batch", "event": "Post Created"}]}`
		}
		op := d.posted("segment"+strings.ReplaceAll(path, "/", "_"), path, "Segment: "+kind, "Of Segment's and RudderStack's clients. The key is the user of Basic authentication, `writeKey` of the body, or of the address.")
		op.Responses = d.taken(segmentAnswer{})
		op.Security = append(op.Security, openapi.Security{})
		op.Try.Body = text
		d.add(op, takeCodes...)
	}
	d.describeAsked("segment_settings", "/v1/projects/{key}/settings", "Segment: settings", "What analytics.js asks before it begins: there is one destination, this server.")
	d.describeAsked("rudder_config", "/sourceConfig", "RudderStack: configuration", "What RudderStack's browser client asks before it begins.")
}

// describeAsked documents what a client asks before it posts.
func (d *description) describeAsked(id, path, summary, text string) {
	op := &openapi.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tags: []string{tagProtocol}, Summary: summary, Description: text,
		Responses: answers("The client's configuration.", inJSON(anyObject())),
	}
	codes := append([]string{"origin_not_allowed", "rate_limited"}, keyCodes...)
	if strings.Contains(path, "{key}") {
		op.Parameters = []openapi.Parameter{keyInPath}
		op.Try.Path = strings.ReplaceAll(path, "{key}", "{{write}}")
	} else {
		op.Security = needs(access.Write)
		op.Try.Key = access.Write.String()
	}
	d.add(op, codes...)
}

var keyInPath = openapi.Parameter{Name: "key", In: "path", Required: true, Description: "The write key.", Schema: openapi.Text()}

// describePostHog documents the routes of PostHog's clients.
func (d *description) describePostHog() {
	codes := slices.DeleteFunc(slices.Clone(takeCodes), func(code string) bool { return code == "rate_limited" })
	for _, path := range postHogPaths {
		op := d.posted("posthog"+strings.ReplaceAll(path, "/", "_"), path, "PostHog: capture",
			"One event, several, or a batch. The key is `api_key`, `token` or `$token` of the body. What others answer 429 is 503 here: the clients throw away after 429.")
		op.Responses = d.taken(posthogAnswer{})
		op.Security = []openapi.Security{{}}
		op.Try = openapi.Try{ContentType: "application/json", Body: `{"api_key": "{{write}}", "event": "post_created", "distinct_id": "ann", "uuid": "docs-posthog"}`}
		d.add(op, append(codes, sentAs(http.StatusServiceUnavailable, "rate_limited")...)...)
	}
	for _, path := range []string{"/flags", "/decide"} {
		d.add(&openapi.Operation{
			Method: http.MethodPost, Path: path, ID: "posthog" + strings.ReplaceAll(path, "/", "_"), Tags: []string{tagProtocol},
			Summary: "PostHog: feature flags", Description: "There are none, which clients are told without a key. The body is not looked at.",
			Responses: answers("Nothing to switch on.", inJSON(anyObject())),
			Try:       openapi.Try{ContentType: "application/json", Body: `{}`},
		})
	}
	config := &openapi.Operation{
		Method: http.MethodGet, Path: "/array/{key}/config", ID: "posthog_config", Tags: []string{tagProtocol},
		Summary: "PostHog: configuration", Description: "What posthog-js asks before it begins: everything beside the events is off.",
		Parameters: []openapi.Parameter{keyInPath}, Responses: answers("The configuration.", inJSON(anyObject())),
		Try: openapi.Try{Path: "/array/{{write}}/config"},
	}
	d.add(config)
	script := *config
	script.Path, script.ID, script.Try = config.Path+".js", "posthog_config_script", openapi.Try{Path: "/array/{{write}}/config.js"}
	script.Description, script.Responses = "The same as a script.", answers("The script.", media("text/javascript", openapi.Text()))
	d.add(&script, "not_found")
}

// describeProtocols documents CloudEvents, OpenTelemetry's logs, and Plausible.
func (d *description) describeProtocols() {
	op := d.posted("cloudevents", "/cloudevents", "CloudEvents 1.0", "One event, structured or binary, or a batch.")
	op.Security = needs(access.Write, "address")
	op.Body = body("An event, its data with the other attributes in `Ce-` headers, or an array of events.",
		media(cloudevents.Structured, anyObject()), media(cloudevents.Batch, openapi.List(anyObject())), inJSON(&openapi.Schema{}))
	op.Responses = d.taken(ingest.Result{})
	op.Try.ContentType = cloudevents.Structured
	op.Try.Body = `{"specversion": "1.0", "id": "docs-cloud", "source": "/docs", "type": "post_created", "data": {"user_id": "ann"}}`
	d.add(op, takeCodes...)

	op = d.posted("otlp_logs", "/v1/logs", "OpenTelemetry: logs", "Log records with an event name. What is rejected is counted in `partialSuccess`, after which exporters do not send it again.")
	op.Security = needs(access.Write, "address")
	op.Body = body("An ExportLogsServiceRequest.", media(otlp.Protobuf, &openapi.Schema{}), media(otlp.JSON, anyObject()))
	op.Responses = answers("An ExportLogsServiceResponse.", media(otlp.Protobuf, &openapi.Schema{}), media(otlp.JSON, anyObject()))
	op.Try.Body = `{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "post_created", "timeUnixNano": "1772357400000000000", "attributes": [{"key": "user.id", "value": {"stringValue": "ann"}}]}]}]}]}`
	d.add(op, append([]string{"unsupported_media_type"}, takeCodes...)...)

	op = d.posted("plausible", "/api/event", "Plausible: event", "What Plausible's script sends, with the key in its address. What is rejected is a problem: the script looks at nothing but the status.")
	op.Security = needs(access.Write, "address")
	op.Responses = openapi.Map[openapi.Response]{{Name: "202", Value: openapi.Response{
		Description: "It is taken in.", Content: openapi.Map[openapi.Media]{media("text/plain", openapi.Text("ok"))}}}}
	op.Try.Body, op.Try.Status = `{"n": "pageview", "u": "https://example.org/posts/p1", "d": "example.org"}`, http.StatusAccepted
	d.add(op, takeCodes...)
}
