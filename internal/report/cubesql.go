package report

import (
	"fmt"
	"strconv"
	"strings"
)

// A query's statement is one SELECT a branch, whose rows an outer one adds up:
// each number comes from one branch, or from several whose numbers add up. All
// of its text is the registry's; what a client sent is in parameters.

// sql writes the statement of a plan.
func (c *compiled) sql(s scope, p cubePlan) (string, params) {
	b := &binder{params{"project": s.Project}}
	times := c.times(s)
	var selects []string
	for _, br := range p.branches {
		selects = append(selects, c.branchSQL(b, s, br, times))
	}
	columns := c.groupColumns()
	var sql strings.Builder
	fmt.Fprintf(&sql, "SELECT %s\nFROM\n(\n%s\n)\n", strings.Join(append(columns, c.totals()...), ", "), strings.Join(selects, "\nUNION ALL\n"))
	if len(columns) > 0 {
		fmt.Fprintf(&sql, "GROUP BY %s\nHAVING %s\n", strings.Join(columns, ", "), c.anything())
	}
	fmt.Fprintf(&sql, "ORDER BY %s\n", c.orderBy())
	sql.WriteString("LIMIT {limit:UInt32} OFFSET {offset:UInt32}")
	all := b.params.with(s.pageParams())
	if c.fills() {
		all["limit"] = strconv.Itoa(len(times[0].calendar.periods) + 1)
	}
	return sql.String(), all
}

// groupColumns are the names of the columns that rows are told apart by: t0…
// are numbers of periods, d0… texts.
func (c *compiled) groupColumns() []string {
	var names []string
	for i := range c.clocks {
		names = append(names, fmt.Sprintf("t%d", i))
	}
	for i := range c.columns {
		names = append(names, fmt.Sprintf("d%d", i))
	}
	return names
}

// totals are the asked metrics over the branches.
func (c *compiled) totals() []string {
	list := make([]string, len(c.metrics))
	for i, m := range c.metrics {
		if m.ratio[0] == "" {
			list[i] = fmt.Sprintf("toFloat64(%s) AS n%d", c.sum(m.Key), i)
			continue
		}
		of, by := c.sum(m.ratio[0]), c.sum(m.ratio[1])
		list[i] = fmt.Sprintf("if(%s = 0, NULL, %s / %s) AS n%d", by, of, by, i)
	}
	return list
}

func (c *compiled) sum(key string) string {
	for i, m := range c.read {
		if m.Key == key {
			return fmt.Sprintf("sum(m%d)", i)
		}
	}
	return "0"
}

// anything is true of rows in which something is not zero: an erasure leaves
// zeros behind.
func (c *compiled) anything() string {
	tests := make([]string, len(c.read))
	for i := range c.read {
		tests[i] = fmt.Sprintf("sum(m%d) != 0", i)
	}
	return strings.Join(tests, " OR ")
}

func (c *compiled) orderBy() string {
	var list []string
	for _, key := range c.order {
		direction := ""
		if key.down {
			direction = " DESC"
		}
		list = append(list, c.orderColumn(key.name)+direction)
	}
	return strings.Join(append(list, append(c.groupColumns(), "n0")...), ", ")
}

func (c *compiled) orderColumn(name string) string {
	for i, m := range c.metrics {
		if m.Key == name {
			return fmt.Sprintf("n%d", i)
		}
	}
	for i, d := range c.clocks {
		if d.Key == name {
			return fmt.Sprintf("t%d", i)
		}
	}
	for i, key := range c.columns {
		if key.String() == name {
			return fmt.Sprintf("d%d", i)
		}
	}
	return "n0"
}

func (c *compiled) branchSQL(b *binder, s scope, br branch, times []numbered) string {
	var selects, groups, where []string
	for i, t := range times {
		number := b.numbered(br.source, t)
		where = append(where, number+" >= 0")
		if t.clock != nil {
			selects = append(selects, fmt.Sprintf("%s AS t%d", number, i))
			groups = append(groups, fmt.Sprintf("t%d", i))
		}
	}
	for i, key := range c.columns {
		expr := b.column(br.source, key)
		if key.kind == "tag" && br.source.raw() {
			expr = "arrayJoin(arrayDistinct(tags))"
		}
		if key.kind == "object_id" {
			where = append(where, "object_id != ''")
		}
		selects = append(selects, fmt.Sprintf("toString(%s) AS d%d", expr, i))
		groups = append(groups, fmt.Sprintf("d%d", i))
	}
	selects = append(selects, c.numbersOf(br)...)
	if br.source.where != "" {
		where = append(where, br.source.where)
	}
	if c.where != nil {
		where = append(where, "("+c.where.predicate(b, br.source)+")")
	}
	text := fmt.Sprintf("SELECT %s\nFROM %s\nWHERE project = {project:String}%s\n  AND %s",
		strings.Join(selects, ", "), br.source.fromText(), b.days(br), strings.Join(where, "\n  AND "))
	if len(groups) > 0 {
		text += "\nGROUP BY " + strings.Join(groups, ", ")
	}
	return text
}

// numbersOf are the metrics of a branch, and zeros for those of the others.
func (c *compiled) numbersOf(br branch) []string {
	list := make([]string, len(c.read))
	for i := range c.read {
		list[i] = fmt.Sprintf("toInt64(0) AS m%d", i)
	}
	for _, n := range br.numbers {
		list[n.metric] = fmt.Sprintf("toInt64(%s) AS m%d", n.expr, n.metric)
	}
	return list
}

func (s *cubeSource) fromText() string {
	if s.from != "" {
		return s.from
	}
	return s.table
}

// days bounds the stored days of a branch, by which partitions are left out.
func (b *binder) days(br branch) string {
	column := ""
	switch {
	case br.source.grain <= byDay:
		column = br.source.time
	case br.source.prunes:
		column = "day"
	default:
		return ""
	}
	from, to := b.text(br.from.String(), "Date"), b.text(br.to.String(), "Date")
	return fmt.Sprintf("\n  AND %s >= %s AND %s < %s", column, from, column, to)
}

// numbered is the number of the period in which a row lies.
func (b *binder) numbered(source *cubeSource, t numbered) string {
	if source.grain <= byDay {
		cuts := t.calendar.cuts()
		numbers := make([]int32, len(cuts))
		for i := range numbers {
			numbers[i] = afterRange
			if i < len(t.calendar.periods) {
				numbers[i] = t.number(int32(i))
			}
		}
		return b.transform("toInt64(toUInt16("+source.time+"))", cuts, numbers)
	}
	starts, numbers := make([]int64, len(t.calendar.pieces)), make([]int32, len(t.calendar.pieces))
	for i, p := range t.calendar.pieces {
		starts[i], numbers[i] = p.start, t.number(p.period)
	}
	return b.transform(source.time, starts, numbers)
}

func (b *binder) transform(at string, bounds []int64, numbers []int32) string {
	list := b.text(integers(bounds), "Array(Int64)")
	return fmt.Sprintf("transform(roundDown(%s, %s), %s, %s, toInt32(-1))", at, list, list, b.text(integers(numbers), "Array(Int32)"))
}

// text binds a value that is ours, such as a date; the same one once.
func (b *binder) text(value, kind string) string {
	for name, have := range b.params {
		if have == value && strings.HasPrefix(name, "p") && name != "project" {
			return "{" + name + ":" + kind + "}"
		}
	}
	name := fmt.Sprintf("p%d", len(b.params))
	b.params[name] = value
	return "{" + name + ":" + kind + "}"
}
