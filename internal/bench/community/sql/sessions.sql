-- The sessions of one month, in the order of days. Who comes is drawn several
-- times, until somebody is found who has joined and not left: activity falls
-- with the square root of the rank, a good part of all leave within days or
-- weeks, some come back for three weeks at a time, and newcomers come often.
-- seed, zone, first          zone of the project, and first day of the history
-- persons, founders, days
-- from, until                numbers of the month's sessions, half-open
-- day_from, day_ends         number of its first day; for each day the number at which its sessions end
-- rhythm                     1,024 quarters of an hour, each as often as sessions begin in it
INSERT INTO bench.sessions
WITH
    {seed:UInt64} AS seed, {persons:UInt64} AS everybody, {founders:UInt64} AS founders, {days:UInt64} AS days,
    (stream, n) -> bitShiftRight(cityHash64(seed, stream, n), 33) / 2147483648 AS dice_of,
    (no) -> if(no < founders, -1, toInt32(intDiv((no - founders) * days, everybody - founders))) AS joined_on,
    (no, h) -> multiIf(h % 100 < 22, 1 + no % 3, h % 100 < 50, 7 + no % 60, h % 100 < 75, 60 + no % 240, 100000) AS stays,
    (no, day) -> joined_on(no) <= day AND (day - joined_on(no) < toInt32(stays(no, cityHash64(seed, 3, no)))
                 OR cityHash64(seed, 4, no, intDiv(day + 1, 21)) % 30 = 0) AS is_there,
    drawn AS
    (
        SELECT number AS n, cityHash64(seed, 5, n) AS dice,
               toInt32({day_from:Int32} + arrayFirstIndex(ends -> n < ends, {day_ends:Array(UInt64)}) - 1) AS day_no,
               founders + intDiv(toUInt64(day_no + 1) * (everybody - founders), days) AS known,
               if(dice % 100 < 12, [toUInt64(greatest(0, known - 1 - toInt64(-log(1.0000001 - dice_of(6, n)) * everybody / 60)))], []) AS newcomer,
               arrayConcat(newcomer, arrayMap(k -> (toUInt64(pow(dice_of(10 + k, n), 2) * everybody) * 15485863 + 7) % everybody, range(8))) AS candidates,
               toUInt32(arrayFirst(no -> is_there(no, day_no), candidates)) AS found,
               if(found = 0, toUInt32(candidates[-1] % founders), found) AS no
        FROM numbers({from:UInt64}, {until:UInt64} - {from:UInt64})
    )
SELECT s.n, s.dice,
       toDateTime64(toDateTime(toDate({first:String}) + s.day_no, {zone:String}), 3, 'UTC')
           + toIntervalMillisecond(900000 * toInt64({rhythm:Array(UInt8)}[1 + bitShiftRight(s.dice, 10) % 1024]) + bitShiftRight(s.dice, 20) % 900000) AS starts,
       s.day_no, bitShiftRight(s.dice, 40) % 1000 < 15 AS bot,
       if(bot, '', p.user_id) AS user_id, if(bot, '', p.anonymous_id) AS anonymous_id, if(bot, 0, p.person) AS person,
       if(bot AND dice % 2 = 0, '', lower(hex(cityHash64(seed, 7, s.n)))) AS session_id,
       if(bot OR p.user_id = '', '', ['member', 'core', 'moderator', 'admin'][1 + least(3, p.rank + (s.day_no >= p.rises))]) AS role,
       if(bot, 'bot', p.device) AS device, if(bot, ['Googlebot', 'Bingbot', 'GPTBot'][1 + s.dice % 3], p.browser) AS browser,
       if(bot, '', p.os) AS os, if(bot, 'US', p.country) AS country,
       if(bot, 0, least(60, 1 + floor(-log(1.0000001 - dice_of(30, s.n)) * 5))) AS events,
       multiIf(bot, 1 + s.dice % 20, bitShiftRight(s.dice, 52) % 100 < 45, 0, least(40, 1 + floor(-log(1.0000001 - dice_of(31, s.n)) * 1.6))) AS pages,
       if(bot OR p.user_id = '', 0, least(4, floor(-log(1.0000001 - dice_of(32, s.n)) * 1.7))) AS notices,
       NOT bot AND dice_of(33, s.n) < 0.14 AS registers
FROM drawn AS s INNER JOIN bench.people AS p ON s.no = p.no
