package report

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

// queryFiles holds one statement a file, named after what it answers, and in
// parts what statements share.
//
//go:embed sql/*.sql sql/parts/*.sql
var queryFiles embed.FS

// queries are the statements as templates, over predicates: one that lets
// everything through would still have its column read.
var queries = template.Must(template.ParseFS(queryFiles, "sql/*.sql", "sql/parts/*.sql"))

// predicates are what a statement has to look at.
type predicates struct {
	Fields      // filters that are set
	Days   bool // the stored days tell whether a row is in the range
}

// statement returns the text that a plan runs.
func (p Plan) statement() (string, error) {
	if p.SQL != "" {
		return p.SQL, nil
	}
	return statement(p.Query, predicates{p.Fields, p.Days})
}

// statement returns the text of a query with some predicates.
func statement(name string, by predicates) (string, error) {
	var text strings.Builder
	if err := queries.ExecuteTemplate(&text, name+".sql", by); err != nil {
		return "", fmt.Errorf("report: no query %q: %w", name, err)
	}
	return text.String(), nil
}
