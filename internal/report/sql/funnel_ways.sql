-- Persons and waits by step of a funnel and by value of the first step. Of all
-- starts of a person the earliest counts that leads furthest, and each next step
-- as soon as it comes. Ties in time are in the order of the steps.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- steps, window       types in order, at most ten; and milliseconds from the first one
-- breakdown, property what the first step is told apart by, and the name of the property
-- limit               values
WITH
people AS ({{template "funnel_acts" .}}
),
reaching AS
(
    -- begun has, at each step, the latest start that leads there in time; 0 is none.
    SELECT ats, steps, values,
           arrayFold((starts, n) -> arrayMap((step, at, own, start) -> if(step != n, own, if(start > 0 AND at - start <= {window:Int64}, start, 0)),
                                             steps, ats, starts,
                                             arrayFill(x -> x > 0, arrayMap((step, start) -> if(step = n - 1, start, 0), steps, starts))),
                     arrayMap(n -> toInt64(n), range(2, length({steps:Array(String)}) + 1)),
                     arrayMap((step, at) -> if(step = 1, at, 0), steps, ats)) AS begun,
           arrayMax(arrayMap((step, start) -> if(start > 0, step, 0), steps, begun)) AS reached
    FROM people
    WHERE reached > 0
),
chosen AS
(
    -- The start that reaches as far: those earlier than the window before the first arrival do not, all later ones do no better.
    SELECT ats, steps, values, reached,
           arrayFirst((at, step, start) -> step = reached AND start > 0, ats, steps, begun) AS arrival,
           arrayFirstIndex((at, step) -> step = 1 AND at >= arrival - {window:Int64}, ats, steps) AS first
    FROM reaching
),
ways AS
(
    SELECT values[first] AS value,
           arrayFold((way, n) -> arrayPushBack(way, arrayFirst((at, step) -> step = n AND at >= way[-1], ats, steps)),
                     arrayMap(n -> toInt64(n), range(2, reached + 1)), [ats[first]]) AS way,
           arrayMap(at -> at - way[1], way) AS waits
    FROM chosen
)
{{template "funnel_groups" .}}
