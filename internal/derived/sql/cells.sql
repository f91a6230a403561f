-- Who of each cohort was active in which period, and without a break: cells of
-- the cohorts from one date up to another. A person's periods are the bits of one
-- number, from the period that begins on {from:Date} on, so that a cell is a bit.
-- Tables user_month, sorted by (project, person, month, role), a partition a
-- month, and persons, sorted by (project, person).
-- project
-- run          names the rows
-- interval     day, week or month
-- from, to     first days of cohorts, half-open: from is the first of a month, or
--              for weeks a Monday; cohorts and the periods after them have 256
--              bits, of which the days of a month may take the last 31
-- periods      the last period after the cohort's own, at most 60
-- names        roles to be told apart, at most 255; empty: activity in any role
-- kept, zone   first month that user_month has of the project, and the project's
--              zone: who was seen before it belongs to no cohort that is kept
INSERT INTO retention_cells (run, project, interval, everyone, role, cohort, period, active, unbroken)
SELECT {run:UInt64}, {project:String}, {interval:String}, empty({names:Array(String)}), if(r = 0, '', {names:Array(String)}[r]),
       first, period, sum(persons), sumIf(persons, period + 1 = unbroken)
FROM
(
    SELECT one.1 AS r, first,
           toUInt64(bitAnd(bitShiftRight(one.2, toUInt16(place)), toUInt256(bitShiftLeft(toUInt64(1), {periods:UInt8} + 1) - 1))) AS shown,
           bitCount(bitAnd(shown, bitNot(shown + 1))) AS unbroken, count() AS persons
    FROM
    (
        SELECT toDate(min(seen)) AS day, groupArray((r, bits)) AS list,
               multiIf({interval:String} = 'day', day, {interval:String} = 'week', toMonday(day), toStartOfMonth(day)) AS first,
               multiIf({interval:String} = 'day', first - {from:Date}, {interval:String} = 'week', intDiv(first - {from:Date}, 7),
                       dateDiff('month', {from:Date}, first)) AS place
        FROM
        (
            WITH
                bitShiftLeft(toUInt64(u.days), toUInt16(u.month - toMonday(u.month))) AS from_monday,
                arraySum(k -> if(bitAnd(bitShiftRight(from_monday, 7 * k), 127) != 0, bitShiftLeft(1, k), 0), [0, 1, 2, 3, 4, 5]) AS weeks,
                intDiv(toInt32(toMonday(u.month)) - toInt32({from:Date}), 7) AS week
            SELECT person, toUInt8(indexOf({names:Array(String)}, u.role)) AS r,
                   min(toUInt16(toUInt16(u.month) + bitCount(bitAnd(bitNot(u.days), u.days - 1)))) AS seen,
                   groupBitOr(multiIf(
                       {interval:String} = 'week' AND (week < -5 OR week > 249) OR {interval:String} = 'day' AND u.month > {from:Date} + 224, toUInt256(0),
                       {interval:String} = 'week',
                           if(week >= 0, bitShiftLeft(toUInt256(weeks), toUInt16(greatest(week, 0))), bitShiftRight(toUInt256(weeks), toUInt16(greatest(-week, 0)))),
                       u.month < {from:Date}, toUInt256(0),
                       {interval:String} = 'day', bitShiftLeft(toUInt256(u.days), toUInt16(u.month - {from:Date})),
                       bitShiftLeft(toUInt256(1), toUInt16(dateDiff('month', {from:Date}, u.month))))) AS bits
            FROM user_month AS u
            WHERE u.project = {project:String} AND u.month < {to:Date} + 31 * ({periods:UInt8} + 2)
            GROUP BY u.person AS person, r
        )
        GROUP BY person
        HAVING first >= {from:Date} AND first < {to:Date}
           AND person NOT IN
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
    GROUP BY r, first, shown
)
ARRAY JOIN bitPositionsToArray(shown) AS period
GROUP BY r, first, period
