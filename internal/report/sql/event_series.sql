-- Events by type, or role or kind of object, and by period, with the persons that
-- they name, passive types included: the most frequent values.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- by                  role or object_type; anything else: type
-- limit, offset       values
SELECT value, groupArray(period) AS at, groupArray(events) AS happened, groupArray(users) AS people
FROM
(
    SELECT if(has({by:Array(String)}, 'role'), toString(role),
              if(has({by:Array(String)}, 'object_type'), toString(object_type), toString(type))) AS value,
           {{template "period"}} AS period,
           count() AS events, uniqExactIf(person, person != 0) AS users
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND period >= 0{{template "events_by" .}}
    GROUP BY value, period
)
GROUP BY value
ORDER BY sum(events) DESC, value
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
