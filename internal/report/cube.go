package report

// grain is how finely a table knows when something happened.
type grain int

const (
	byMonth grain = iota
	byWeek
	byDay
	byQuarterHour
	byMoment
)

// cubeSource is a table as queries see it: the rows of one kind, and the
// columns by which they can be told apart.
type cubeSource struct {
	table string // or a subquery that is named in from
	from  string // what stands behind FROM; empty: the table
	grain grain
	// time is the column of the stored period, or an expression of the moment
	// in Unix milliseconds.
	time string
	// where holds for the rows that count; empty: all of the project.
	where string
	// columns are the dimensions that the rows have, as expressions of text.
	columns map[string]string
	// byTag: its rows are of one tag each, so that they stand for events only
	// where a tag is named or told apart.
	byTag bool
	// prunes: it has a column day, by which partitions can be left out.
	prunes bool
}

// counted are the columns of the tables that count events, or page views.
func counted(table string, grain grain, time, where string, columns map[string]string) cubeSource {
	return cubeSource{table: table, grain: grain, time: time, where: where, columns: columns, prunes: grain == byQuarterHour}
}

var (
	ofCountedEvents = map[string]string{"type": "type", "role": "role"}
	ofCountedViews  = map[string]string{"role": "role"}
)

const (
	countedEvents = "type != ''" // page views are counted under the empty type
	countedViews  = "type = ''"
	slotMoment    = "toInt64(toUnixTimestamp(slot)) * 1000"
	rowMoment     = "toUnixTimestamp64Milli(occurred_at)"
)

// The sources, by the tables that they read.
var (
	eventsByMonth = counted("metrics_monthly", byMonth, "month", countedEvents, ofCountedEvents)
	eventsByWeek  = counted("metrics_weekly", byWeek, "week", countedEvents, ofCountedEvents)
	eventsByDay   = counted("metrics_daily", byDay, "day", countedEvents, ofCountedEvents)
	eventsBySlot  = counted("counters_15m", byQuarterHour, slotMoment, countedEvents, ofCountedEvents)
	viewsByMonth  = counted("metrics_monthly", byMonth, "month", countedViews, ofCountedViews)
	viewsByWeek   = counted("metrics_weekly", byWeek, "week", countedViews, ofCountedViews)
	viewsByDay    = counted("metrics_daily", byDay, "day", countedViews, ofCountedViews)
	viewsBySlot   = counted("counters_15m", byQuarterHour, slotMoment, countedViews, ofCountedViews)

	personDays = cubeSource{table: "user_day", grain: byDay, time: "day",
		columns: map[string]string{"role": "role"}}
	contentDays = cubeSource{table: "content_day", grain: byDay, time: "day",
		columns: map[string]string{"object_type": "object_type", "object_id": "object_id"}}
	tagDays = cubeSource{table: "tag_day", grain: byDay, time: "day",
		columns: map[string]string{"tag": "tag"}, byTag: true}
	firstSeen = cubeSource{table: "persons", grain: byMoment, time: "toUnixTimestamp64Milli(seen)",
		from: "(SELECT project, person, min(first_seen) AS seen FROM persons WHERE project = {project:String} GROUP BY project, person)"}

	rawEvents = cubeSource{table: "events", grain: byMoment, time: rowMoment, prunes: true,
		columns: map[string]string{
			"type": "type", "role": "role", "object_type": "object_type", "object_id": "object_id",
			"tag": "tag", "user_id": "user_id", "property": propertyColumn,
		}}
	rawViews = cubeSource{table: "page_views", grain: byMoment, time: rowMoment, prunes: true,
		columns: map[string]string{
			"role": "role", "object_type": "object_type", "object_id": "object_id", "user_id": "user_id",
			"path": "path", "host": "host", "source": "source",
			"utm_source": "utm_source", "utm_medium": "utm_medium", "utm_campaign": "utm_campaign",
			"utm_term": "utm_term", "utm_content": "utm_content",
			"device": "device", "browser": "browser", "os": "os", "country": "country",
			"bot": "toString(bot)", "property": propertyColumn,
		}}
)

// propertyColumn is the value of a property, whose name is a parameter: %s.
const propertyColumn = "properties[%s]"

// raw reports whether a source's cost grows with the raw rows.
func (s cubeSource) raw() bool { return s.table == "events" || s.table == "page_views" }

// has reports whether the rows have a dimension.
func (s cubeSource) has(d dimensionKey) bool {
	_, has := s.columns[d.kind]
	return has
}
