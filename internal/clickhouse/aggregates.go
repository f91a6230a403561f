package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ibarura/schema"
)

// aggregate is a table that materialized views fill.
type aggregate struct {
	name         string
	partitionKey string // of the table, as ClickHouse writes it; empty: none
	sources      []aggregateSource
}

// aggregateSource is one view into an aggregate.
type aggregateSource struct {
	from    string // the table it reads
	text    string // how its statement names that table
	selects string // its statement
	columns string // that the statement answers with
}

// over is the statement of the view over something in the place of its table.
func (s aggregateSource) over(rows string) string {
	return strings.Replace(s.selects, "FROM "+s.text, "FROM "+rows, 1)
}

// columnsOf lists the columns that a statement answers with: a view fills them
// by name, an INSERT by place.
func columnsOf(ctx context.Context, conn driver.Conn, statement string) (string, error) {
	rows, err := conn.Query(ctx, "DESCRIBE ("+statement+")")
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		values := make([]any, len(rows.Columns()))
		var name string
		values[0] = &name
		for i := 1; i < len(values); i++ {
			values[i] = new(string)
		}
		if err := rows.Scan(values...); err != nil {
			return "", err
		}
		names = append(names, "`"+name+"`")
	}
	return strings.Join(names, ", "), rows.Err()
}

var (
	viewTarget = regexp.MustCompile(` TO (\S+) `)
	viewSource = regexp.MustCompile(`FROM (\S+)`)
)

// aggregates lists the tables that views fill, those first that others are
// made from.
func aggregates(ctx context.Context, conn driver.Conn) ([]aggregate, error) {
	targets, err := viewTargets(ctx, conn)
	if err != nil {
		return nil, err
	}
	for _, a := range targets {
		for i := range a.sources {
			if a.sources[i].columns, err = columnsOf(ctx, conn, a.sources[i].selects); err != nil {
				return nil, fmt.Errorf("read the columns of a view into %s: %w", a.name, err)
			}
		}
	}
	if err := partitionKeys(ctx, conn, targets); err != nil {
		return nil, err
	}
	return inOrder(targets), nil
}

func viewTargets(ctx context.Context, conn driver.Conn) (map[string]*aggregate, error) {
	rows, err := conn.Query(parameters(ctx, map[string]string{"ours": "['" + strings.Join(schema.Names(), "','") + "']"}), `SELECT create_table_query, as_select FROM system.tables
WHERE database = currentDatabase() AND engine = 'MaterializedView' AND has({ours:Array(String)}, name) ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list the views: %w", err)
	}
	targets := map[string]*aggregate{}
	return targets, forEach(rows, func(scan func(dest ...any) error) error {
		var create, selects string
		if err := scan(&create, &selects); err != nil {
			return fmt.Errorf("list the views: %w", err)
		}
		target, source := viewTarget.FindStringSubmatch(create), viewSource.FindStringSubmatch(selects)
		if target == nil || source == nil {
			return fmt.Errorf("list the views: cannot read %q", create)
		}
		name := short(target[1])
		if targets[name] == nil {
			targets[name] = &aggregate{name: name}
		}
		targets[name].sources = append(targets[name].sources, aggregateSource{from: short(source[1]), text: source[1], selects: selects})
		return nil
	})
}

// short is a table's name without its database.
func short(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func partitionKeys(ctx context.Context, conn driver.Conn, targets map[string]*aggregate) error {
	rows, err := conn.Query(ctx, "SELECT name, partition_key FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return fmt.Errorf("read the partition keys: %w", err)
	}
	return forEach(rows, func(scan func(dest ...any) error) error {
		var name, key string
		if err := scan(&name, &key); err != nil {
			return fmt.Errorf("read the partition keys: %w", err)
		}
		if a := targets[name]; a != nil {
			a.partitionKey = key
		}
		return nil
	})
}

// inOrder puts every aggregate behind those that its views read.
func inOrder(targets map[string]*aggregate) []aggregate {
	var list []aggregate
	placed := map[string]bool{}
	var place func(name string)
	place = func(name string) {
		a := targets[name]
		if a == nil || placed[name] {
			return
		}
		placed[name] = true
		for _, s := range a.sources {
			place(s.from)
		}
		list = append(list, *a)
	}
	var names []string
	for name := range targets {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		place(name)
	}
	return list
}
