package httpapi

import (
	"maps"
	"net/http"
	"slices"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

// watchHelp says what the parameters of the live view are that questions do not
// have.
var watchHelp = map[string]described{
	"kind":          {"kind", "Only events, or only page views.", openapi.Text("event", "page_view")},
	"object_id":     {"object_id", "Only what is about that object.", label},
	"path":          {"path", "Only page views of that path.", label},
	"detail":        {"detail", "`person`: the rows with their persons, for admin keys alone.", openapi.Text("person")},
	"last_event_id": {"last_event_id", "Go on behind that message; as the header `Last-Event-ID`.", openapi.Text()},
}

// describeLive documents what is pushed while it is taken in.
func (d *description) describeLive() {
	var parameters []openapi.Parameter
	for _, name := range slices.Sorted(maps.Keys(watching)) {
		p, own := watchHelp[name]
		if !own {
			p = filterParameters[name]
		}
		parameters = append(parameters, openapi.Parameter{Name: p.name, In: "query", Description: p.help, Schema: p.schema})
	}
	property := filterParameters["property"]
	parameters = append(parameters, openapi.Parameter{Name: property.name, In: "query", Description: property.help, Schema: property.schema})
	codes := append([]string{"unknown_parameter", "invalid_parameter", report.CodeUnsupported, "live_off", "live_full", "stopping", "cross_site"}, slices.Concat(keyCodes, linkCodes)...)
	codes = append(codes, sentAs(http.StatusTooManyRequests, "live_full")...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: analyticsPath + "live/events", ID: "live_events", Tags: []string{tagRead}, Summary: "Live, as server-sent events",
		Description: "Who is there, how much comes a second, and the latest rows, within a second of their acknowledgement. docs/live.md says what the messages hold.",
		Parameters:  parameters, Responses: answers("Messages `state`, `update`, `reset` and `end`, until the client goes.", media("text/event-stream", openapi.Text())),
		Security: needs(access.Read), Try: openapi.Try{Query: "type=login", Key: access.Read.String(), Comment: "It has no end."},
	}, codes...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: analyticsPath + "live", ID: "live", Tags: []string{tagRead}, Summary: "Live, as a WebSocket",
		Description: "The same as text messages `{\"id\",\"event\",\"data\"}`, from programs and from pages of this server.",
		Parameters:  parameters, Security: needs(access.Read),
		Responses: openapi.Map[openapi.Response]{{Name: "101", Value: openapi.Response{Description: "The connection is a WebSocket."}}},
		Try:       openapi.Try{Key: access.Read.String(), Status: http.StatusUpgradeRequired, Comment: "A WebSocket begins with an upgrade, which this request has not."},
	}, append([]string{"upgrade_required", "origin_not_allowed"}, codes...)...)
}
