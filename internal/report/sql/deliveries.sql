-- Distinct objects that were sent, delivered, opened and clicked, by channel and
-- campaign. An event without an object is one of its own.
-- Table events, sorted by (project, day, type, person, occurred_at), a partition a month.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- delivery_types      four types: sent, delivered, opened, clicked
-- by                  channel, campaign, both, or neither
-- limit, offset       page of the answer
SELECT if(has({by:Array(String)}, 'channel'), properties['channel'], '') AS channel,
       if(has({by:Array(String)}, 'campaign'), properties['campaign'], '') AS campaign,
       uniqExactIf(object_id, step = 1 AND object_id != '') + countIf(step = 1 AND object_id = '') AS sent,
       uniqExactIf(object_id, step = 2 AND object_id != '') + countIf(step = 2 AND object_id = '') AS delivered,
       uniqExactIf(object_id, step = 3 AND object_id != '') + countIf(step = 3 AND object_id = '') AS opened,
       uniqExactIf(object_id, step = 4 AND object_id != '') + countIf(step = 4 AND object_id = '') AS clicked
FROM
(
    SELECT indexOf({delivery_types:Array(String)}, type) AS step, object_id, properties
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND has({delivery_types:Array(String)}, type){{template "events_by" .}}
)
GROUP BY channel, campaign
ORDER BY sent DESC, delivered DESC, channel, campaign
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
