package loader

import (
	"ibarura/internal/clickhouse"
	"ibarura/internal/rowblock"
)

// Columns lists the columns that the loader writes, by table, for the check at
// the start that the live schema is the one this binary was made for.
func Columns() map[string][]clickhouse.Column {
	tables := map[string][]clickhouse.Column{}
	for _, table := range rowblock.Tables() {
		for _, c := range rowblock.New(table).Input() {
			tables[table.String()] = append(tables[table.String()], clickhouse.Column{Name: c.Name, Type: c.Data.Type().String()})
		}
	}
	return tables
}
