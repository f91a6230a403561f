-- Posts by the distinct persons who acted on them, with what was done. A view
-- is a view event or a page view of a person that shows the post.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- view_types, comment_types, reaction_types, share_types    the types that count as such
-- limit, offset       page of the answer
WITH
ranked AS
(
    SELECT object_id AS post, uniqExactIf(person, person != 0) AS users, count() AS events,
           countIf(has({view_types:Array(String)}, type)) AS views,
           countIf(has({comment_types:Array(String)}, type)) AS comments,
           countIf(has({reaction_types:Array(String)}, type)) AS reactions,
           countIf(has({share_types:Array(String)}, type)) AS shares
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND active AND object_type = 'post' AND object_id != ''{{template "by_role" .}}
    GROUP BY post
    ORDER BY users DESC, events DESC, post
    LIMIT {limit:UInt32} OFFSET {offset:UInt32}
),
seen AS
(
    SELECT object_id AS post, count() AS views
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND NOT bot AND object_type = 'post' AND object_id IN (SELECT post FROM ranked){{template "by_role" .}}
    GROUP BY post
)
SELECT ranked.post AS post, ranked.users AS users, ranked.events AS events,
       ranked.views + seen.views AS views, ranked.comments, ranked.reactions, ranked.shares
FROM ranked LEFT JOIN seen ON ranked.post = seen.post
ORDER BY users DESC, events DESC, post
