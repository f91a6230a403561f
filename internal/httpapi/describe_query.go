package httpapi

import (
	"net/http"
	"slices"

	"ibarura/internal/access"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

const queryExample = `{
  "metrics": ["events", "active_users"],
  "dimensions": ["period", "role"],
  "filters": ["in", "type", ["post_created", "comment_added"]],
  "from": "2013-01-01", "to": "2013-03-01", "interval": "month"
}`

// describeQuery documents asking any question, and what it can be made of.
func (d *description) describeQuery() {
	d.add(&openapi.Operation{
		Method: http.MethodPost, Path: analyticsPath + "query", ID: "query", Tags: []string{tagRead},
		Summary:     "Any question",
		Description: "Metrics broken down by dimensions, each metric by its own definition. `GET` lists both. What the address of other questions says stands in the body by the same names.",
		Body: &openapi.Body{Required: true, Content: openapi.Map[openapi.Media]{{
			Name: "application/json", Value: openapi.Media{Schema: d.querySchema(), Example: []byte(queryExample)},
		}}},
		Responses: d.answered(report.Shapes("query")), Security: needs(access.Read),
		Try: openapi.Try{ContentType: "application/json", Body: queryExample, Key: access.Read.String()},
	}, slices.Concat([]string{"invalid_query"}, askCodes, linkCodes, bodyCodes)...)
	d.add(&openapi.Operation{
		Method: http.MethodGet, Path: analyticsPath + "query", ID: "query_names", Tags: []string{tagRead},
		Summary: "What a query can name", Description: "The registry of metrics, dimensions and operators.",
		Responses: answers("Every metric, dimension and operator.", inJSON(d.schemas.Of(queryNames{}))), Security: needs(access.Read),
		Try: openapi.Try{Key: access.Read.String()},
	}, slices.Concat([]string{"cross_site"}, keyCodes, linkCodes)...)
}

// querySchema is of the body: every member but the metrics may be left out.
func (d *description) querySchema() *openapi.Schema {
	replaced := map[string]*openapi.Schema{
		"filters":  d.schemas.Of(report.Condition{}),
		"limit":    openapi.Integer(1, 10_000).Described("Rows, 100 if absent."),
		"from":     date,
		"to":       date,
		"interval": openapi.Text(texts(report.Intervals())...),
		"compare":  openapi.Text(string(report.Previous), string(report.LastYear)),
	}
	s := d.schemas.Struct(queryBody{}, replaced)
	s.Required = []string{"metrics"}
	return s
}
