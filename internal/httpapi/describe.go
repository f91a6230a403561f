package httpapi

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

// Where the API describes itself.
const (
	documentPath = "/api/openapi.json"
	docsPath     = "/docs"
)

// examples are answers of a running server with the community's data, one file
// an operation. A test in cmd/ibarura compares them, and -update renews them.
//
//go:embed examples
var examples embed.FS

// APIVersion is that of the paths under /api/v1: what is there stays, and only
// grows.
const APIVersion = "1.0.0"

const aboutTheAPI = `Ibarura counts what happens on a community platform, exactly once, and answers what it means.

**Keys.** Writing needs a write key, reading a read key; an admin key does both. Send it as ` + "`Authorization: Bearer KEY`" + `, as the user of Basic authentication, or as ` + "`X-API-Key`" + `.

**Slashes.** Every path works with and without a slash at its end.

**Problems.** What is not the answer asked for is ` + "`application/problem+json`" + ` (RFC 9457) with a stable ` + "`code`" + `; its ` + "`type`" + ` leads to what the code means. Any path may answer ` + "`internal`" + `, and ` + "`overloaded`" + ` before it has read the request. Every answer has ` + "`X-Request-ID`" + `.

**Pages of other origins** may post where their project allows it; routes that they post to answer preflights (` + "`OPTIONS`" + `).`

// Groups of operations.
const (
	tagRead     = "Reading"
	tagWrite    = "Writing"
	tagProtocol = "Other products' clients"
	tagService  = "Service"
)

// Document describes every route. It is made once, and is to be read only.
func Document() *openapi.Document { return everything().Document }

// DocumentedTypes are the Go types of the document's components, by name.
func DocumentedTypes() map[string]reflect.Type { return everything().schemas.Types() }

var everything = sync.OnceValue(func() *description {
	d := newDescription()
	d.describeWriting()
	d.describeReading()
	d.describeQuery()
	d.describeLive()
	d.describeExport()
	d.describeDashboard()
	d.describeAdmin()
	d.describeKeys()
	d.describeLinks()
	d.describeSegment()
	d.describePostHog()
	d.describeProtocols()
	d.describeService()
	d.Components.Schemas = d.schemas.Components()
	return d
})

// description is a document in the making.
type description struct {
	*openapi.Document
	schemas *openapi.Schemas
	problem *openapi.Schema
}

func newDescription() *description {
	d := &description{
		Document: &openapi.Document{
			OpenAPI: openapi.Version,
			Info: openapi.Info{Title: "Ibarura", Summary: "Product analytics on ClickHouse", Description: aboutTheAPI,
				License: openapi.License{Name: "MIT", Identifier: "MIT"}, Version: APIVersion},
			Servers:  []openapi.Server{{URL: "/", Description: "this server"}},
			Problems: slices.Concat(problems, itemProblems),
			Tags: []openapi.Tag{
				{Name: tagWrite, Description: "Events and page views come in. A 200 is a promise: what it calls accepted is on the disk and is counted exactly once."},
				{Name: tagRead, Description: "Questions about the project of the key. Each answer says what its numbers mean, for which moment they hold, and which periods are partial."},
				{Name: tagExport, Description: "Raw rows as a stream of any length, with a manifest; docs/export.md. Every question can be answered as a file, too."},
				{Name: tagDashboard, Description: "The page that people see, the sessions of its browsers, and the links of reports."},
				{Name: tagAdmin, Description: "What changes what is stored."},
				{Name: tagProtocol, Description: "What clients of Segment, RudderStack, PostHog, CloudEvents, OpenTelemetry and Plausible send, in their own form."},
				{Name: tagService, Description: "Health, metrics, the tracker's script, and the API about itself."},
			},
		},
		schemas: openapi.NewSchemas(map[reflect.Type]*openapi.Schema{
			reflect.TypeFor[report.Interval](): openapi.Text(texts(report.Intervals())...),
			reflect.TypeFor[report.Condition](): openapi.List(&openapi.Schema{}).
				Described(`["eq", dimension, value] and the other comparisons; ["and", condition, …], ["or", …], ["not", condition].`),
			reflect.TypeFor[access.Scope](): openapi.Text(access.Write.String(), access.Read.String(), access.Admin.String()),
			reflect.TypeFor[report.Row]():   {Type: "object", AdditionalProperties: &openapi.Schema{Type: []string{"string", "number", "null"}}},
		}),
	}
	d.problem = d.schemas.Of(Problem{})
	d.Components.SecuritySchemes = openapi.Map[openapi.SecurityScheme]{
		{Name: "bearer", Value: openapi.SecurityScheme{Type: "http", Scheme: "bearer", Description: "`Authorization: Bearer KEY`"}},
		{Name: "basic", Value: openapi.SecurityScheme{Type: "http", Scheme: "basic", Description: "The key is the user; there is no password."}},
		{Name: "header", Value: openapi.SecurityScheme{Type: "apiKey", In: "header", Name: "X-API-Key"}},
		{Name: "session", Value: openapi.SecurityScheme{Type: "apiKey", In: "cookie", Name: sessionCookie,
			Description: "A browser that is signed in. What it changes needs the header `" + sessionHeader + "` besides."}},
		{Name: "link", Value: openapi.SecurityScheme{Type: "apiKey", In: "header", Name: linkHeader,
			Description: "The token of a link to a view, which stands behind the # of the link. It asks the questions of its view, each in the one way in which the page asks it, and nothing else: docs/dashboard.md."}},
		{Name: "address", Value: openapi.SecurityScheme{Type: "apiKey", In: "query", Name: keyParameter,
			Description: "For clients that cannot set headers. Proxies on the way may log it: write keys only."}},
	}
	return d
}

// add puts an operation into the document, with the problems that it may answer
// by their codes, and with its example.
func (d *description) add(op *openapi.Operation, codes ...string) {
	if op.Security == nil {
		op.Security = []openapi.Security{}
	}
	d.addExample(op)
	for status, together := range byStatus(append(codes, "internal")) {
		op.Responses.Set(strconv.Itoa(status), d.problems(status, together))
	}
	slices.SortFunc(op.Responses, func(a, b openapi.Member[openapi.Response]) int { return strings.Compare(a.Name, b.Name) })
	d.Add(op)
}

// sentAs returns codes that an operation answers with another status than
// others do.
func sentAs(status int, codes ...string) []string {
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = code + " " + strconv.Itoa(status)
	}
	return list
}

// byStatus tells codes apart by their status, each once.
func byStatus(codes []string) map[int][]string {
	list := map[int][]string{}
	for _, code := range codes {
		code, as, other := strings.Cut(code, " ")
		status := statusOf(code)
		if other {
			status, _ = strconv.Atoi(as) // of sentAs
		}
		if !slices.Contains(list[status], code) {
			list[status] = append(list[status], code)
		}
	}
	return list
}

func (d *description) addExample(op *openapi.Operation) {
	text, err := fs.ReadFile(examples, "examples/"+op.ID+".json")
	if err != nil {
		return // it has none, as answers that are not JSON
	}
	for _, response := range op.Responses {
		for i := range response.Value.Content {
			if media := &response.Value.Content[i]; media.Name == "application/json" {
				media.Value.Example = json.RawMessage(text)
			}
		}
	}
}

// problems is the answer with one of some codes.
func (d *description) problems(status int, codes []string) openapi.Response {
	named := openapi.Map[*openapi.Schema]{{Name: "code", Value: openapi.Text(codes...)}}
	r := openapi.Response{
		Description: http.StatusText(status) + ": `" + strings.Join(codes, "`, `") + "`",
		Content: openapi.Map[openapi.Media]{{Name: "application/problem+json", Value: openapi.Media{
			Schema: &openapi.Schema{AllOf: []*openapi.Schema{d.problem, {Type: "object", Properties: named}}},
		}}},
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		r.Headers = openapi.Map[openapi.Header]{{Name: "Retry-After", Value: openapi.Header{
			Description: "Seconds to wait.", Schema: openapi.Integer(0, 0)}}}
	}
	return r
}

// answers is the one response of an operation that succeeds.
func answers(description string, media ...openapi.Member[openapi.Media]) openapi.Map[openapi.Response] {
	return openapi.Map[openapi.Response]{{Name: "200", Value: openapi.Response{Description: description, Content: media}}}
}

func media(kind string, schema *openapi.Schema) openapi.Member[openapi.Media] {
	return openapi.Member[openapi.Media]{Name: kind, Value: openapi.Media{Schema: schema}}
}

func inJSON(schema *openapi.Schema) openapi.Member[openapi.Media] {
	return media("application/json", schema)
}

// needs lists the ways in which a key with a scope can be presented.
func needs(scope access.Scope, also ...string) []openapi.Security {
	var list []openapi.Security
	schemes := []string{"bearer", "basic", "header"}
	if scope != access.Write {
		schemes = append(schemes, "session")
	}
	for _, scheme := range append(schemes, also...) {
		list = append(list, openapi.Security{scheme: {scope.String()}})
	}
	return list
}

// Codes that operations have in common.
var (
	keyCodes  = []string{"unauthorized", "forbidden", "keys_unavailable"}
	bodyCodes = []string{"body_timeout", "body_too_slow", "body_incomplete", "body_too_large", "unsupported_encoding", "invalid_encoding", "overloaded"}
	takeCodes = slices.Concat(keyCodes, bodyCodes, itemCodes(),
		[]string{"origin_not_allowed", "invalid_parameter", "rate_limited", "not_durable", "not_queryable_yet", "stopping"})
	linkCodes = []string{"link_invalid", "link_expired", "link_revoked", "link_view"} // besides keyCodes, where links are looked at
	askCodes  = slices.Concat(keyCodes, []string{
		"unknown_parameter", "invalid_parameter", report.CodeMissing, report.CodeInvalid, report.CodeOutOfRange, report.CodeEmptyRange,
		report.CodeTooMany, report.CodeUnsupported, "limit_timeout", "limit_memory", "limit_rows", "limit_scan",
		"limit_format", "beyond_retention", "cross_site", "busy", "storage_unavailable"})
)

// bareType is a media type without its parameters.
func bareType(kind string) string {
	bare, _, _ := strings.Cut(kind, ";")
	return bare
}

// pathIn is a route's path as the document writes it.
func pathIn(route string) string { return pathWith(route, "{token}") }

// pathWith is a route's path with its value filled in.
func pathWith(route, value string) string { return strings.ReplaceAll(route, ":token", value) }
