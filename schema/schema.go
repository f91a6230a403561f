// Package schema holds the ClickHouse schema: goose migrations, embedded, and
// the golden dump of what they make. It stands in the middle of the way from
// POST to chart: the loader writes its raw tables, its materialized views keep
// the aggregates, reports and BI tools read them.
package schema

import (
	"embed"
	"io/fs"
	"regexp"
)

// Migrations are the goose migrations. They expect the environment variables
// IBARURA_DATABASE, IBARURA_BI_DATABASE and IBARURA_WRITER to be substituted.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// created matches what a migration makes in the raw database.
var created = regexp.MustCompile(`CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS \$\{IBARURA_DATABASE\}\.(\w+)`)

// Names lists the tables and materialized views of the raw database, in the
// order of the migrations that make them.
func Names() []string {
	var names []string
	files, _ := fs.Glob(Migrations, "migrations/*.sql") // the pattern is a good one
	for _, file := range files {
		text, err := Migrations.ReadFile(file)
		if err != nil {
			panic(err) // an embedded file that was just listed
		}
		for _, match := range created.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names
}
