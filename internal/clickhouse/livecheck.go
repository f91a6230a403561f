package clickhouse

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Column is a name and a ClickHouse type as system.columns prints it.
type Column struct {
	Name string
	Type string
}

// CheckTables compares the columns that the code writes, and the tables and
// materialized views that the migrations make, with what lives in the
// connection's database, and names every difference: a schema that was changed
// by hand, or a binary that does not belong to it, is found at the start and
// not by the first insert, nor, if a view is gone, by nobody.
func CheckTables(ctx context.Context, conn driver.Conn, expected map[string][]Column, names []string) error {
	live, err := liveColumns(ctx, conn)
	if err != nil {
		return err
	}
	var faults []string
	for table, columns := range expected {
		faults = append(faults, differences(table, columns, live[table])...)
	}
	for _, name := range names {
		if _, checked := expected[name]; !checked && live[name] == nil {
			faults = append(faults, fmt.Sprintf("%s is missing", name))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	sort.Strings(faults)
	return fmt.Errorf("the tables do not fit this binary (was the schema changed by hand, or is a migration missing?): %s",
		strings.Join(faults, "; "))
}

func liveColumns(ctx context.Context, conn driver.Conn) (map[string]map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()")
	if err != nil {
		return nil, fmt.Errorf("read the live columns: %w", err)
	}
	live := map[string]map[string]string{}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var table, name, kind string
		if err := scan(&table, &name, &kind); err != nil {
			return fmt.Errorf("read the live columns: %w", err)
		}
		if live[table] == nil {
			live[table] = map[string]string{}
		}
		live[table][name] = kind
		return nil
	})
	return live, err
}

func differences(table string, expected []Column, live map[string]string) []string {
	if live == nil {
		return []string{fmt.Sprintf("table %s is missing", table)}
	}
	var faults []string
	for _, c := range expected {
		switch kind, ok := live[c.Name]; {
		case !ok:
			faults = append(faults, fmt.Sprintf("%s.%s is missing", table, c.Name))
		case kind != c.Type:
			faults = append(faults, fmt.Sprintf("%s.%s is %s, not %s", table, c.Name, kind, c.Type))
		}
	}
	return faults
}
