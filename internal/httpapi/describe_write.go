package httpapi

import (
	"encoding/json"
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/event"
	"ibarura/internal/ingest"
	"ibarura/internal/openapi"
)

// Bodies that the examples send.
const (
	eventExample = `{"id": "docs-1", "type": "post_created", "occurred_at": "2026-03-01T09:30:00Z", "user_id": "ann", "user_role": "member",
 "object_type": "post", "object_id": "p1", "tags": ["go"], "properties": {"words": 120}}`
	pageViewExample = `{"id": "docs-2", "url": "https://example.org/posts/p1?utm_source=mail", "occurred_at": "2026-03-01T09:31:00Z", "user_id": "ann",
 "title": "Hello", "duration_ms": 4200}`
	beaconExample = `{"key": "{{write}}", "events": [{"id": "docs-3", "type": "reaction_added", "anonymous_id": "browser-1"}],
 "pageviews": [{"id": "docs-4", "url": "/posts/p1", "anonymous_id": "browser-1"}]}`
)

// writeParameters are what a producer can say beside the body.
var writeParameters = []openapi.Parameter{
	{Name: "wait", In: "query", Description: "`true`: answer once the items can be queried, in every aggregate.", Schema: withDefault(openapi.Bool(), false)},
	{Name: "Idempotency-Key", In: "header", Description: "Items without an id get ids from it and their place in the body, so that the same request sent again counts once.",
		Schema: &openapi.Schema{Type: "string", MaxLength: maxIdempotencyKey}},
	{Name: "Content-Encoding", In: "header", Description: "How the body is compressed.", Schema: openapi.Text("gzip", "zstd", "deflate", "br", "identity")},
}

// describeWriting documents the native routes.
func (d *description) describeWriting() {
	limits := event.DefaultLimits()
	d.describeItems("events", "Events in", "An event, an array of them, or a stream with one a line. The same path takes CloudEvents, by their media types or the header `ce-specversion`.",
		eventSchema(&limits), eventExample)
	d.describeItems("pageviews", "Page views in", "A page view, an array of them, or a stream with one a line.", pageViewSchema(&limits), pageViewExample)
	items := openapi.List(&openapi.Schema{Type: "object"})
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: "/api/v1/beacon", ID: "post_beacon", Tags: []string{tagWrite},
		Summary: "Events and page views of a page", Description: "What `navigator.sendBeacon` sends, which can set no header: the key may stand in the body.",
		Parameters: writeParameters[:1],
		Body: body("A beacon, in any media type.", media("text/plain", openapi.Text()), inJSON(&openapi.Schema{
			Type: "object", AdditionalProperties: false,
			Properties: openapi.Map[*openapi.Schema]{{Name: "key", Value: openapi.Text()}, {Name: "events", Value: items}, {Name: "pageviews", Value: items}},
		})),
		Responses: d.taken(ingest.Result{}), Security: needs(access.Write, "address"),
		Try: openapi.Try{ContentType: "text/plain", Body: beaconExample},
	}, takeCodes...)
}

func (d *description) describeItems(name, summary, text string, item *openapi.Schema, example string) {
	content := inJSON(&openapi.Schema{AnyOf: []*openapi.Schema{item, openapi.List(item)}})
	content.Value.Example = json.RawMessage(example)
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: "/api/v1/" + name, ID: "post_" + name, Tags: []string{tagWrite}, Summary: summary, Description: text,
		Parameters: writeParameters, Body: body("JSON, or NDJSON, which may be of any length.", content, media("application/x-ndjson", openapi.Text())),
		Responses: d.taken(ingest.Result{}), Security: needs(access.Write, "address"),
		Try: openapi.Try{Query: "wait=true", ContentType: "application/json", Body: example, Key: access.Write.String()},
	}, append([]string{"unsupported_media_type"}, takeCodes...)...)
}

func body(text string, content ...openapi.Member[openapi.Media]) *openapi.Body {
	return &openapi.Body{Description: text, Required: true, Content: content}
}

// taken is the answer to what producers send: what became of each item.
func (d *description) taken(answer any) openapi.Map[openapi.Response] {
	return answers("What became of each item. What is accepted is on the disk.", inJSON(d.schemas.Struct(answer, nil)))
}

func limited(bytes int) *openapi.Schema { return &openapi.Schema{Type: "string", MaxLength: bytes} }

// identityFields are what events and page views have in common.
func identityFields(l *event.Limits) openapi.Map[*openapi.Schema] {
	return openapi.Map[*openapi.Schema]{
		{Name: "id", Value: limited(l.MaxIDBytes).Described("The item's own id: within 24 hours the same id counts once.")},
		{Name: "occurred_at", Value: (&openapi.Schema{Type: []string{"string", "integer"}}).Described("RFC 3339, or milliseconds since 1970; now if absent.")},
		{Name: "user_id", Value: limited(l.MaxIdentityBytes).Described("Who acted.")},
		{Name: "anonymous_id", Value: limited(l.MaxIdentityBytes).Described("The visitor, where no user is known.")},
		{Name: "session_id", Value: limited(l.MaxIdentityBytes).Described("The session, if the producer knows it.")},
		{Name: "user_role", Value: limited(l.MaxLabelBytes).Described("The role held at that moment.")},
		{Name: "object_type", Value: limited(l.MaxLabelBytes).Described("Kind of what was acted on, or of what the page shows.")},
		{Name: "object_id", Value: limited(l.MaxIdentityBytes).Described("What was acted on, or what the page shows.")},
		{Name: "properties", Value: (&openapi.Schema{Type: "object"}).Described("Whatever else there is to say; values become text.")},
	}
}

func eventSchema(l *event.Limits) *openapi.Schema {
	fields := openapi.Map[*openapi.Schema]{{Name: "type", Value: limited(l.MaxTypeBytes).Described("What happened.")}}
	fields = append(fields, identityFields(l)...)
	tags := openapi.List(limited(l.MaxTagBytes)).Described("A repeated tag counts once.")
	tags.MaxItems = l.MaxTags
	fields.Set("tags", tags)
	return &openapi.Schema{Type: "object", Properties: fields, Required: []string{"type"}, AdditionalProperties: false}
}

func pageViewSchema(l *event.Limits) *openapi.Schema {
	fields := openapi.Map[*openapi.Schema]{{Name: "url", Value: limited(l.MaxURLBytes).Described("An absolute address, or a path that begins with `/`.")}}
	fields = append(fields, identityFields(l)...)
	fields.Set("referrer", limited(l.MaxURLBytes).Described("The page before."))
	fields.Set("title", limited(l.MaxTitleBytes).Described("The page's title."))
	fields.Set("duration_ms", openapi.Integer(0, l.MaxDuration.Milliseconds()).Described("Time on the page."))
	fields.Set("user_agent", limited(l.MaxUserAgentBytes).Described("The visitor's; looked at, and never stored."))
	fields.Set("ip", openapi.Text().Described("The visitor's; looked at for the country, and never stored."))
	return &openapi.Schema{Type: "object", Properties: fields, Required: []string{"url"}, AdditionalProperties: false}
}
