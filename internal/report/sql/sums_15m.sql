-- Events, page views and some types of events by period, in any time zone whose
-- periods begin on a quarter of an hour.
-- Table counters_15m, sorted by (project, day, slot, type, role), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- post_types, comment_types, signup_types, login_types    the types that count as such
SELECT transform(roundDown(toInt64(toUnixTimestamp(slot)) * 1000, {bounds:Array(Int64)}),
                 {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       sum(c.events) AS events, sum(c.page_views) AS page_views, sum(c.bot_page_views) AS bot_page_views,
       sumIf(c.events, has({post_types:Array(String)}, type)) AS posts_created,
       sumIf(c.events, has({comment_types:Array(String)}, type)) AS comments,
       sumIf(c.events, has({signup_types:Array(String)}, type)) AS signups,
       sumIf(c.events, has({login_types:Array(String)}, type)) AS logins
FROM counters_15m AS c
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}
  AND period >= 0{{template "by_role" .}}
GROUP BY period
