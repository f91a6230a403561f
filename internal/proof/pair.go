package proof

// Pair is a table or view, and what raw says that it has to be: two statements
// with the same rows, about the project {project:String}. Both are read on a
// connection whose default database holds the raw tables.
type Pair struct {
	Name  string // of the table or view
	Shown string // what it says
	Raw   string // what the raw rows say
}

// counts are the counters in raw, by some expressions of its rows.
func counts(period string) string {
	return `SELECT ` + period + `, type, role, sum(e), sum(p), sum(b) FROM (
		SELECT day, occurred_at, toString(type) AS type, toString(role) AS role, 1 AS e, 0 AS p, 0 AS b
		FROM events WHERE project = {project:String} UNION ALL
		SELECT day, occurred_at, '', toString(role), 0, toUInt8(NOT bot), toUInt8(bot)
		FROM page_views WHERE project = {project:String}) GROUP BY ALL`
}

// sessions are the sessions in raw, by some of day, session_id and person. Of
// page views at the same moment the path, or the source, decides which is first.
func sessions(keys, first, last string) string {
	return `SELECT ` + keys + `, ` + first + `, countIf(NOT page) AS events, countIf(page) AS page_views,
			argMinIf(path, (at, path), page), argMaxIf(path, (at, path), page), argMinIf(source, (at, source), page),
			max(device), max(browser), max(country), max(bot)` + last + ` FROM (
		SELECT day, session_id, person, occurred_at AS at, false AS page, '' AS path, '' AS source,
		       '' AS device, '' AS browser, '' AS country, 0 AS bot
		FROM events WHERE project = {project:String} AND active AND session_id != '' UNION ALL
		SELECT day, session_id, person, occurred_at, true, path, toString(source),
		       toString(device), toString(browser), toString(country), toUInt8(bot)
		FROM page_views WHERE project = {project:String} AND session_id != '') GROUP BY ` + keys
}

// What raw says of traits and of who is who. Ties in time go to the later batch,
// then to the greater value.
const (
	traitOf = `multiIf(type = 'group', 'group', user_id != '', 'user', 'anonymous') AS kind, if(type = 'group', toString(object_type), '') AS of,
		multiIf(type = 'group', object_id, user_id != '', user_id, anonymous_id) AS who, max(if(type = 'group', 0, person)) AS person, key`
	traitRows = ` FROM events ARRAY JOIN mapKeys(properties) AS key, mapValues(properties) AS value
		WHERE project = {project:String} AND type IN ('identify', 'group') AND who != '' GROUP BY kind, of, who, key`
	links = `SELECT anonymous_id, user_id, any(person), min(occurred_at), max(occurred_at) FROM events
		WHERE project = {project:String} AND type IN ('identify', 'alias') AND user_id != '' AND anonymous_id != '' GROUP BY anonymous_id, user_id`
)

const (
	activeRows = ` FROM events WHERE project = {project:String} AND active `
	ofPersons  = activeRows + `AND person != 0 `

	// kindOf is what is done by an event's type.
	kindOf = `multiIf(
		type IN ('post_viewed', 'content_viewed', 'event_viewed'), 'view',
		type IN ('comment_added', 'comment_created', 'reply_added'), 'comment',
		type IN ('reaction_added', 'post_liked', 'comment_liked'), 'reaction',
		type IN ('post_shared', 'content_shared', 'event_shared'), 'share', 'other')`

	userDays = `SELECT person, day, role, count()` + ofPersons + `GROUP BY ALL`
	persons  = `SELECT person, any(user_id), if(any(user_id) = '', any(anonymous_id), ''), min(occurred_at), max(occurred_at)` +
		ofPersons + `GROUP BY person`
	tagDays = `SELECT day, tag, count() FROM events ARRAY JOIN arrayDistinct(tags) AS tag
		WHERE project = {project:String} AND active GROUP BY ALL`
	taggedDays = `SELECT day, tag, count(), countIf(kind = 'view'), countIf(kind = 'comment'), countIf(kind = 'reaction'), countIf(kind = 'share')
		FROM (SELECT day, arrayDistinct(tags) AS tags, ` + kindOf + ` AS kind` + activeRows + `) ARRAY JOIN tags AS tag GROUP BY ALL`
	contentDays = `SELECT day, object_type, object_id, countIf(kind != 'page'), countIf(kind IN ('page', 'view')),
			countIf(kind = 'comment'), countIf(kind = 'reaction'), countIf(kind = 'share') FROM (
		SELECT day, toString(object_type) AS object_type, object_id, ` + kindOf + ` AS kind` + activeRows + `AND object_id != ''
		UNION ALL SELECT day, toString(object_type), object_id, 'page'
		FROM page_views WHERE project = {project:String} AND NOT bot AND object_id != '') GROUP BY ALL`
)
