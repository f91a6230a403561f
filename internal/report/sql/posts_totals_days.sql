-- What happened to posts as a whole, over whole local days. A post counts if somebody, or something, acted on it;
-- a view is a view event or a page view of a person that shows a post. Who was erased has no events left.
-- Table content_day, sorted by (project, day, object_type, object_id);
-- table object_person, sorted by (project, month, object_type, object_id, person); and at the edges, where
-- a month is cut, table events, sorted by (project, day, type, person, occurred_at); a partition a month each.
-- Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to        local days of the range, half-open
-- month_from, month_to    the whole months in it; both day_to if there are none
WITH
acted AS
(
    SELECT countIf(events > 0) AS posts, sum(views) AS views, sum(comments) AS comments, sum(reactions) AS reactions, sum(shares) AS shares
    FROM
    (
        SELECT c.object_id AS post, sum(c.events) AS events, sum(c.views) AS views, sum(c.comments) AS comments,
               sum(c.reactions) AS reactions, sum(c.shares) AS shares
        FROM content_day AS c
        WHERE c.project = {project:String}
          AND c.day >= {day_from:Date} AND c.day < {day_to:Date}
          AND c.object_type = 'post'
        GROUP BY post
    )
),
people AS
(
    SELECT uniqExact(person) AS people FROM ({{template "post_acts"}})
)
SELECT acted.posts AS posts, people.people AS people, toUInt64(acted.views) AS views, toUInt64(acted.comments) AS comments,
       toUInt64(acted.reactions) AS reactions, toUInt64(acted.shares) AS shares
FROM acted CROSS JOIN people
