-- What happens in the sessions: logins, and acts on posts, whose
-- newest are looked at the most, and for the rest the first, by Zipf's law.
-- Every fourth session writes a post, which is how posts are numbered.
-- seed, project, zone
-- from, until    numbers of the sessions, half-open
-- history_end    the rows end before it
-- posts          how many there are before the first session
-- tags           how many there are; Zipf again
-- seq            number of the first row
INSERT INTO events (project, day, type, person, occurred_at, received_at, seq, id, user_id, anonymous_id, session_id, role,
                    object_type, object_id, tags, properties, active)
WITH
    {seed:UInt64} AS seed,
    (h) -> bitShiftRight(h, 33) / 2147483648 AS share_of,
    cityHash64(seed, 40, s.n, i) AS dice, bitShiftRight(dice, 10) % 1000 AS mix,
    i + 1 = s.events AND s.n % 4 = 0 AS writes, cityHash64(seed, 41, s.n, i) AS choice, {posts:UInt64} + intDiv(s.n, 4) AS newest,
    multiIf(writes, newest,
            choice % 100 < 55, newest - least(newest, toUInt64(-log(1.0000001 - share_of(choice)) * {posts:UInt64} / 100)),
            toUInt64(exp(share_of(choice) * log(newest))) - 1) AS post,
    cityHash64(seed, 42, post) AS topic
SELECT {project:String} AS project, toDate(toTimeZone(occurred_at, {zone:String})) AS day,
       multiIf(writes, 'post_created', i = 0 AND dice % 3 = 0 AND user_id != '', 'login',
               mix < 640, 'post_viewed', mix < 800, 'reaction_added', mix < 900, 'comment_added', mix < 965, 'message_sent',
               mix < 990, 'post_shared', 'search_performed') AS type,
       person, s.starts + toIntervalMillisecond(i * 47000 + dice % 46000) AS occurred_at,
       occurred_at + toIntervalMillisecond(50 + choice % 3000) AS received_at,
       {seq:UInt64} + s.n * 64 + i AS seq, toString(reinterpretAsUUID(sipHash128(seed, 43, s.n, i))) AS id,
       user_id, anonymous_id, session_id, role,
       if(type IN ('login', 'message_sent', 'search_performed'), '', 'post') AS object_type,
       if(object_type = '', '', concat('post-', toString(post))) AS object_id,
       if(object_type = '', [], arrayDistinct(arrayMap(k -> concat('topic-', toString(toUInt64(exp(share_of(cityHash64(topic, k)) * log({tags:UInt64}))) - 1)),
                                                       range(1 + topic % 3)))) AS tags,
       mapFromArrays(arrayConcat(['app'], multiIf(type = 'post_viewed', ['surface'], type = 'reaction_added', ['reaction'], type = 'login', ['method'],
                                                  type = 'post_created', ['media', 'length'], type = 'comment_added', ['length'], [])),
                     arrayConcat([['web 5.1', 'web 5.2', 'ios 3.0', 'android 3.1'][1 + s.dice % 4]],
                                 multiIf(type = 'post_viewed', [['feed', 'feed', 'search', 'profile', 'digest'][1 + choice % 5]],
                                         type = 'reaction_added', [['like', 'like', 'thanks', 'insightful'][1 + choice % 4]],
                                         type = 'login', [['password', 'password', 'google', 'github', 'magic_link'][1 + choice % 5]],
                                         type = 'post_created', [['none', 'image', 'video'][1 + choice % 3], toString(40 + choice % 3000)],
                                         type = 'comment_added', [toString(1 + choice % 900)], []))) AS properties,
       true AS active
FROM bench.sessions AS s ARRAY JOIN range(events) AS i
WHERE n >= {from:UInt64} AND n < {until:UInt64}
  AND occurred_at < toDateTime64({history_end:String}, 3, {zone:String})
