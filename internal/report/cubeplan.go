package report

import "slices"

// branch is one SELECT of a query: a source over a part of the range, and the
// metrics that are read there.
type branch struct {
	source   *cubeSource
	from, to Date // stored days, half-open
	numbers  []number
}

// number is a metric's expression in a branch; metric is its place among the
// metrics that are read.
type number struct {
	metric int
	expr   string
}

// cubePlan is how a query is read.
type cubePlan struct {
	branches []branch
	unfit    []string        // why cheaper sources were passed over
	beyond   *RetentionError // rows that it needs were removed for their age
}

// cubePlanOf chooses, for every part of every metric, the cheapest source that
// gives it exactly. Numbers that add up may come from coarse tables in the
// middle of the range and from finer ones at its ends.
func (c *compiled) plan(s scope) cubePlan {
	var p cubePlan
	for i, m := range c.read {
		for _, choices := range m.parts {
			for _, b := range c.branchesOf(s, m, choices, &p) {
				p.add(b, number{i, b.numbers[0].expr})
			}
		}
	}
	return p
}

// add reads a number in a branch that is there already, or in its own.
func (p *cubePlan) add(b branch, n number) {
	for i := range p.branches {
		have := &p.branches[i]
		if have.source == b.source && have.from == b.from && have.to == b.to &&
			!slices.ContainsFunc(have.numbers, func(other number) bool { return other.metric == n.metric }) {
			have.numbers = append(have.numbers, n)
			return
		}
	}
	b.numbers = []number{n}
	p.branches = append(p.branches, b)
}

func (c *compiled) branchesOf(s scope, m Metric, choices part, p *cubePlan) []branch {
	stitched := m.additive && len(choices) > 1
	var least *RetentionError
	for _, from := range choices {
		reason := c.unfit(s, from.source, stitched)
		if reason != "" {
			p.passOver(from.source, reason)
			continue
		}
		list := []branch{s.branch(from, s.calendar.from, s.calendar.to)}
		if from.source.grain < byDay {
			list = c.stitch(s, from, choices)
		}
		if list == nil {
			p.passOver(from.source, "the range has none of its periods whole")
			continue
		}
		lost, gone := s.lost(list)
		if !gone {
			return list
		}
		p.passOver(from.source, "its rows before "+lost.Border.String()+" were removed for their age")
		if least == nil || lost.Border.Before(least.Border) {
			least = &lost
		}
	}
	p.beyond = least // some choice fits, see checkFit
	return nil
}

// lost describes the rows that branches need and that were removed for their age.
func (s scope) lost(list []branch) (RetentionError, bool) {
	for _, b := range list {
		if table := b.source.table; s.borders.removed(table, b.from) {
			return RetentionError{Tier: TierOf(table), Border: s.borders.of(table)}, true
		}
	}
	return RetentionError{}, false
}

func (p *cubePlan) passOver(source *cubeSource, reason string) {
	text := source.table + ": " + reason
	if !slices.Contains(p.unfit, text) {
		p.unfit = append(p.unfit, text)
	}
}

// unfit says why a source cannot answer, or nothing if it can.
func (c *compiled) unfit(s scope, source *cubeSource, stitched bool) string {
	for _, key := range append(slices.Clone(c.columns), c.where.dimensions()...) {
		if !source.has(key) {
			return "it has no " + key.kind
		}
	}
	if source.byTag && !c.namesATag() {
		return "events with several tags are in it several times"
	}
	switch source.grain {
	case byMoment:
		return ""
	case byQuarterHour:
		if !c.quarterHours(s) {
			return "periods do not begin on quarters of an hour"
		}
		return ""
	case byMonth, byWeek, byDay:
		if !s.localDays() {
			return "its days are those of another time zone"
		}
	}
	return c.tooCoarse(s, source.grain, stitched)
}

// namesATag reports whether rows of one tag each stand for events: where they
// are told apart by tag and not filtered by it, which would leave out the other
// tags of the same events, or where one tag is all that is asked for.
func (c *compiled) namesATag() bool {
	tag := dimensionKey{kind: "tag"}
	if slices.Contains(c.columns, tag) {
		return !slices.Contains(c.where.dimensions(), tag)
	}
	return c.where != nil && c.where.Op == "eq" && c.where.On == tag.kind
}

func (c *compiled) quarterHours(s scope) bool {
	for _, t := range c.times(s) {
		if !(scope{s.Question, t.calendar, 0}).quarterHours() {
			return false
		}
	}
	return true
}

// tooCoarse says what finer time than a grain of days a query asks for.
func (c *compiled) tooCoarse(s scope, grain grain, stitched bool) string {
	for _, t := range c.times(s) {
		switch interval := t.calendar.interval; {
		case interval == Hour:
			return "hours are asked for"
		case grain == byDay:
		case !stitched:
			return "its periods do not add up"
		case grain == byMonth && interval != Month && interval != Quarter && interval != Year && interval != whole:
			return "its months are longer than the periods"
		case grain == byWeek && interval != Week:
			return "its weeks are not the periods"
		}
	}
	return ""
}

// stitch takes the whole periods of a coarse source from it and the ends of
// the range from the first finer one; nil: there is no whole period.
func (c *compiled) stitch(s scope, coarse choice, choices part) []branch {
	interval := Month
	if coarse.source.grain == byWeek {
		interval = Week
	}
	from, to := interval.ceil(s.calendar.from), interval.floor(s.calendar.to)
	if !from.Before(to) {
		return nil
	}
	fine := slices.IndexFunc(choices, func(o choice) bool { return o.source.grain == byDay })
	if fine < 0 {
		return nil
	}
	list := []branch{s.branch(coarse, from, to)}
	if s.calendar.from.Before(from) {
		list = append(list, s.branch(choices[fine], s.calendar.from, from))
	}
	if to.Before(s.calendar.to) {
		list = append(list, s.branch(choices[fine], to, s.calendar.to))
	}
	return list
}

func (s scope) branch(from choice, first, end Date) branch {
	if from.source.grain > byDay {
		first, end = s.storedDays()
	}
	return branch{source: from.source, from: first, to: end, numbers: []number{{expr: from.expr}}}
}

// ceil returns the first day of the first period that does not begin before d.
func (i Interval) ceil(d Date) Date {
	if first := i.floor(d); first != d {
		return i.next(first)
	}
	return d
}

// numbered is a calendar whose periods a query numbers.
type numbered struct {
	calendar *calendar
	clock    *clock // nil: only what lies in the range counts
}

// times lists the calendars of a query: those of its dimensions of time, or
// that of the range alone.
func (c *compiled) times(s scope) []numbered {
	list := make([]numbered, 0, len(c.clocks)+1)
	for _, d := range c.clocks {
		interval := d.clock.interval
		if interval == "" {
			interval = s.Interval
		}
		list = append(list, numbered{newCalendar(s.Zone, interval, s.From, s.To), d.clock})
	}
	if len(list) == 0 {
		list = append(list, numbered{newCalendar(s.Zone, whole, s.From, s.To), nil})
	}
	return list
}

// number of a piece's period: negative outside the range.
func (n numbered) number(period int32) int32 {
	if period < 0 || n.clock == nil {
		return period
	}
	return n.clock.number(n.calendar, int(period))
}
