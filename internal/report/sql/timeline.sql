-- What somebody did, the newest first: events and page views before a place in time.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- Both have a bloom filter of persons.
-- project
-- persons             the person, and those who were said to be the same
-- day_from, day_to    days in the project's zone that hold the moments, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- since, until        moments in Unix milliseconds, half-open
-- before_at, before_kind, before_id    the place: what comes before it in this order
-- limit               rows
-- filters             see parts/rows.sql
SELECT at, kind, id, type, user_id, anonymous_id, session_id, role, object_type, object_id, tags, properties, path, title
FROM
(
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, 'event' AS kind, id, toString(type) AS type,
           user_id, anonymous_id, session_id, toString(role) AS role, toString(object_type) AS object_type, object_id,
           CAST(tags, 'Array(String)') AS tags, CAST(properties, 'Map(String, String)') AS properties, '' AS path, '' AS title
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND person IN {persons:Array(UInt64)}
      AND at >= {since:Int64} AND at < {until:Int64} AND {{template "period"}} >= 0
      AND (at, kind, id) < ({before_at:Int64}, {before_kind:String}, {before_id:Array(String)}[1]){{template "by_role" .}}
    ORDER BY at DESC, id DESC
    LIMIT {limit:UInt32}
    UNION ALL
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, 'page_view' AS kind, id, '' AS type,
           user_id, anonymous_id, session_id, toString(role) AS role, toString(object_type) AS object_type, object_id,
           CAST([], 'Array(String)') AS tags, CAST(properties, 'Map(String, String)') AS properties, path, title
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND person IN {persons:Array(UInt64)}
      AND at >= {since:Int64} AND at < {until:Int64} AND {{template "period"}} >= 0
      AND (at, kind, id) < ({before_at:Int64}, {before_kind:String}, {before_id:Array(String)}[1]){{template "by_role" .}}
    ORDER BY at DESC, id DESC
    LIMIT {limit:UInt32}
)
ORDER BY at DESC, kind DESC, id DESC
LIMIT {limit:UInt32}
