-- Events by type, with the persons that they name, passive types included.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- roles, types, object_types    empty for all
-- limit               most rows of the answer
SELECT type, count() AS events, uniqExactIf(person, person != 0) AS users
FROM events
WHERE project = {project:String}
  AND day >= {day_from:Date} AND day < {day_to:Date}
  AND transform(roundDown(toUnixTimestamp64Milli(occurred_at), {bounds:Array(Int64)}),
                {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)) >= 0
  AND (empty({roles:Array(String)}) OR has({roles:Array(String)}, role))
  AND (empty({types:Array(String)}) OR has({types:Array(String)}, type))
  AND (empty({object_types:Array(String)}) OR has({object_types:Array(String)}, object_type))
GROUP BY type
ORDER BY events DESC, type
LIMIT {limit:UInt32}
