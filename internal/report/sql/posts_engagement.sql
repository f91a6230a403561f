-- Posts by the distinct persons who acted on them, with what was done, in a range
-- and in the one before. A view is a view event or a page view of a person that
-- shows the post.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    days in the project's zone that hold both ranges, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the ranges
-- current             number of the asked range
-- filters             see parts/rows.sql
-- view_types, comment_types, reaction_types, share_types    the types that count as such
-- limit, offset       page of the answer
WITH
ranked AS
(
    SELECT post, {{template "done_by_type"}}
    FROM
    (
        SELECT object_id AS post, person, type, {{template "period"}} AS period, period = {current:Int32} AS now
        FROM events
        WHERE project = {project:String}
          AND day >= {day_from:Date} AND day < {day_to:Date}
          AND period >= 0
          AND active AND object_type = 'post' AND object_id != ''{{template "by_role" .}}{{template "by_property" .}}
    )
    GROUP BY post
    HAVING events > 0
    ORDER BY users DESC, events DESC, post
    LIMIT {limit:UInt32} OFFSET {offset:UInt32}
),
seen AS
(
    SELECT object_id AS post, countIf(period = {current:Int32}) AS views, countIf(period != {current:Int32}) AS views_before
    FROM
    (
        SELECT object_id, {{template "period"}} AS period
        FROM page_views
        WHERE project = {project:String}
          AND day >= {day_from:Date} AND day < {day_to:Date}
          AND period >= 0
          AND NOT bot AND object_type = 'post' AND object_id IN (SELECT post FROM ranked){{template "by_role" .}}{{template "by_property" .}}
    )
    GROUP BY post
)
SELECT ranked.post AS post, ranked.users AS users, ranked.events AS events,
       ranked.views + seen.views AS views, ranked.comments, ranked.reactions, ranked.shares,
       ranked.users_before, ranked.events_before,
       ranked.views_before + seen.views_before AS views_before, ranked.comments_before, ranked.reactions_before, ranked.shares_before
FROM ranked LEFT JOIN seen ON ranked.post = seen.post
ORDER BY users DESC, events DESC, post
