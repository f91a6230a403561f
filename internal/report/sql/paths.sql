-- Ways from page to page within sessions; the same page again is no way.
-- See parts/sessions.sql for what a session is.
-- Tables events, sorted by (project, day, type, person, occurred_at),
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_before, day_after   days in the project's zone that hold the range and a day on
--                         both sides of it, half-open
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql and parts/sessions.sql
-- start               path at which ways begin, empty: anywhere
-- depth               pages behind it that count
-- limit, offset       page of the answer
SELECT step, source, target, count() AS ways, uniqExact(session) AS visits
FROM
(
    SELECT rowNumberInAllBlocks() AS session, arrayCompact(pages) AS all,
           if({start:Array(String)} = [''], 1, indexOf(all, {start:Array(String)}[1])) AS first,
           if(first = 0, [], arraySlice(all, first)) AS way
    FROM ({{template "sessions_raw" .}}
    )
    WHERE {{template "session_period"}} >= 0{{template "sessions_that_match" .}}
)
ARRAY JOIN arraySlice(arrayPopBack(way), 1, {depth:UInt32}) AS source, arraySlice(arrayPopFront(way), 1, {depth:UInt32}) AS target,
           arraySlice(arrayEnumerate(arrayPopBack(way)), 1, {depth:UInt32}) AS number
GROUP BY if({start:Array(String)} = [''], 0, number) AS step, source, target
ORDER BY step, ways DESC, source, target
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
