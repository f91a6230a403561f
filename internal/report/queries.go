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

// queries are the statements as templates, over the Fields that are filtered
// by: a predicate that lets everything through would still have its column
// read.
var queries = template.Must(template.ParseFS(queryFiles, "sql/*.sql", "sql/parts/*.sql"))

// statement returns the text that a plan runs.
func (p Plan) statement() (string, error) {
	if p.SQL != "" {
		return p.SQL, nil
	}
	return statement(p.Query, p.Fields)
}

// statement returns the text of a query that filters by some fields.
func statement(name string, by Fields) (string, error) {
	var text strings.Builder
	if err := queries.ExecuteTemplate(&text, name+".sql", by); err != nil {
		return "", fmt.Errorf("report: no query %q: %w", name, err)
	}
	return text.String(), nil
}
