-- Posts by the distinct persons who acted on them, with what was done, over whole
-- local months and in those before.
-- Table content_day, sorted by (project, day, object_type, object_id), and
-- table object_person, sorted by (project, month, object_type, object_id, person);
-- a partition a month each. Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to    first days of local months, half-open
-- bounds, periods     first days of the periods, ascending, as days since
--                     1970-01-01; and the number of the period that begins there
-- current             number of the asked range
-- limit, offset       page of the answer
WITH
acted AS
(
    SELECT object_id AS post,
           sumIf(c.events, now) AS events, sumIf(c.views, now) AS views, sumIf(c.comments, now) AS comments,
           sumIf(c.reactions, now) AS reactions, sumIf(c.shares, now) AS shares,
           sumIf(c.events, NOT now) AS events_before, sumIf(c.views, NOT now) AS views_before, sumIf(c.comments, NOT now) AS comments_before,
           sumIf(c.reactions, NOT now) AS reactions_before, sumIf(c.shares, NOT now) AS shares_before
    FROM
    (
        SELECT *, {{template "range_of_day"}} = {current:Int32} AS now
        FROM content_day
        WHERE project = {project:String}
          AND day >= {day_from:Date} AND day < {day_to:Date}
          AND object_type = 'post'
    ) AS c
    GROUP BY post
    HAVING events > 0
),
crowd AS
(
    SELECT post, countIf(acts > 0) AS users, countIf(acts_before > 0) AS users_before
    FROM
    (
        SELECT o.object_id AS post, o.person AS person, sumIf(o.events, o.now) AS acts, sumIf(o.events, NOT o.now) AS acts_before
        FROM
        (
            SELECT object_id, person, events, {{template "range_of_month"}} = {current:Int32} AS now
            FROM object_person
            WHERE project = {project:String}
              AND month >= {day_from:Date} AND month < {day_to:Date}
              AND object_type = 'post'
        ) AS o
        GROUP BY post, person
    )
    GROUP BY post
)
SELECT acted.post AS post, crowd.users AS users, toUInt64(acted.events) AS happened, toUInt64(acted.views), toUInt64(acted.comments),
       toUInt64(acted.reactions), toUInt64(acted.shares),
       crowd.users_before, toUInt64(acted.events_before), toUInt64(acted.views_before), toUInt64(acted.comments_before),
       toUInt64(acted.reactions_before), toUInt64(acted.shares_before)
FROM acted LEFT JOIN crowd ON acted.post = crowd.post
ORDER BY users DESC, happened DESC, post
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
