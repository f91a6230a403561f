-- Raw page views behind a place, those of robots too, in the order of the table.
-- Table page_views, sorted by (project, day, path, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- after_day, after_label, after_person, after_at, after_seq, after_id    the place; after_at in Unix milliseconds
-- limit               rows
-- filters             see parts/rows.sql
SELECT day, occurred_at, received_at, id, path, user_id, anonymous_id, session_id, role,
       object_type, object_id, url, host, title, referrer, source,
       utm_source, utm_medium, utm_campaign, utm_term, utm_content,
       toInt64(duration_ms) AS duration, device, browser, os, country, bot, properties, person, seq
FROM page_views
WHERE project = {project:String}
  AND day >= greatest({day_from:Date}, {after_day:Date}) AND day < {day_to:Date}
  AND (day > {after_day:Date} OR path >= {after_label:Array(String)}[1])
  AND (day, path, person, toUnixTimestamp64Milli(occurred_at), seq, id)
    > ({after_day:Date}, {after_label:Array(String)}[1], {after_person:UInt64}, {after_at:Int64}, {after_seq:UInt64}, {after_id:Array(String)}[1])
  AND {{template "period"}} >= 0{{template "page_views_of" .}}
ORDER BY day, path, person, occurred_at, seq, id
LIMIT {limit:UInt64}
