-- Posts by the distinct persons who acted on them.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- limit, offset       page of the answer
SELECT object_id AS post, uniqExactIf(person, person != 0) AS users, count() AS events
FROM events
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
  AND active AND object_type = 'post' AND object_id != ''{{template "events_by" .}}
GROUP BY post
ORDER BY users DESC, events DESC, post
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
