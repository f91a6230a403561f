-- Events, page views and some types of events by period, in any time zone.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- post_types, comment_types, signup_types, login_types    the types that count as such
SELECT transform(roundDown(at, {bounds:Array(Int64)}),
                 {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       toInt64(countIf(event)) AS events,
       toInt64(countIf(NOT event AND NOT bot)) AS page_views,
       toInt64(countIf(NOT event AND bot)) AS bot_page_views,
       toInt64(countIf(has({post_types:Array(String)}, type))) AS posts_created,
       toInt64(countIf(has({comment_types:Array(String)}, type))) AS comments,
       toInt64(countIf(has({signup_types:Array(String)}, type))) AS signups,
       toInt64(countIf(has({login_types:Array(String)}, type))) AS logins
FROM
(
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, true AS event, false AS bot, type
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "by_role" .}}
    UNION ALL
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, false AS event, bot, '' AS type
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "by_role" .}}
)
WHERE period >= 0
GROUP BY period
