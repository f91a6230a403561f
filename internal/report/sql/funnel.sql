-- Persons by the furthest step of a funnel that they reached from any start.
-- Ties in time are in the order of the steps.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- steps, window       types in order, at most ten; and milliseconds from the first one
SELECT reached, count() AS users
FROM
(
    SELECT windowFunnel({window:UInt64})(at, step = 1, step = 2, step = 3, step = 4, step = 5,
                                         step = 6, step = 7, step = 8, step = 9, step = 10) AS reached
    FROM ({{template "funnel_steps" .}})
    GROUP BY person
)
WHERE reached > 0
GROUP BY reached
