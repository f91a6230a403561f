-- The pages of the sessions: posts, the feed, search, profiles. The
-- first one tells where the visitor came from, one in eight by a campaign.
-- seed, project, zone
-- from, until    numbers of the sessions, half-open
-- history_end    the rows end before it
-- posts          how many there are before the first session
-- seq            number of the first row
INSERT INTO page_views (project, day, path, person, occurred_at, received_at, seq, id, user_id, anonymous_id, session_id, role, object_type, object_id,
                        url, host, title, referrer, source, utm_source, utm_medium, utm_campaign, duration_ms, device, browser, os, country, bot)
WITH
    {seed:UInt64} AS seed,
    (h) -> bitShiftRight(h, 33) / 2147483648 AS share_of,
    cityHash64(seed, 50, s.n, i) AS dice, cityHash64(seed, 51, s.n, i) AS choice, {posts:UInt64} + intDiv(s.n, 4) AS newest,
    if(choice % 100 < 55, newest - least(newest, toUInt64(-log(1.0000001 - share_of(choice)) * {posts:UInt64} / 100)),
       toUInt64(exp(share_of(choice) * log(newest))) - 1) AS post,
    dice % 100 AS mix,
    i = 0 AND NOT bot AND bitShiftRight(s.dice, 30) % 8 = 0 AS campaign, bitShiftRight(s.dice, 33) % 3 AS which,
    if(i > 0 OR bot, 0, bitShiftRight(s.dice, 35) % 8) AS origin
SELECT {project:String} AS project, toDate(toTimeZone(occurred_at, {zone:String})) AS day,
       multiIf(mix < 60, concat('/posts/post-', toString(post)), mix < 75, '/feed', mix < 85, '/', mix < 90, '/search', mix < 96,
               concat('/people/', toString(choice % 20000)), concat('/tags/topic-', toString(choice % 200))) AS path,
       person, s.starts + toIntervalMillisecond(i * 39000 + dice % 38000) AS occurred_at,
       occurred_at + toIntervalMillisecond(20 + choice % 2000) AS received_at,
       {seq:UInt64} + s.n * 64 + i AS seq, toString(reinterpretAsUUID(sipHash128(seed, 52, s.n, i))) AS id,
       user_id, anonymous_id, session_id, role,
       if(mix < 60, 'post', '') AS object_type, if(mix < 60, concat('post-', toString(post)), '') AS object_id,
       concat('https://', host, path, if(campaign, concat('?utm_source=', utm_source, '&utm_medium=', utm_medium, '&utm_campaign=', utm_campaign), '')) AS url,
       'community.example' AS host, if(mix < 60, concat('Post ', toString(post)), 'Community') AS title,
       ['', '', 'https://www.google.com/', 'https://www.google.com/', 'https://duckduckgo.com/', 'https://t.co/abc', 'https://www.linkedin.com/feed/', 'https://forum.example/'][1 + origin] AS referrer,
       ['', '', 'google', 'google', 'duckduckgo', 'twitter', 'linkedin', 'forum.example'][1 + origin] AS source,
       if(campaign, ['newsletter', 'twitter', 'partner'][1 + which], '') AS utm_source,
       if(campaign, ['email', 'social', 'referral'][1 + which], '') AS utm_medium,
       if(campaign, ['weekly_digest', 'spring_meetup', 'launch'][1 + bitShiftRight(s.dice, 36) % 3], '') AS utm_campaign,
       toUInt32(-log(1.0000001 - share_of(dice)) * 40000) AS duration_ms,
       device, browser, os, country, bot
FROM bench.sessions AS s ARRAY JOIN range(pages) AS i
WHERE n >= {from:UInt64} AND n < {until:UInt64}
  AND occurred_at < toDateTime64({history_end:String}, 3, {zone:String})
