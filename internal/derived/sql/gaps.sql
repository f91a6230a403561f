-- The gap histogram of one month: for each day, the persons active on it by the
-- days since their previous active day.
-- Tables user_month, sorted by (project, person, month, role), a partition a
-- month, and persons, sorted by (project, person).
-- project
-- run          names the rows
-- month        first day of the month
-- names        roles to be told apart, at most 255; empty: activity in any role
-- kept, zone   first month that user_month has of the project, and the project's
--              zone: who was seen before it has a previous day that is not kept
INSERT INTO gap_day (run, project, everyone, role, day, gap, n)
SELECT {run:UInt64}, {project:String}, empty({names:Array(String)}), if(r = 0, '', {names:Array(String)}[r]),
       toDate(toUInt16({month:Date}) + place) AS day,
       toUInt16(multiIf(step != 0, step, last != 0, toUInt16(day) - last, older, 65534, 65535)) AS gap, count()
FROM
(
    SELECT toUInt8(indexOf({names:Array(String)}, u.role)) AS r,
           groupBitOrIf(u.days, u.month = {month:Date}) AS days,
           -- Of the latest month before, the greatest mask has the latest day.
           maxIf(bitShiftLeft(toUInt64(toUInt16(u.month)), 32) + u.days, u.month < {month:Date}) AS before,
           if(before = 0, 0, bitShiftRight(before, 32) + bitPositionsToArray(toUInt32(before))[-1]) AS last,
           empty({names:Array(String)}) AND person IN
           (
               SELECT p.person
               FROM persons AS p
               WHERE p.project = {project:String}
               GROUP BY p.person
               HAVING toDate(min(p.first_seen), {zone:String}) < {kept:Date}
           ) AS older,
           bitPositionsToArray(days) AS places
    FROM user_month AS u
    WHERE u.project = {project:String} AND u.month <= {month:Date}
      AND (empty({names:Array(String)}) OR has({names:Array(String)}, u.role))
    GROUP BY u.person AS person, r
    HAVING days != 0
)
ARRAY JOIN places AS place, arrayDifference(places) AS step
GROUP BY r, day, gap
