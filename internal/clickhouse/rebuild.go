package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

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
	selects string // its statement
}

// Rebuild makes every aggregate of some months, given by their first days, anew
// from raw: into a staging table, then in the place of the partition. Nothing
// may be inserted meanwhile. An aggregate without partitions holds only least
// and greatest values, so adding the months once more puts back what it lacks.
func (r RawTables) Rebuild(ctx context.Context, months []time.Time) error {
	aggregates, err := r.aggregates(ctx)
	if err != nil {
		return err
	}
	evenEmpty, err := r.replaceEvenFromEmpty(ctx)
	if err != nil {
		return err
	}
	for _, a := range aggregates {
		for _, p := range partitionsOf(a.partitionKey, months) {
			if err := r.rebuildPartition(ctx, a, p, evenEmpty); err != nil {
				return fmt.Errorf("rebuild %s: %w", a.name, err)
			}
		}
	}
	return nil
}

// stretch is the days that a partition's rows come from, half-open.
type stretch struct {
	partition string // as in PARTITION …; empty: the table has none
	from, to  time.Time
}

// partitionsOf lists the partitions that rows of some months can be in. A year
// of weeks may begin and end in the years beside it.
func partitionsOf(key string, months []time.Time) []stretch {
	byYear := strings.HasPrefix(key, "toYear(")
	var list []stretch
	for _, m := range months {
		s := stretch{partition: m.Format("200601"), from: m, to: m.AddDate(0, 1, 0)}
		switch {
		case key == "":
			s.partition = ""
		case byYear:
			s = yearOf(m.Year())
			first := weekYear(m)
			list = addStretch(list, yearOf(first))
			s = yearOf(weekYear(m.AddDate(0, 1, -1)))
		}
		list = addStretch(list, s)
	}
	return list
}

func addStretch(list []stretch, s stretch) []stretch {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// weekYear is the year of the Monday on or before a day.
func weekYear(day time.Time) int {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7).Year()
}

// yearOf holds the days of every week whose Monday is in the year, and of every
// month of it: a week more at the end than the year has.
func yearOf(year int) stretch {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	return stretch{partition: fmt.Sprint(year), from: from, to: from.AddDate(1, 0, 6)}
}

// replaceEvenFromEmpty is what is added to REPLACE PARTITION so that it takes a
// staging table without rows: a month may have events and no sessions. Servers
// that have no such setting always do.
func (r RawTables) replaceEvenFromEmpty(ctx context.Context) (string, error) {
	const setting = "allow_replace_partition_from_empty_source"
	var known uint64
	err := r.Conn.QueryRow(parameters(ctx, map[string]string{"name": setting}),
		"SELECT count() FROM system.settings WHERE name = {name:String}").Scan(&known)
	if err != nil || known == 0 {
		return "", err
	}
	return " SETTINGS " + setting + " = 1", nil
}

func (r RawTables) rebuildPartition(ctx context.Context, a aggregate, s stretch, evenEmpty string) error {
	if s.partition == "" {
		return r.fill(ctx, a, a.name, s)
	}
	staging := a.name + "_rebuild"
	steps := []string{
		"DROP TABLE IF EXISTS " + staging + " SYNC",
		"CREATE TABLE " + staging + " AS " + a.name,
	}
	for _, step := range steps {
		if err := r.Conn.Exec(ctx, step); err != nil {
			return err
		}
	}
	if err := r.fill(ctx, a, staging, s); err != nil {
		return err
	}
	// What a view of a year makes of the days beyond it belongs to another partition.
	if err := r.Conn.Exec(ctx, "ALTER TABLE "+a.name+" REPLACE PARTITION "+s.partition+" FROM "+staging+evenEmpty); err != nil {
		return err
	}
	return r.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+staging+" SYNC")
}

// fill runs the views' statements over the stretch alone.
func (r RawTables) fill(ctx context.Context, a aggregate, into string, s stretch) error {
	for _, source := range a.sources {
		days := fmt.Sprintf("(SELECT * FROM %s WHERE day >= '%s' AND day < '%s')",
			source.from, s.from.Format(time.DateOnly), s.to.Format(time.DateOnly))
		statement := strings.Replace(source.selects, "FROM "+source.from, "FROM "+days, 1)
		columns, err := r.columnsOf(ctx, statement)
		if err != nil {
			return err
		}
		if err := r.Conn.Exec(ctx, "INSERT INTO "+into+" ("+columns+") "+statement); err != nil {
			return err
		}
	}
	return nil
}

// columnsOf lists the columns that a statement answers with: a view fills them
// by name, an INSERT by place.
func (r RawTables) columnsOf(ctx context.Context, statement string) (string, error) {
	rows, err := r.Conn.Query(ctx, "DESCRIBE ("+statement+")")
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
func (r RawTables) aggregates(ctx context.Context) ([]aggregate, error) {
	rows, err := r.Conn.Query(parameters(ctx, map[string]string{"ours": "['" + strings.Join(schema.Names(), "','") + "']"}), `SELECT create_table_query, as_select FROM system.tables
WHERE database = currentDatabase() AND engine = 'MaterializedView' AND has({ours:Array(String)}, name) ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list the views: %w", err)
	}
	targets := map[string]*aggregate{}
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var create, selects string
		if err := scan(&create, &selects); err != nil {
			return fmt.Errorf("list the views: %w", err)
		}
		target, source := viewTarget.FindStringSubmatch(create), viewSource.FindStringSubmatch(selects)
		if target == nil || source == nil {
			return fmt.Errorf("list the views: cannot read %q", create)
		}
		name := target[1]
		if targets[name] == nil {
			targets[name] = &aggregate{name: name}
		}
		targets[name].sources = append(targets[name].sources, aggregateSource{from: source[1], selects: selects})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.partitionKeys(ctx, targets); err != nil {
		return nil, err
	}
	return inOrder(targets), nil
}

func (r RawTables) partitionKeys(ctx context.Context, targets map[string]*aggregate) error {
	rows, err := r.Conn.Query(ctx, "SELECT concat(database, '.', name), partition_key FROM system.tables WHERE database = currentDatabase()")
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
