package report

import (
	"context"
	"slices"
)

// Row is a row of a query's answer: dimensions and metrics by their names.
// Metrics that count are whole numbers; a ratio is null where it divides by
// nothing.
type Row map[string]any

// answer reads the rows of a query.
func (c *compiled) answer(ctx context.Context, a *asking) ([]Row, error) {
	s := a.total()
	if wrong := c.checkClocks(s, a.service.limits); wrong != nil {
		return nil, wrong
	}
	p := c.plan(s)
	if p.beyond != nil {
		c.sayFrom(s, p.beyond)
		return nil, p.beyond
	}
	sql, params := c.sql(s, p)
	plan := Plan{Query: "query", SQL: sql, Params: params, Exact: true, Unfit: p.unfit}
	for _, b := range p.branches {
		if !slices.Contains(plan.Tables, b.source.table) {
			plan.Tables = append(plan.Tables, b.source.table)
		}
	}
	rows := []Row{}
	err := a.read(ctx, plan, func(scan func(dest ...any) error) error {
		row, err := c.row(c.times(s), scan)
		rows = append(rows, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.fills() {
		return c.filled(c.times(s)[0].calendar, rows), nil
	}
	if len(rows) > s.Limit {
		rows = rows[:s.Limit]
		if s.offset+s.Limit <= maxSkipped {
			a.next = s.cursorAt(a.endpoint.Path, s.offset+s.Limit)
		}
	}
	return rows, nil
}

// sayFrom finds the first date from which on all parts of a query can be answered.
func (c *compiled) sayFrom(s scope, wrong *RetentionError) {
	wrong.First = s.firstFrom(func(s scope) bool { return c.plan(s).beyond == nil })
}

// checkClocks bounds the days or hours that a dimension such as hour_of_day is
// made of, as the periods of a series are.
func (c *compiled) checkClocks(s scope, limits Limits) *QuestionError {
	for _, d := range c.clocks {
		if n := d.clock.interval.count(s.From, s.To); d.clock.interval != "" && n > int64(limits.MaxPeriods) {
			return wrong(CodeTooMany, "dimensions", "has %s, which looks at every %s: there are %d from %s to %s, and the limit is %d",
				d.Key, d.clock.interval, n, s.From, s.To, limits.MaxPeriods)
		}
	}
	return nil
}

// row reads one row: numbers of periods, texts, metrics.
func (c *compiled) row(times []numbered, scan func(dest ...any) error) (Row, error) {
	periods := make([]int32, len(c.clocks))
	names := make([]string, len(c.columns))
	numbers := make([]*float64, len(c.metrics))
	var dest []any
	for i := range periods {
		dest = append(dest, &periods[i])
	}
	for i := range names {
		dest = append(dest, &names[i])
	}
	for i := range numbers {
		dest = append(dest, &numbers[i])
	}
	if err := scan(dest...); err != nil {
		return nil, err
	}
	row := Row{}
	for i, d := range c.clocks {
		row[d.Key] = d.clock.label(times[i].calendar, periods[i])
	}
	for i, key := range c.columns {
		row[key.String()] = names[i]
	}
	for i, m := range c.metrics {
		row[m.Key] = m.value(numbers[i])
	}
	return row, nil
}

// value is a metric's number as it is answered.
func (m Metric) value(n *float64) any {
	switch {
	case n == nil:
		return nil
	case m.ratio[0] == "":
		return int64(*n)
	}
	return *n
}

// fills reports whether every period is answered, with zeros if need be: where
// periods, in order, are all that is asked for.
func (c *compiled) fills() bool {
	return len(c.columns) == 0 && len(c.clocks) == 1 && c.clocks[0].Key == "period" && c.order[0] == orderKey{name: "period"}
}

func (c *compiled) filled(calendar *calendar, rows []Row) []Row {
	byLabel := map[any]Row{}
	for _, row := range rows {
		byLabel[row["period"]] = row
	}
	list := make([]Row, len(calendar.periods))
	for i, p := range calendar.periods {
		row, there := byLabel[p.label]
		if !there {
			row = Row{"period": p.label}
			for _, m := range c.metrics {
				row[m.Key] = m.nothing()
			}
		}
		list[i] = row
	}
	return list
}

func (m Metric) nothing() any {
	if m.ratio[0] != "" {
		return nil
	}
	return int64(0)
}
