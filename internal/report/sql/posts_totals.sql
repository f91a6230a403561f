-- What happened to posts as a whole. A post counts if somebody, or something,
-- acted on it; a view is a view event or a page view of a person that shows a post.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; in another zone they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- filters             see parts/rows.sql
-- view_types, comment_types, reaction_types, share_types    the types that count as such
WITH
acted AS
(
    SELECT uniqExact(object_id) AS posts, uniqExactIf(person, person != 0) AS people,
           countIf(has({view_types:Array(String)}, type)) AS views,
           countIf(has({comment_types:Array(String)}, type)) AS comments,
           countIf(has({reaction_types:Array(String)}, type)) AS reactions,
           countIf(has({share_types:Array(String)}, type)) AS shares
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND active AND object_type = 'post' AND object_id != ''{{template "by_role" .}}
),
seen AS
(
    SELECT count() AS views
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND NOT bot AND object_type = 'post' AND object_id != ''{{template "by_role" .}}
)
SELECT acted.posts, acted.people, acted.views + seen.views AS views,
       acted.comments, acted.reactions, acted.shares
FROM acted CROSS JOIN seen
