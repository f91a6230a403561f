-- Those who join in the month with an account: an event that says so, and one
-- that says who they are.
-- seed, project, zone, first
-- day_from, day_to    numbers of the month's days, half-open
-- rhythm              1,024 quarters of an hour
-- seq                 number of the first row
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, anonymous_id, role, properties, active)
WITH {seed:UInt64} AS seed, cityHash64(seed, 80, p.no) AS dice
SELECT {project:String} AS project, toDate(toTimeZone(occurred_at, {zone:String})) AS day, ['user_signup', 'identify'][stage] AS type, person,
       toDateTime64(toDateTime(toDate({first:String}) + p.joined, {zone:String}), 3, 'UTC')
           + toIntervalMillisecond(900000 * toInt64({rhythm:Array(UInt8)}[1 + dice % 1024]) + bitShiftRight(dice, 20) % 800000 + stage) AS occurred_at,
       occurred_at + toIntervalMillisecond(50 + dice % 3000) AS received_at,
       {seq:UInt64} + toUInt64(p.no) * 2 + stage AS seq, toString(reinterpretAsUUID(sipHash128(seed, 81, p.no, stage))) AS id,
       user_id, anonymous_id, 'member' AS role,
       if(stage = 1, map('source', ['invite', 'search', 'direct', 'campaign'][1 + dice % 4]),
          map('country', toString(country), 'plan', if(dice % 20 = 0, 'supporter', 'free'))) AS properties,
       stage = 1 AS active
FROM bench.people AS p ARRAY JOIN range(1, 3) AS stage
WHERE joined >= {day_from:Int32} AND joined < {day_to:Int32} AND user_id != ''
