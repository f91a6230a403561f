-- Posts by the distinct persons who acted on them, over whole local months.
-- Table content_day, sorted by (project, day, object_type, object_id), and
-- table object_person, sorted by (project, month, object_type, object_id, person);
-- a partition a month each. Counts may have been subtracted to zero by an erasure.
-- project
-- day_from, day_to    first days of local months, half-open
-- limit, offset       page of the answer
WITH
acted AS
(
    SELECT c.object_id AS post, toUInt64(sum(c.events)) AS events
    FROM content_day AS c
    WHERE c.project = {project:String}
      AND c.day >= {day_from:Date} AND c.day < {day_to:Date}
      AND c.object_type = 'post'
    GROUP BY post
    HAVING sum(c.events) > 0
),
people AS
(
    SELECT post, count() AS users
    FROM
    (
        SELECT o.object_id AS post, o.person AS person
        FROM object_person AS o
        WHERE o.project = {project:String}
          AND o.month >= {day_from:Date} AND o.month < {day_to:Date}
          AND o.object_type = 'post'
        GROUP BY post, person
        HAVING sum(o.events) > 0
    )
    GROUP BY post
)
SELECT acted.post AS post, people.users AS users, acted.events AS events
FROM acted LEFT JOIN people ON acted.post = people.post
ORDER BY users DESC, events DESC, post
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
