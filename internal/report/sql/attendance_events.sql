-- Who registered for, attended and cancelled each event that people attend:
-- distinct persons.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- limit, offset       page of the answer
SELECT object_id AS event, countIf(came_in) AS registered, countIf(was_there) AS attended,
       countIf(went_out) AS cancelled, countIf(came_in AND was_there) AS shown
FROM
(
    SELECT object_id, person,
           max(type = 'event_registered') AS came_in,
           max(type = 'event_attended') AS was_there,
           max(type = 'event_cancelled') AS went_out
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND {{template "period"}} >= 0
      AND type IN ('event_registered', 'event_attended', 'event_cancelled')
      AND object_type = 'event' AND object_id != '' AND person != 0{{template "events_by" .}}
    GROUP BY object_id, person
)
GROUP BY event
ORDER BY registered DESC, attended DESC, event
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
