package proof

import "slices"

// Views returns every view for BI tools.
func Views() []Pair { return slices.Clone(views) }

// views has every view for BI tools, in the database bi.
var views = []Pair{
	{"events", `SELECT day, occurred_at, received_at, id, type, active, person, user_id, anonymous_id, session_id, role, object_type, object_id,
			tags, channel, campaign, JSONExtractString(properties, 'n') FROM bi.events WHERE project = {project:String}`,
		`SELECT day, occurred_at, received_at, id, type, toUInt8(active), person, user_id, anonymous_id, session_id, role, object_type, object_id,
			arrayStringConcat(tags, ','), properties['channel'], properties['campaign'], properties['n']
		FROM events WHERE project = {project:String}`},
	{"page_views", `SELECT day, occurred_at, id, person, user_id, anonymous_id, session_id, role, host, path, title, object_type, object_id,
			source, utm_source, utm_medium, utm_campaign, toUInt32(round(duration_s * 1000)), device, browser, os, country, bot
		FROM bi.page_views WHERE project = {project:String}`,
		`SELECT day, occurred_at, id, person, user_id, anonymous_id, session_id, role, host, path, title, object_type, object_id,
			source, utm_source, utm_medium, utm_campaign, duration_ms, device, browser, os, country, toUInt8(bot)
		FROM page_views WHERE project = {project:String}`},
	{"metrics_daily", `SELECT day, type, role, events, page_views, bot_page_views FROM bi.metrics_daily WHERE project = {project:String}`,
		counts(`day`)},
	{"metrics_weekly", `SELECT week, type, role, events, page_views, bot_page_views FROM bi.metrics_weekly WHERE project = {project:String}`,
		counts(`day - toDayOfWeek(day) + 1`)},
	{"metrics_monthly", `SELECT month, type, role, events, page_views, bot_page_views FROM bi.metrics_monthly WHERE project = {project:String}`,
		counts(`day - toDayOfMonth(day) + 1`)},
	{"user_days", `SELECT person, day, role, events FROM bi.user_days WHERE project = {project:String}`, userDays},
	{"active_users_daily", `SELECT day, active_users FROM bi.active_users_daily WHERE project = {project:String}`,
		`SELECT day, uniqExact(person)` + ofPersons + `GROUP BY day`},
	{"persons", `SELECT person, user_id, anonymous_id, first_seen, last_seen FROM bi.persons WHERE project = {project:String}`, persons},
	{"content_daily", `SELECT day, object_type, object_id, events, views, comments, reactions, shares
		FROM bi.content_daily WHERE project = {project:String}`, contentDays},
	{"tags_daily", `SELECT day, tag, events FROM bi.tags_daily WHERE project = {project:String}`, tagDays},
	{"sessions", `SELECT session_id, day, person, started_at, toUInt64(round(duration_s * 1000)), events, page_views,
			entry_path, exit_path, source, device, browser, country, bot, bounce FROM bi.sessions WHERE project = {project:String}`,
		sessions(`session_id`, `min(day), max(person), min(at), dateDiff('millisecond', min(at), max(at))`,
			`, events = 0 AND page_views = 1`)},
	{"identities", `SELECT anonymous_id, user_id, person, first_linked, last_linked FROM bi.identities WHERE project = {project:String}`, links},
	{"traits", `SELECT kind, object_type, id, person, key, value, said_at, first_value, first_at FROM bi.traits WHERE project = {project:String}`,
		`SELECT ` + traitOf + `, argMax(value, (occurred_at, seq, value)), max(occurred_at), argMin(value, (occurred_at, seq, value)), min(occurred_at)` + traitRows},
}
