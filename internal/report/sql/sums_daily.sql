-- Events, page views and some types of events by period, over whole local days.
-- Table metrics_daily, sorted by (project, day, type, role), a partition a month.
-- project
-- day_from, day_to    days in local time, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- filters             see parts/rows.sql
-- post_types, comment_types, signup_types, login_types    the types that count as such
SELECT transform(roundDown(toUInt16(day), {bounds:Array(UInt16)}),
                 {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)) AS period,
       sum(m.events) AS events, sum(m.page_views) AS page_views, sum(m.bot_page_views) AS bot_page_views,
       sumIf(m.events, has({post_types:Array(String)}, type)) AS posts_created,
       sumIf(m.events, has({comment_types:Array(String)}, type)) AS comments,
       sumIf(m.events, has({signup_types:Array(String)}, type)) AS signups,
       sumIf(m.events, has({login_types:Array(String)}, type)) AS logins
FROM metrics_daily AS m
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}{{template "by_role" .}}
GROUP BY period
