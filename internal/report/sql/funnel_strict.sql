-- Persons and waits by step of a funnel without other steps in between, and by
-- value of the first step. Of all starts of a person the earliest counts that
-- leads furthest. Ties in time are in the order of the steps.
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
    -- begun has, at each step, when the first step of the unbroken run up to it was; 0 if the run begins with another.
    SELECT ats, steps, values,
           arrayFill(x -> x >= 0, arrayMap((at, step, before) -> if(step = before + 1, -1, if(step = 1, at, 0)),
                                           ats, steps, arrayPushFront(arrayPopBack(steps), 100))) AS begun,
           arrayMax(arrayMap((at, step, start) -> if(start > 0 AND at - start <= {window:Int64}, step, 0), ats, steps, begun)) AS reached
    FROM people
    WHERE reached > 0
),
ways AS
(
    SELECT arrayFirstIndex((at, step, start) -> step = reached AND start > 0 AND at - start <= {window:Int64}, ats, steps, begun) AS arrival,
           values[arrival - reached + 1] AS value,
           arrayMap((at, start) -> at - start, arraySlice(ats, arrival - reached + 1, reached), arrayWithConstant(reached, begun[arrival])) AS waits
    FROM reaching
)
{{template "funnel_groups" .}}
