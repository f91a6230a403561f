-- Logins by period, and the distinct persons who logged in, in any time zone and by any filter.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- login_types         the types that are logins
-- filters             see parts/rows.sql
SELECT {{template "period"}} AS period,
       count() AS logins, uniqExactIf(person, person != 0) AS users
FROM events
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}
  AND period >= 0
  AND has({login_types:Array(String)}, type){{template "events_by" .}}
GROUP BY period
