package proof

import "slices"

// Aggregates returns every table that views fill, by the order of the schema.
func Aggregates() []Pair { return slices.Clone(aggregates) }

// aggregates has every table that views fill.
var aggregates = []Pair{
	{"counters_15m", `SELECT day, slot, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM counters_15m WHERE project = {project:String} GROUP BY ALL`,
		counts(`day, toDateTime(intDiv(toUnixTimestamp(occurred_at), 900) * 900, 'UTC')`)},
	{"metrics_daily", `SELECT day, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_daily WHERE project = {project:String} GROUP BY ALL`, counts(`day`)},
	{"metrics_weekly", `SELECT week, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_weekly WHERE project = {project:String} GROUP BY ALL`, counts(`day - toDayOfWeek(day) + 1`)},
	{"metrics_monthly", `SELECT month, type, role, sum(events), sum(page_views), sum(bot_page_views)
		FROM metrics_monthly WHERE project = {project:String} GROUP BY ALL`, counts(`day - toDayOfMonth(day) + 1`)},
	{"user_day", `SELECT person, day, role, sum(events) FROM user_day WHERE project = {project:String} GROUP BY ALL`, userDays},
	{"user_month", `SELECT person, month, role, arrayMap(bit -> month + bit, bitPositionsToArray(groupBitOr(days)))
		FROM user_month WHERE project = {project:String} GROUP BY person, month, role`,
		`SELECT person, day - toDayOfMonth(day) + 1 AS month, role, arraySort(groupUniqArray(day))` + ofPersons + `GROUP BY person, month, role`},
	{"persons", `SELECT person, max(user_id), max(anonymous_id), min(first_seen), max(last_seen)
		FROM persons WHERE project = {project:String} GROUP BY person`, persons},
	{"content_day", `SELECT day, object_type, object_id, sum(events), sum(views), sum(comments), sum(reactions), sum(shares)
		FROM content_day WHERE project = {project:String} GROUP BY ALL`, contentDays},
	{"tag_day", `SELECT day, tag, sum(events), sum(views), sum(comments), sum(reactions), sum(shares)
		FROM tag_day WHERE project = {project:String} GROUP BY ALL`, taggedDays},
	{"tag_person", `SELECT DISTINCT month, person, tag FROM tag_person WHERE project = {project:String}`,
		`SELECT DISTINCT day - toDayOfMonth(day) + 1, person, arrayJoin(tags)` + ofPersons},
	{"object_person", `SELECT month, object_type, object_id, person, sum(events) FROM object_person WHERE project = {project:String} GROUP BY ALL`,
		`SELECT day - toDayOfMonth(day) + 1, object_type, object_id, person, count()` + ofPersons + `AND object_id != '' GROUP BY ALL`},
	{"sessions", `SELECT day, session_id, person, min(started_at), max(ended_at), sum(events), sum(page_views),
			min(entry).2, max(exit).2, min(source).2, max(device), max(browser), max(country), max(bot)
		FROM sessions WHERE project = {project:String} GROUP BY day, session_id, person`,
		sessions(`day, session_id, person`, `min(at), max(at)`, ``)},
	{"identities", `SELECT anonymous_id, user_id, max(person), min(first_linked), max(last_linked)
		FROM identities WHERE project = {project:String} GROUP BY anonymous_id, user_id`, links},
	{"traits", `SELECT kind, object_type, id, max(person), key, min(first).1, min(first).3, max(latest).1, max(latest).3
		FROM traits WHERE project = {project:String} GROUP BY kind, object_type, id, key`,
		`SELECT ` + traitOf + `, min(occurred_at), argMin(value, (occurred_at, seq, value)), max(occurred_at), argMax(value, (occurred_at, seq, value))` + traitRows},
}
