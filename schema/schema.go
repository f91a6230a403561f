// Package schema holds the ClickHouse schema: goose migrations, embedded, and
// the golden dump of what they make. It stands in the middle of the way from
// POST to chart: the loader writes its raw tables, its materialized views keep
// the aggregates, reports and BI tools read them.
package schema

import "embed"

// Migrations are the goose migrations. They expect the environment variables
// IBARURA_DATABASE, IBARURA_BI_DATABASE and IBARURA_WRITER to be substituted.
//
//go:embed migrations/*.sql
var Migrations embed.FS
