-- Posts by the distinct persons who acted on them, with what was done, over whole local days; see parts/posts.sql.
-- Table content_day, sorted by (project, day, object_type, object_id);
-- table object_person, sorted by (project, month, object_type, object_id, person); and at the edges, where
-- a month is cut, table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to        local days of the range, half-open
-- month_from, month_to    the whole months in it; both day_to if there are none
-- limit, offset           page of the answer
WITH
acted AS
(
    SELECT c.object_id AS post, toUInt64(sum(c.events)) AS events, toUInt64(sum(c.views)) AS views,
           toUInt64(sum(c.comments)) AS comments, toUInt64(sum(c.reactions)) AS reactions, toUInt64(sum(c.shares)) AS shares
    FROM content_day AS c
    WHERE c.project = {project:String}
      AND c.day >= {day_from:Date} AND c.day < {day_to:Date}
      AND c.object_type = 'post'
    GROUP BY post
    HAVING sum(c.events) > 0
),
(
    SELECT groupArray((post, events, views, comments, reactions, shares))
    FROM (SELECT * FROM acted ORDER BY events DESC, post LIMIT {{template "posts_first"}})
) AS most,
{{template "posts_least"}},
candidates AS
(
    SELECT entry.1 AS post, entry.2 AS events, entry.3 AS views, entry.4 AS comments, entry.5 AS reactions, entry.6 AS shares
    FROM (SELECT arrayJoin(most) AS entry)
    WHERE complete AND events >= least
    UNION ALL
    SELECT post, events, views, comments, reactions, shares FROM acted WHERE NOT complete AND events >= least
),
{{template "posts_people"}}
SELECT candidates.post AS post, people.users AS users, candidates.events AS events, candidates.views AS views,
       candidates.comments AS comments, candidates.reactions AS reactions, candidates.shares AS shares
FROM candidates LEFT JOIN people ON candidates.post = people.post
ORDER BY users DESC, events DESC, post
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
