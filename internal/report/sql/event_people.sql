-- Distinct persons whom events name, passive types included, and distinct types.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
SELECT uniqExactIf(person, person != 0) AS users, uniqExact(type) AS types
FROM events
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}{{template "events_by" .}}
