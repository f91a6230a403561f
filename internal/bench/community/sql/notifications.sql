-- Notifications to those who have a session that day, from being sent to being
-- clicked; and a tenth as many, sent only, to who was there at first, still there or not.
-- seed, project, zone
-- from, until    numbers of the sessions, half-open
-- history_end    the rows end before it
-- founders       how many were there before the first day
-- seq            number of the first row
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, session_id, role, object_type, object_id, properties, active)
WITH
    {seed:UInt64} AS seed,
    ['email', 'push', 'in_app', 'sms'] AS channels, ['weekly_digest', 'new_reply', 'new_follower', 'event_reminder', 'welcome', 'win_back'] AS campaigns,
    cityHash64(seed, 60, s.n, i) AS dice, bitShiftRight(dice, 8) % 100 AS luck, dice % 10 = 0 AS lost,
    multiIf(lost, 1, luck < 8, 1, luck < 64, 2, luck < 90, 3, 4) AS reached,
    cityHash64(seed, 61, s.n, i) % {founders:UInt64} AS anybody
SELECT {project:String} AS project, toDate(toTimeZone(occurred_at, {zone:String})) AS day,
       ['notification_sent', 'notification_delivered', 'notification_opened', 'notification_clicked'][stage] AS type,
       if(lost, greatest(1, xxHash64(concat('u:', user_id))), s.person) AS person,
       s.starts + toIntervalMillisecond(dice % 1800000 + [0, 2000, 600000, 630000][stage]) AS occurred_at,
       occurred_at + toIntervalMillisecond(20 + dice % 500) AS received_at,
       {seq:UInt64} + s.n * 64 + i * 4 + stage AS seq, toString(reinterpretAsUUID(sipHash128(seed, 62, s.n, i, stage))) AS id,
       if(lost, concat('user-', toString(anybody)), s.user_id) AS user_id, '' AS session_id, if(lost, 'member', s.role) AS role,
       'notification' AS object_type, concat('notification-', toString(s.n * 4 + i)) AS object_id,
       map('channel', if(lost, 'email', channels[1 + toUInt64(4 * pow(bitShiftRight(dice, 20) % 1024 / 1024, 2))]),
           'campaign', if(lost, 'win_back', campaigns[1 + bitShiftRight(dice, 30) % 6])) AS properties,
       type != 'notification_sent' AS active
FROM (SELECT *, arrayJoin(range(notices)) AS i FROM bench.sessions WHERE n >= {from:UInt64} AND n < {until:UInt64}) AS s ARRAY JOIN range(1, 5) AS stage
WHERE stage <= reached
  AND occurred_at < toDateTime64({history_end:String}, 3, {zone:String})
