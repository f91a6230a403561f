package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"ibarura/internal/report"
)

// maxQueryBytes bounds the body of a query.
const maxQueryBytes = 64 << 10

// queryBody is a query as it is sent. What the address of other questions says
// is in it by the same names.
type queryBody struct {
	Metrics    []string `json:"metrics"`
	Dimensions []string `json:"dimensions"`
	Filters    any      `json:"filters"`
	Order      []string `json:"order"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Interval   string   `json:"interval"`
	Timezone   string   `json:"timezone"`
	Limit      *int     `json:"limit"`
	Cursor     string   `json:"cursor"`
	Compare    string   `json:"compare"`
	MaxAge     string   `json:"max_age"`
	Explain    bool     `json:"explain"`
	Format     string   `json:"format"`
	Table      string   `json:"table"`
}

// postQuery answers a query of metrics and dimensions.
func (s *Server) postQuery(c *gin.Context) (any, error) {
	body, done, err := s.readBody(c)
	if err != nil {
		return nil, err
	}
	defer done()
	if len(body) > maxQueryBytes {
		return nil, problem(http.StatusRequestEntityTooLarge, "body_too_large", "a query has at most %d bytes", maxQueryBytes)
	}
	var sent queryBody
	// The library refuses names that are there twice, which would be a guess.
	if err := json.Unmarshal(body, &sent, json.RejectUnknownMembers(true)); err != nil {
		return nil, badBody(err)
	}
	q, err := sent.question(c)
	if err != nil {
		return nil, err
	}
	ask := report.Query{Metrics: sent.Metrics, Dimensions: sent.Dimensions, Order: sent.Order}
	if sent.Filters != nil {
		if ask.Where, err = report.ParseCondition(sent.Filters); err != nil {
			return nil, err
		}
	}
	as, err := wantedOf(c, sent.Format, sent.Table)
	if err != nil {
		return nil, err
	}
	answer, err := s.report.Query(c.Request.Context(), q, ask)
	if err != nil {
		return nil, err
	}
	return as.answered(c, "query", answer)
}

// question reads what queries share with the other questions.
func (b *queryBody) question(c *gin.Context) (report.Question, error) {
	project := principal(c).Project
	q := report.Question{Project: project.Name, ProjectZone: project.Zone, Explain: b.Explain}
	for _, field := range []struct{ name, value string }{
		{"from", b.From}, {"to", b.To}, {"interval", b.Interval}, {"timezone", b.Timezone},
		{"cursor", b.Cursor}, {"compare", b.Compare}, {"max_age", b.MaxAge}, {"format", b.Format},
	} {
		if field.value == "" {
			continue
		}
		if err := parameters[field.name](&q, field.value); err != nil {
			return q, badParameter(field.name, "invalid_parameter", "%s: %s", field.name, err)
		}
	}
	if b.Limit != nil {
		if q.Limit = *b.Limit; q.Limit < 1 {
			return q, badParameter("limit", "invalid_parameter", "limit: want a whole number, at least 1")
		}
	}
	return q, nil
}

// badBody names the place where a body is not a query.
func badBody(err error) error {
	var semantic *json.SemanticError
	p := problem(http.StatusBadRequest, "invalid_query", "the body is no query: %s", clip(err.Error())).because(err)
	if errors.As(err, &semantic) {
		p.Field = clip(strings.TrimPrefix(string(semantic.JSONPointer), "/"))
	}
	return p
}

// queryNames is what a query can be made of.
type queryNames struct {
	Metrics    []report.Metric    `json:"metrics"`
	Dimensions []report.Dimension `json:"dimensions"`
	Operators  []string           `json:"operators"`
}

// getQueryNames answers with the registry of metrics and dimensions.
func (s *Server) getQueryNames(*gin.Context) (any, error) {
	return queryNames{report.Metrics(), report.Dimensions(), report.Operators()}, nil
}
