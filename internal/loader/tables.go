package loader

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/clickhouse"
)

// Tables lists the columns that the loader writes, by table, for the check at
// the start that the live schema is the one this binary was made for.
func Tables() map[string][]clickhouse.Column {
	tables := map[string][]clickhouse.Column{}
	for table, input := range map[string]proto.Input{
		"events":     newEventBlock().input(),
		"page_views": newPageBlock().input(),
	} {
		for _, c := range input {
			tables[table] = append(tables[table], clickhouse.Column{Name: c.Name, Type: c.Data.Type().String()})
		}
	}
	return tables
}
