package report

import (
	"embed"
	"fmt"
)

// queryFiles holds one statement a file, named after what it answers.
//
//go:embed sql/*.sql
var queryFiles embed.FS

// statement returns the text of a query.
func statement(name string) (string, error) {
	text, err := queryFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("report: no query %q: %w", name, err)
	}
	return string(text), nil
}
