-- Pages at which sessions began or ended.
-- See parts/sessions.sql for what a session is.
-- Tables events, sorted by (project, day, type, person, occurred_at),
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_before, day_after   days in the project's zone that hold the range and a day on
--                         both sides of it, half-open
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql and parts/sessions.sql
-- by                  entry or exit: the page that is meant
-- limit, offset       page of the answer
{{template "session_edges"}}
FROM ({{template "sessions_raw" .}}
)
WHERE {{template "session_period"}} >= 0 AND page_views > 0{{template "sessions_that_match" .}}
GROUP BY value
ORDER BY sessions DESC, looks DESC, value
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
