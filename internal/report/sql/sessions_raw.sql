-- Sessions by the period in which they began, and of all of them.
-- See parts/sessions.sql for what a session is.
-- Tables events, sorted by (project, day, type, person, occurred_at),
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_before, day_after   days in the project's zone that hold the range and a day on
--                         both sides of it, half-open
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql and parts/sessions.sql
{{template "session_sums"}}
FROM ({{template "sessions_raw" .}}
)
WHERE period >= 0{{template "sessions_that_match" .}}
GROUP BY GROUPING SETS ((period), ())
