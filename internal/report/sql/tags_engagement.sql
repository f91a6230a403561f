-- Tags by the distinct persons who used them, with what was done by the events
-- that carry them, in a range and in the one before; an event counts once for each
-- of its tags.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold both ranges, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the ranges
-- current             number of the asked range
-- filters             see parts/rows.sql
-- view_types, comment_types, reaction_types, share_types    the types that count as such
-- limit, offset       page of the answer
SELECT tag, {{template "done_by_type"}}
FROM
(
    SELECT toString(arrayJoin(arrayDistinct(tags))) AS tag, person, type, {{template "period"}} AS period, period = {current:Int32} AS now
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND {{template "period"}} >= 0
      AND active{{template "events_by" .}}
)
GROUP BY tag
HAVING events > 0
ORDER BY users DESC, events DESC, tag
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
