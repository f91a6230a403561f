-- Who registered for, attended and cancelled each event that people attend:
-- distinct persons.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- limit, offset       page of the answer
SELECT object_id AS event, {{template "attended" .}}
GROUP BY event
ORDER BY registered DESC, attended DESC, event
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
