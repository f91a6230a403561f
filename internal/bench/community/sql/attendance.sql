-- Events that people attend: who registers in a session comes some days later,
-- three times in five, or cancels, once in seven, unless the history ends before.
-- seed, project, zone
-- from, until    numbers of the sessions, half-open
-- history_end    the rows end before it
-- seq            number of the first row
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, anonymous_id, role, object_type, object_id, tags, properties, active)
WITH
    {seed:UInt64} AS seed,
    cityHash64(seed, 70, s.n) AS dice, bitShiftRight(dice, 8) % 100 AS luck,
    intDiv(s.day_no, 7) * 40 + toUInt64(exp(bitShiftRight(dice, 33) / 2147483648 * log(60))) - 1 AS meeting
SELECT {project:String} AS project, toDate(toTimeZone(occurred_at, {zone:String})) AS day,
       multiIf(stage = 1, 'event_registered', luck < 60, 'event_attended', 'event_cancelled') AS type,
       person, s.starts + toIntervalMillisecond(dice % 600000 + if(stage = 1, 0, 3600000 * (2 + dice % 300))) AS occurred_at,
       occurred_at + toIntervalMillisecond(50 + dice % 3000) AS received_at,
       {seq:UInt64} + s.n * 2 + stage AS seq, toString(reinterpretAsUUID(sipHash128(seed, 71, s.n, stage))) AS id,
       user_id, anonymous_id, role, 'event' AS object_type, concat('event-', toString(meeting)) AS object_id,
       ['meetups'] AS tags, map('ticket', if(dice % 4 = 0, 'supporter', 'free')) AS properties, true AS active
FROM bench.sessions AS s ARRAY JOIN range(1, 3) AS stage
WHERE n >= {from:UInt64} AND n < {until:UInt64} AND registers AND (stage = 1 OR luck < 74) AND occurred_at < toDateTime64({history_end:String}, 3, {zone:String})
