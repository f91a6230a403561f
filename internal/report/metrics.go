package report

import "strings"

// Metric is a number that a query can ask for. The registry of metrics feeds
// the planner, the checks and the documentation.
type Metric struct {
	Definition
	// Unit is count, ratio.
	Unit string `json:"unit"`
	// Dimensions are those by which it can be broken down and filtered, those
	// of time aside.
	Dimensions []string `json:"dimensions"`

	// additive: numbers of parts of the range, or of the rows, add up.
	additive bool
	// parts add up to the number; each is read from one of its choices.
	parts []part
	// ratio: it is the quotient of two metrics instead.
	ratio [2]string
}

// part is one summand of a metric, and where it can be read, cheapest first.
type part []choice

// choice is a source and the expression of the number over its rows.
type choice struct {
	source *cubeSource
	expr   string
}

const (
	unitCount = "count"
	unitRatio = "ratio"
)

// counts are the choices for events of some types; none: of every type.
func counts(types ...string) part {
	sum, count := "sum(events)", "count()"
	if len(types) > 0 {
		in := "type IN ('" + strings.Join(types, "', '") + "')"
		sum, count = "sumIf(events, "+in+")", "countIf("+in+")"
	}
	return part{{&eventsByMonth, sum}, {&eventsByWeek, sum}, {&eventsByDay, sum}, {&eventsBySlot, sum}, {&rawEvents, count}}
}

// views are the choices for page views, by their column and by what holds for
// raw ones.
func views(column, is string) part {
	sum := "sum(" + column + ")"
	return part{{&viewsByMonth, sum}, {&viewsByWeek, sum}, {&viewsByDay, sum}, {&viewsBySlot, sum}, {&rawViews, "countIf(" + is + ")"}}
}

// onObjects are the parts of a number of content_day: from there, or from raw.
func onObjects(column string, types []string) []part {
	is := "active AND object_id != ''"
	if types != nil {
		is += " AND type IN ('" + strings.Join(types, "', '") + "')"
	}
	return []part{{{&contentDays, "sum(" + column + ")"}, {&rawEvents, "countIf(" + is + ")"}}}
}

// metrics is the registry, in the order of the documentation.
var metrics = []Metric{
	{Definition: define("events"), additive: true, parts: []part{counts()}},
	{Definition: define("active_events"), additive: true,
		parts: []part{{{&tagDays, "sum(events)"}, {&rawEvents, "countIf(active)"}}}},
	{Definition: define("active_users"),
		parts: []part{{{&personDays, "uniqExact(person)"}, {&rawEvents, "uniqExactIf(person, active AND person != 0)"}}}},
	{Definition: define("named_users"), parts: []part{{{&rawEvents, "uniqExactIf(person, person != 0)"}}}},
	{Definition: define("new_users"), additive: true, parts: []part{{{&firstSeen, "count()"}}}},
	{Definition: define("event_objects"), parts: []part{{{&rawEvents, "uniqExactIf((object_type, object_id), object_id != '')"}}}},
	{Definition: define("signups"), additive: true, parts: []part{counts(signupTypes...)}},
	{Definition: define("logins"), additive: true, parts: []part{counts(loginTypes...)}},
	{Definition: define("posts_created"), additive: true, parts: []part{counts(postTypes...)}},
	{Definition: define("comments"), additive: true, parts: []part{counts(commentTypes...)}},
	{Definition: define("reactions"), additive: true, parts: []part{counts(reactionTypes...)}},
	{Definition: define("shares"), additive: true, parts: []part{counts(shareTypes...)}},
	{Definition: define("object_events"), additive: true, parts: onObjects("events", nil)},
	{Definition: define("object_comments"), additive: true, parts: onObjects("comments", commentTypes)},
	{Definition: define("object_reactions"), additive: true, parts: onObjects("reactions", reactionTypes)},
	{Definition: define("object_shares"), additive: true, parts: onObjects("shares", shareTypes)},
	{Definition: define("page_views"), additive: true, parts: []part{views("page_views", "NOT bot")}},
	{Definition: define("bot_page_views"), additive: true, parts: []part{views("bot_page_views", "bot")}},
	{Definition: define("visitors"), parts: []part{{{&rawViews, "uniqExactIf(person, person != 0 AND NOT bot)"}}}},
	{Definition: define("events_per_active_user"), Unit: unitRatio, ratio: [2]string{"active_user_events", "active_users"}},
	{Definition: define("active_user_events"), additive: true,
		parts: []part{{{&personDays, "sum(events)"}, {&rawEvents, "countIf(active AND person != 0)"}}}},
	{Definition: define("page_views_per_visitor"), Unit: unitRatio, ratio: [2]string{"visitor_page_views", "visitors"}},
	{Definition: define("visitor_page_views"), additive: true, parts: []part{{{&rawViews, "countIf(person != 0 AND NOT bot)"}}}},
}

// Metrics returns every metric that a query can ask for.
func Metrics() []Metric {
	list := make([]Metric, len(metrics))
	for i, m := range metrics {
		if m.Unit == "" {
			m.Unit = unitCount
		}
		m.Dimensions = m.dimensions()
		list[i] = m
	}
	return list
}

func metricOf(key string) (Metric, bool) {
	for _, m := range metrics {
		if m.Key == key {
			return m, true
		}
	}
	return Metric{}, false
}

// dimensions lists what every part can be broken down by, in the registry's
// order.
func (m Metric) dimensions() []string {
	names := []string{} // a list in JSON, where there is none too
	for _, d := range dimensions {
		if !d.time() && m.takes(dimensionKey{kind: d.Key}) {
			names = append(names, d.Key)
		}
	}
	return names
}

// takes reports whether every part of the metric has the dimension somewhere.
func (m Metric) takes(d dimensionKey) bool {
	for _, of := range m.quotient() {
		if !of.takes(d) {
			return false
		}
	}
	for _, p := range m.parts {
		if !p.takes(d) {
			return false
		}
	}
	return true
}

// quotient returns the two metrics of a ratio, and nothing of others.
func (m Metric) quotient() []Metric {
	if m.ratio[0] == "" {
		return nil
	}
	above, _ := metricOf(m.ratio[0])
	below, _ := metricOf(m.ratio[1])
	return []Metric{above, below}
}

func (p part) takes(d dimensionKey) bool {
	for _, c := range p {
		if c.source.has(d) {
			return true
		}
	}
	return false
}
