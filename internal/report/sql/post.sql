-- What was done to a post by period. A view is a view event or a page view of a
-- person that shows the post.
-- Tables events, sorted by (project, day, type, person, occurred_at), and
-- page_views, sorted by (project, day, path, person, occurred_at); a partition a month each.
-- project
-- day_from, day_to    days in the project's zone that hold the range, half-open; they only prune
-- bounds, periods     moments from which a period runs, ascending, in Unix milliseconds;
--                     and its number, negative outside the range
-- object              id of the post
-- filters             see parts/rows.sql
-- view_types, comment_types, reaction_types, share_types    the types that count as such
SELECT period, sum(people) AS users, sum(acts) AS events, sum(looks) AS views,
       sum(said) AS comments, sum(felt) AS reactions, sum(passed) AS shares
FROM
(
    SELECT {{template "period"}} AS period, uniqExactIf(person, person != 0) AS people, count() AS acts,
           countIf(has({view_types:Array(String)}, type)) AS looks,
           countIf(has({comment_types:Array(String)}, type)) AS said,
           countIf(has({reaction_types:Array(String)}, type)) AS felt,
           countIf(has({share_types:Array(String)}, type)) AS passed
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND period >= 0
      AND active AND object_type = 'post' AND has({object:Array(String)}, object_id){{template "by_role" .}}{{template "by_property" .}}
    GROUP BY period
    UNION ALL
    SELECT {{template "period"}} AS period, 0 AS people, 0 AS acts, count() AS looks, 0 AS said, 0 AS felt, 0 AS passed
    FROM page_views
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}
      AND period >= 0
      AND NOT bot AND object_type = 'post' AND has({object:Array(String)}, object_id){{template "by_role" .}}{{template "by_property" .}}
    GROUP BY period
)
GROUP BY period
