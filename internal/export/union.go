package export

import "fmt"

// tableColumn names the table that a row of a union is of.
const tableColumn = "table"

// union makes one table of several, for formats that have no sheets: the
// columns of all, and before them which table a row is of. A single table stays
// as it is.
func union(tables []Table) (Table, error) {
	if len(tables) == 1 {
		return tables[0], nil
	}
	all := Table{Columns: []Column{{Name: tableColumn, Kind: Text}}}
	at := map[string]int{}
	for _, t := range tables {
		for _, c := range t.Columns {
			known, there := at[c.Name]
			if there && all.Columns[known].Kind != c.Kind {
				return all, fmt.Errorf("export: column %s of %s is %s, and %s elsewhere", c.Name, t.Name, c.Kind, all.Columns[known].Kind)
			}
			if !there {
				at[c.Name] = len(all.Columns)
				all.Columns = append(all.Columns, Column{Name: c.Name, Kind: c.Kind, Nullable: true})
			}
		}
	}
	for _, t := range tables {
		for _, row := range t.Rows {
			cells := make([]any, len(all.Columns))
			cells[0] = t.Name
			for i, c := range t.Columns {
				cells[at[c.Name]] = row[i]
			}
			all.Rows = append(all.Rows, cells)
		}
	}
	return all, nil
}
