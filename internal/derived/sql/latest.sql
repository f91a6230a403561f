-- The last period in which each person was active, by cohort: what on_or_after is
-- summed from. It is made of all history, as anybody may come back.
-- Tables user_month, sorted by (project, person, month, role), a partition a
-- month, and persons, sorted by (project, person).
-- project
-- run          names the rows
-- day_periods, week_periods, month_periods    the last periods that are told
--              apart; who was active later counts there
-- names        roles to be told apart, at most 255; empty: activity in any role
-- kept, zone   first month that user_month has of the project, and the project's
--              zone: who was seen before it belongs to no cohort that is kept
INSERT INTO retention_cells (run, project, interval, everyone, role, cohort, period, latest)
SELECT {run:UInt64}, {project:String}, cell.1, empty({names:Array(String)}), if(r = 0, '', {names:Array(String)}[r]),
       cell.2 AS cohort, cell.3 AS period, sum(persons)
FROM
(
    SELECT one.1 AS r, toDate(first) AS seen, toDate(one.2) AS last, count() AS persons
    FROM
    (
        SELECT min(earliest) AS first, groupArray((r, last)) AS list
        FROM
        (
            SELECT person, toUInt8(indexOf({names:Array(String)}, u.role)) AS r,
                   min(toUInt16(toUInt16(u.month) + bitCount(bitAnd(bitNot(u.days), u.days - 1)))) AS earliest,
                   -- Of the latest month, the greatest mask has the latest day.
                   max(bitShiftLeft(toUInt64(toUInt16(u.month)), 32) + u.days) AS greatest,
                   toUInt16(bitShiftRight(greatest, 32) + bitPositionsToArray(toUInt32(greatest))[-1]) AS last
            FROM user_month AS u
            WHERE u.project = {project:String}
            GROUP BY u.person AS person, r
        )
        GROUP BY person
        HAVING person NOT IN
        (
            SELECT p.person
            FROM persons AS p
            WHERE p.project = {project:String}
            GROUP BY p.person
            HAVING toDate(min(p.first_seen), {zone:String}) < {kept:Date}
        )
    )
    ARRAY JOIN list AS one
    WHERE one.1 != 0 OR empty({names:Array(String)})
    GROUP BY r, seen, last
)
ARRAY JOIN
[
    ('day', seen, toUInt16(least(last - seen, {day_periods:UInt16}))),
    ('week', toMonday(seen), toUInt16(least(intDiv(toMonday(last) - toMonday(seen), 7), {week_periods:UInt16}))),
    ('month', toStartOfMonth(seen), toUInt16(least(dateDiff('month', toStartOfMonth(seen), toStartOfMonth(last)), {month_periods:UInt16})))
] AS cell
GROUP BY r, cell.1, cohort, period
