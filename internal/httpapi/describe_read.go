package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ibarura/internal/access"
	"ibarura/internal/export"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

const analyticsPath = "/api/v1/analytics/"

// described is a parameter of questions, as the documentation has it.
type described struct {
	name, help string
	schema     *openapi.Schema
}

// commonParameters are those of every question; parameters reads them.
var commonParameters = []described{
	{"from", "First local date of the range. Without it: 30 days before `to`.", date},
	{"to", "First local date after the range: it is out. Without it: 30 days after `from`, and never less than up to today.", date},
	{"timezone", "IANA zone whose days, weeks and months count; the project's, if absent.", openapi.Text()},
	{"compare", "The same beside it, of another range: `previous` is the one of equal length before (before whole calendar months, as many months), `year` the same dates a year before.",
		openapi.Text(string(report.Previous), string(report.LastYear))},
	{"max_age", "How old the tables may be that the answer is read from: seconds, or a duration such as `60s`, at most a day.", withDefault(openapi.Text(), "0")},
	{"explain", "`true`: the statements, their parameters and the tables, instead of the data.", withDefault(openapi.Bool(), false)},
	{"limit", "Rows of a ranking, or of each ranking in the answer.", openapi.Integer(1, int64(report.DefaultLimits().MaxLimit))},
}

// Parameters of some questions only.
var (
	intervalParameter = described{"interval", "Length of the periods; weeks begin on Monday.", withDefault(openapi.Text(texts(report.Intervals())...), string(report.Day))}
	cursorParameter   = described{"cursor", "The next page: `meta.next_cursor` of the answer before. It belongs to its question alone.", openapi.Text()}
)

// filterParameters narrow a question down, by the names of report.Fields.
var filterParameters = map[string]described{
	"role":        {"role", "Only what was done in that role.", label},
	"type":        {"type", "Only events of that type.", label},
	"object_type": {"object_type", "Only what is about that kind of object.", label},
	"tag":         {"tag", "Only events that carry the tag.", label},
	"property":    {propertyPrefix + "NAME", "Only what has the property NAME with that text; several have all to hold, at most five.", label},
	"device":      {"device", "Only page views of that kind of device: desktop, mobile, tablet, bot or other.", label},
	"browser":     {"browser", "Only page views of that family of browsers.", label},
	"country":     {"country", "Only page views from that country (ISO 3166-1 alpha-2).", label},
	"bot":         {"bot", "`true`: page views of robots; `false`: of people.", openapi.Bool()},
}

var (
	date  = &openapi.Schema{Type: "string", Format: "date"}
	label = &openapi.Schema{Type: "string", MaxLength: 256}
)

func withDefault(s *openapi.Schema, value any) *openapi.Schema {
	s.Default = value
	return s
}

// describeReading documents every question of the registry.
func (d *description) describeReading() {
	for _, e := range report.Endpoints() {
		d.add(&openapi.Operation{
			Method: http.MethodGet, Path: analyticsPath + e.Path, ID: strings.ReplaceAll(e.Path, "/", "_"), Tags: []string{tagRead},
			Summary: e.Definition.Title, Description: e.Definition.Sentence, Parameters: parametersOf(e),
			Responses: d.answered(report.Shapes(e.Path)), Security: readers(e),
			Try: openapi.Try{Query: exampleQuery(e), Key: access.Read.String()},
		}, slices.Concat(askCodes, linkCodes)...)
	}
}

// readers are keys, and links where some view asks the question.
func readers(e report.Endpoint) []openapi.Security {
	for _, page := range linkPages {
		if slices.ContainsFunc(page.questions, func(q linkQuestion) bool { return q.path == e.Path }) {
			return append(needs(access.Read), openapi.Security{"link": {}})
		}
	}
	return needs(access.Read)
}

func parametersOf(e report.Endpoint) []openapi.Parameter {
	var list []openapi.Parameter
	for _, o := range e.Options {
		list = append(list, optionParameter(o))
	}
	common := slices.Concat(commonParameters, fileParameters)
	if e.Series {
		common = slices.Insert(common, 2, intervalParameter)
	}
	if e.Ranking {
		common = append(common, cursorParameter)
	}
	for _, name := range e.Fields.Names() {
		common = append(common, filterParameters[name])
	}
	for _, p := range common {
		list = append(list, openapi.Parameter{Name: p.name, In: "query", Description: p.help, Schema: p.schema})
	}
	return list
}

func optionParameter(o report.Option) openapi.Parameter {
	p := openapi.Parameter{Name: o.Name, In: "query", Description: sentence(o.Help), Schema: openapi.Text()}
	if o.Default != "" {
		p.Schema.Default = o.Default
	}
	if o.Example != "" {
		p.Example = o.Example
	}
	return p
}

// sentence makes a sentence of a help text.
func sentence(help string) string {
	return strings.TrimSuffix(strings.ToUpper(help[:1])+help[1:], ".") + "."
}

// answered is the envelope of answers with one of some shapes.
func (d *description) answered(shapes []report.Shape) openapi.Map[openapi.Response] {
	var data, summaries []*openapi.Schema
	for _, shape := range shapes {
		data = append(data, d.schemas.Of(shape.Data))
		if shape.Summary != nil {
			summaries = append(summaries, d.schemas.Of(shape.Summary))
		}
	}
	what := either(append(data, &openapi.Schema{Type: "null"}))
	replaced := map[string]*openapi.Schema{
		"data": what.Described("The numbers; null where `explain` asks for the statements."), "summary": either(summaries),
	}
	replaced["compare"] = d.schemas.Struct(report.Comparison{}, replaced)
	envelope := d.schemas.Struct(report.Answer{}, replaced)
	if len(summaries) == 0 {
		envelope = without(envelope, "summary")
	}
	return openapi.Map[openapi.Response]{
		{Name: "200", Value: openapi.Response{
			Description: "The numbers, and what they mean.",
			Headers: openapi.Map[openapi.Header]{{Name: "ETag", Value: openapi.Header{
				Description: "Names the data and what they mean; send it back as `If-None-Match`.", Schema: openapi.Text()}}},
			Content: append(openapi.Map[openapi.Media]{inJSON(envelope)}, files(export.CSV, export.NDJSON, export.XLSX, export.Parquet)...),
		}},
		{Name: "304", Value: openapi.Response{Description: "The answer is the one that `If-None-Match` names; there is no body."}},
	}
}

func either(schemas []*openapi.Schema) *openapi.Schema {
	if len(schemas) == 1 {
		return schemas[0]
	}
	return &openapi.Schema{AnyOf: schemas}
}

func without(s *openapi.Schema, name string) *openapi.Schema {
	s.Properties = slices.DeleteFunc(s.Properties, func(m openapi.Member[*openapi.Schema]) bool { return m.Name == name })
	return s
}

// exampleRanges are where the data of the examples have something to show that
// the first quarter of 2013 has not: the visits are of a few days.
var exampleRanges = map[string][2]string{
	"pages": {"2015-05-17", "2015-05-20"}, "pages/paths": {"2015-05-17", "2015-05-20"}, "sessions": {"2015-05-17", "2015-05-20"},
	"attendance": {"2026-01-10", "2026-01-12"}, "notifications": {"2026-01-10", "2026-01-12"}, "messaging": {"2026-01-10", "2026-01-12"},
	"users/rolling": {"2013-01-01", "2013-01-04"},
}

// exampleQuery asks a question about the community's data that has a short
// answer.
func exampleQuery(e report.Endpoint) string {
	query := url.Values{"from": {"2013-01-01"}, "to": {"2013-04-01"}, "limit": {"3"}}
	if days, other := exampleRanges[e.Path]; other {
		query.Set("from", days[0])
		query.Set("to", days[1])
	} else if e.Series {
		query.Set("interval", string(report.Month))
	}
	for _, o := range e.Options {
		if value := cmp.Or(communityExamples[e.Path+"?"+o.Name], o.Example); value != "" {
			query.Set(o.Name, value)
		}
	}
	return query.Encode()
}

// communityExamples are values of options that the community's data know.
var communityExamples = map[string]string{
	"users/timeline?user_id":  "9aaad4c41dab",
	"posts/one?object_id":     "f62acf025e93",
	"users/retention?periods": "3",
	"funnel?steps":            "user_signup,post_created,comment_added",
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
